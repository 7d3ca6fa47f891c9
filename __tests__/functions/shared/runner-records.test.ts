import { githubClient, type GithubClient } from "../../../functions/shared/github";
import {
  deleteRunner,
  deleteRunnerByName,
  findRunner,
  generateJitConfig,
  getRunner,
  listRunners,
  runnerList,
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

it("lists runners, 100 a page", async () => {
  for (let number = 0; number < 201; number++) await make(`runner-${number}`);
  Object.assign(runner() ?? {}, { status: "online", busy: true });
  github.requests.length = 0;

  const { total, runners } = await listRunners(octokit, organization);
  const last = await listRunners(octokit, organization, { page: 3 });

  expect(total).toBe(201);
  expect(runners.map(({ name }) => name)).toEqual(
    Array.from({ length: 100 }, (_, number) => `runner-${number}`),
  );
  expect(runners.slice(0, 2)).toEqual([
    { id: runner()?.id, name: "runner-0", status: "online", groupId: "3", busy: true },
    { id: runner(1)?.id, name: "runner-1", status: "offline", groupId: "3", busy: false },
  ]);
  expect(last).toMatchObject({ total: 201, runners: [{ name: "runner-200" }] });
  expect(github.requests).toHaveLength(2);
});

it("lists the runners of a group, and none of another", async () => {
  const settings = (runnerGroupId: string) => fleetSettings({ runnerGroupId });
  await generateJitConfig(octokit, organization, "ours", settings("7"));
  await generateJitConfig(octokit, organization, "another", settings("8"));

  expect(await listRunners(octokit, organization, { group: "7" })).toMatchObject({
    total: 1,
    runners: [{ name: "ours" }],
  });
});

it.each([
  ["a group of the organization", organization, "7", "7"],
  ["GitHub's default group, where all are who name no other", organization, "1", undefined],
  ["a repository, which has no groups", repository, "7", undefined],
])("knows the shortest list for %s", (_, at, runnerGroupId, list) => {
  expect(runnerList(at, { runnerGroupId })).toBe(list);
});

it("asks for one runner by its id", async () => {
  const { runnerId } = await make("one");

  expect(await getRunner(octokit, organization, runnerId)).toMatchObject({ id: runnerId, name: "one" });
  expect(await getRunner(octokit, organization, runnerId + 1)).toBeUndefined();
  github.inject({ status: 502 });
  await expect(getRunner(octokit, organization, runnerId)).rejects.toMatchObject({ status: 502 });
});

it("keeps to the repository when there is one", async () => {
  const { runnerId } = await make("one", repository);

  expect(await listRunners(octokit, organization)).toEqual({ total: 0, runners: [] });
  expect(await listRunners(octokit, repository)).toMatchObject({ runners: [{ id: runnerId }] });
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
    expect(await listRunners(octokit, organization)).toMatchObject({ runners: [{ name: "two" }] });
  });
});
