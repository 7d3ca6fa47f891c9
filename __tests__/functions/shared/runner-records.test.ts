import { githubClient, type GithubClient } from "../../../functions/shared/github";
import {
  deleteRunner,
  deleteRunnerByName,
  findRunner,
  generateJitConfig,
  listRunners,
} from "../../../functions/shared/runner-records";
import { fleetSettings } from "../../support/fleet-world";
import { Github } from "../../support/github-core";

const apiUrl = "https://api.github.com";
const organization = { apiUrl, webUrl: "https://github.com", owner: "acme" };
const repository = { ...organization, repository: "app" };
const DELETE = "DELETE /orgs/{org}/actions/runners/{runner_id}";

let github: Github;
let octokit: GithubClient;

beforeEach(() => {
  github = new Github({ pats: ["ghp_1"] });
  octokit = githubClient({ apiUrl, token: "ghp_1", fetch: github.fetch });
});

const make = (name: string, at: typeof organization = organization) =>
  generateJitConfig(octokit, at, name, fleetSettings());
const runner = (index = 0) => github.state.runnersOf("orgs/acme")[index];

it("lists all runners, 100 a page", async () => {
  for (let number = 0; number < 201; number++) await make(`runner-${number}`);
  Object.assign(runner() ?? {}, { status: "online", busy: true });
  github.requests.length = 0;

  const runners = await listRunners(octokit, organization);

  expect(runners.map(({ name }) => name)).toEqual(
    Array.from({ length: 201 }, (_, number) => `runner-${number}`),
  );
  expect(runners.slice(0, 2)).toEqual([
    { id: runner()?.id, name: "runner-0", status: "online", busy: true },
    { id: runner(1)?.id, name: "runner-1", status: "offline", busy: false },
  ]);
  expect(github.requests).toHaveLength(3);
});

it("keeps to the repository when there is one", async () => {
  const { runnerId } = await make("one", repository);

  expect(await listRunners(octokit, organization)).toEqual([]);
  expect(await listRunners(octokit, repository)).toMatchObject([{ id: runnerId }]);
  expect(await deleteRunner(octokit, repository, runnerId)).toBe("deleted");
});

it("finds the runner of a name, and no other", async () => {
  const { runnerId } = await make("one");

  expect(await findRunner(octokit, organization, "one")).toMatchObject({ id: runnerId, name: "one" });
  expect(await findRunner(octokit, organization, "on")).toBeUndefined();
});

describe("a deletion", () => {
  it("says whether there was a runner", async () => {
    const { runnerId } = await make("one");

    expect(await deleteRunner(octokit, organization, runnerId)).toBe("deleted");
    expect(await deleteRunner(octokit, organization, runnerId)).toBe("absent");
    expect(runner()).toBeUndefined();
  });

  it.each([
    ['Bad request - Runner "one" is currently running a job and cannot be deleted.'],
    ['Bad request - Runner "one" is still running a job"'],
  ])("says that the runner is busy when GitHub refuses with %j", async (message) => {
    const { runnerId } = await make("one");
    github.inject({ route: DELETE, status: 422, message });

    expect(await deleteRunner(octokit, organization, runnerId)).toBe("busy");
    expect(await deleteRunnerByName(octokit, organization, "one")).toBe("busy");
  });

  it.each([
    ["a refusal for another reason", { status: 422, message: "Validation failed" }],
    ["a missing permission", { status: 403, message: "Resource not accessible by integration" }],
    ["an outage", { status: 502 }],
  ])("takes %s for no answer to its question", async (_what, fault) => {
    github.inject({ route: DELETE, ...fault });

    await expect(deleteRunner(octokit, organization, 1)).rejects.toMatchObject({ status: fault.status });
  });

  it("finds its runner by name", async () => {
    await make("one");
    await make("two");

    expect(await deleteRunnerByName(octokit, organization, "one")).toBe("deleted");
    expect(await deleteRunnerByName(octokit, organization, "one")).toBe("absent");
    expect(await listRunners(octokit, organization)).toMatchObject([{ name: "two" }]);
  });
});
