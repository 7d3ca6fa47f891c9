import { Github } from "./github-core";

let github: Github;

beforeEach(() => {
  github = new Github({ pats: ["ghp_1"] });
});

const call = async (method: string, path: string, body?: object, token = "ghp_1") => {
  const answer = await github.fetch(`https://api.github.com${path}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
    body: body && JSON.stringify(body),
  });
  const text = await answer.text();
  return { status: answer.status, body: (text ? JSON.parse(text) : {}) as { id: number; errors: object[] } };
};

const GROUPS = "/orgs/acme/actions/runner-groups";
const register = (group: number, name: string) =>
  call("POST", "/orgs/acme/actions/runners/generate-jitconfig", {
    ...{ name, runner_group_id: group, labels: ["x"] },
  });

describe("runner groups", () => {
  it("have names of their own, at their making and later", async () => {
    const { body } = await call("POST", GROUPS, { name: "ephemeral" });
    await call("POST", GROUPS, { name: "other" });

    expect((await call("POST", GROUPS, { name: "Ephemeral" })).status).toBe(409);
    expect((await call("PATCH", `${GROUPS}/${body.id}`, { name: "other" })).status).toBe(409);
    expect((await call("PATCH", `${GROUPS}/${body.id}`, { name: "ephemeral" })).status).toBe(200);
  });

  it("give their runners to the default group when they are removed, and take no more", async () => {
    const { body } = await call("POST", GROUPS, { name: "ephemeral" });
    await register(body.id, "one");

    expect((await call("DELETE", `${GROUPS}/${body.id}`)).status).toBe(204);

    expect(github.state.runnersOf("orgs/acme")).toMatchObject([{ name: "one", runner_group_id: 1 }]);
    expect((await register(body.id, "two")).status).toBe(404);
    expect((await call("GET", `${GROUPS}/${body.id}`)).status).toBe(404);
    expect((await call("POST", GROUPS, { name: "ephemeral" })).status).toBe(201);
  });
});

describe("webhooks", () => {
  const hook = (url: string, events: readonly string[], path = "/orgs/acme/hooks") =>
    call("POST", path, { config: { url }, events });

  it("of one address have no event in common, at one place", async () => {
    await hook("https://a.example.com/", ["workflow_job"]);

    const { status, body } = await hook("https://a.example.com/", ["push", "workflow_job"]);
    expect(status).toBe(422);
    expect(body.errors).toMatchObject([{ message: "Hook already exists on this organization" }]);
    expect((await hook("https://a.example.com/", ["push"])).status).toBe(201);
    expect((await hook("https://b.example.com/", ["workflow_job"])).status).toBe(201);
    expect((await hook("https://a.example.com/", ["workflow_job"], "/repos/acme/app/hooks")).status).toBe(
      201,
    );
  });
});

describe("an installation's token", () => {
  const minted = () => github.state.mintInstallationToken(undefined, 7, "acme").token;
  const list = (owner: string, token: string) =>
    call("GET", `/orgs/${owner}/actions/runners`, undefined, token);

  it("reaches what its account owns, and nothing else", async () => {
    const token = minted();

    expect((await list("Acme", token)).status).toBe(200);
    expect((await list("octo", token)).status).toBe(403);
  });

  it("reaches nothing while the installation is suspended", async () => {
    const token = minted();
    github.state.suspended.add(7);

    expect((await list("acme", token)).status).toBe(403);
  });
});
