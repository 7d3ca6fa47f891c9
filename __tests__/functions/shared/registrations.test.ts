import { createRegistrar, type Registrar } from "../../../functions/shared/registrations";
import { runnerName, type GithubSettings, type RegistrationMode } from "../../../functions/shared/contract";
import type { TokenSource } from "../../../functions/shared/token";
import { fleetSettings, START } from "../../support/fleet-world";
import { GithubServer } from "../../support/github-server";

const machine = (number: number) => ({
  instanceId: `i-${number.toString(16).padStart(17, "0")}`,
  launchId: "launch-1",
  market: "spot" as const,
});
const name = runnerName("runners", "linux-x64", machine(1).instanceId);
const organization = "POST /orgs/{org}/actions/runners/generate-jitconfig";

let server: GithubServer;
let token: string;
let tokens: TokenSource & { refusals: number };
beforeEach(async () => {
  server = await GithubServer.start();
  token = server.state.mintInstallationToken().token;
  tokens = {
    refusals: 0,
    get: () => Promise.resolve(token),
    refused: () => {
      tokens.refusals++;
      return Promise.resolve((token = server.state.mintInstallationToken().token));
    },
    prime: () => undefined,
  };
});
afterEach(() => server.stop());

const registrar = (mode: RegistrationMode = "jit", github: Partial<GithubSettings> = {}): Registrar =>
  createRegistrar({
    installation: "runners",
    github: { apiUrl: server.url, webUrl: "https://github.com", owner: "acme", ...github },
    mode,
    token: tokens,
    now: () => START,
  });
const register = (one: Registrar = registrar(), count = 1) =>
  one.register(
    "linux-x64",
    fleetSettings(),
    Array.from({ length: count }, (_, i) => machine(i + 1)),
  );
const records = () => server.state.runnersOf("orgs/acme");

describe("a JIT registration", () => {
  it("is ephemeral, named for its instance, in the fleet's group and with the fleet's labels", async () => {
    const { registered, failed } = await register();

    expect(failed).toEqual([]);
    expect(records()).toMatchObject([{ name, ephemeral: true, runner_group_id: 3 }]);
    expect(records()[0]?.labels.map((label) => label.name)).toEqual(["self-hosted", "linux", "x64"]);
    expect(registered).toMatchObject([{ runnerId: records()[0]?.id, machine: machine(1) }]);
    expect(registered[0]?.handoff).toMatchObject({
      instance: `AROAEXAMPLE:${machine(1).instanceId}`,
      expiresAt: START / 1000 + 600,
    });
    expect(registered[0]?.handoff.environment).toMatch(/^ACTIONS_RUNNER_INPUT_JITCONFIG=[\w+/=]+$/);
  });

  it("is asked for at the repository when runners are registered there", async () => {
    await register(registrar("jit", { repository: "app" }));

    expect(server.state.runnersOf("repos/acme/app")).toMatchObject([{ name }]);
  });

  it("is asked for concurrently", async () => {
    server.inject({ latency: 100 });
    const begun = Date.now();

    const { registered } = await register(registrar(), 20);

    expect(registered).toHaveLength(20);
    expect(Date.now() - begun).toBeLessThan(1000);
  });

  it.each([
    ["its answer was lost", { loseAnswer: true }],
    ["GitHub failed", { status: 502 }],
  ])("is had on the second try when %s, and one record stays", async (_, fault) => {
    server.inject({ route: organization, times: 1, ...fault });

    const { registered } = await register();

    expect(registered).toHaveLength(1);
    expect(records()).toMatchObject([{ id: registered[0]?.runnerId }]);
  });

  it("is had with a new token when GitHub refuses the one at hand", async () => {
    server.state.revoke(token);

    expect((await register()).registered).toHaveLength(1);
    expect(tokens.refusals).toBe(1);
  });

  it("fails after one new token", async () => {
    server.inject({ route: organization, status: 401 });

    const { failed } = await register();

    expect(failed).toMatchObject([{ machine: machine(1), error: { status: 401 } }]);
    expect(server.requestsTo(organization)).toHaveLength(2);
  });

  it("fails at once at a limit, and for a group that GitHub does not admit", async () => {
    server.inject({ route: organization, status: 403, headers: { "retry-after": "60" }, times: 1 });
    expect((await register()).failed).toMatchObject([{ error: { limited: true } }]);
    server.inject({ route: organization, status: 422, times: 1 });
    expect((await register()).failed).toMatchObject([{ error: { status: 422 } }]);

    expect(server.requestsTo(organization)).toHaveLength(2);
  });

  it("leaves no record behind when it failed without a clear answer", async () => {
    server.inject({ route: organization, loseAnswer: true, times: 2 });

    const { failed } = await register();

    expect(failed).toHaveLength(1);
    expect(records()).toEqual([]);
  });

  it("fails for one machine without failing for the others", async () => {
    server.inject({ route: organization, status: 404, times: 1 });

    const { registered, failed } = await register(registrar(), 3);

    expect([registered.length, failed.length]).toEqual([2, 1]);
  });
});

describe("a registration with the shared token", () => {
  const environmentOf = async (github: Partial<GithubSettings> = {}) =>
    (await register(registrar("token", github))).registered[0]?.handoff.environment.split("\n");

  it("is ephemeral and unattended, in the fleet's group and with the fleet's labels, and asks GitHub nothing", async () => {
    expect(await environmentOf()).toEqual([
      "ACTIONS_RUNNER_INPUT_URL=https://github.com/acme",
      `ACTIONS_RUNNER_INPUT_TOKEN=${token}`,
      `ACTIONS_RUNNER_INPUT_NAME=${name}`,
      "ACTIONS_RUNNER_INPUT_LABELS=self-hosted,linux,x64",
      "ACTIONS_RUNNER_INPUT_RUNNERGROUP=ephemeral",
      "ACTIONS_RUNNER_INPUT_WORK=_work",
      "ACTIONS_RUNNER_INPUT_EPHEMERAL=true",
      "ACTIONS_RUNNER_INPUT_UNATTENDED=true",
    ]);
    expect(server.requests).toEqual([]);
  });

  it("names no group for a repository, which has none", async () => {
    const environment = await environmentOf({ repository: "app" });

    expect(environment).toContain("ACTIONS_RUNNER_INPUT_URL=https://github.com/acme/app");
    expect(environment?.join()).not.toContain("RUNNERGROUP");
  });
});
