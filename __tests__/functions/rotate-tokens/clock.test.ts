/** A GitHub whose clock is not ours, as an Enterprise Server's may be. */
import { rotateTokens } from "../../../functions/rotate-tokens/rotate-tokens";
import type { RotateTokensSettings, TokenValue } from "../../../functions/shared/contract";
import type { RotationRequest } from "../../../functions/shared/token";
import { makeAppKey } from "../../support/app-key";
import { Github } from "../../support/github-core";
import { captureLogs, type CapturedLogs } from "../../support/logs";
import { ssmMemory, type SsmMemory } from "../../support/ssm-memory";
import { hook, key, MINUTE, parameter } from "./fixture";

const SECOND = 1000;
const HOUR = 60 * MINUTE;
const api = "https://ghe.example.com/api/v3";
/** As measured on servers whose clock nobody had set. */
const skews = [
  ["31 seconds behind", -31 * SECOND],
  ["700 seconds ahead", 700 * SECOND],
  ["three hours behind", -3 * HOUR],
] as const;

let ssm: SsmMemory;
let logs: CapturedLogs;

beforeEach(() => {
  logs = captureLogs();
  ssm = ssmMemory({
    [parameter.key]: key.privateKey,
    [parameter.installation]: "unset",
    [parameter.registration]: "unset",
    [parameter.secret]: "unset",
  });
});
afterEach(() => logs.restore());

const githubAt = (skew: number): Github => {
  const github = new Github({
    app: { id: "123", publicKey: key.publicKey },
    now: () => Date.now() + skew,
  });
  github.state.hooks.set("app", { url: "", content_type: "form", insecure_ssl: "0" });
  return github;
};

const settings: RotateTokensSettings = {
  installation: "runners",

  github: { apiUrl: api, webUrl: "https://ghe.example.com", owner: "acme" },
  credential: { kind: "app", appId: "123", privateKeyParameter: parameter.key },
  installationTokenParameter: parameter.installation,
  registrationTokenParameter: parameter.registration,
  webhook: { ...hook, kind: "app", hookId: undefined },
};

const rotate = (github: Github, request?: RotationRequest) =>
  rotateTokens({ ssm: ssm.client, settings, now: Date.now, fetch: github.fetch }, request);

const failure = (github: Github): Promise<string> => rotate(github).then(() => "none", String);

describe.each(skews)("with GitHub's clock %s", (_title, skew) => {
  it("rotates the tokens and sets the App's webhook all the same, and tells the difference", async () => {
    const github = githubAt(skew);

    await rotate(github);

    const { token } = JSON.parse(ssm.value(parameter.installation) ?? "") as TokenValue;
    expect(github.state.authorize(`token ${token}`).kind).toBe("installation");
    expect(github.state.hooks.get("app")).toMatchObject({ url: hook.url });
    const told = logs.lines().find(({ message }) => message === "clocks differ") as
      { githubAheadSeconds: number } | undefined;
    expect(Math.abs((told?.githubAheadSeconds ?? 0) * SECOND - skew)).toBeLessThan(3 * SECOND);
  });

  it.each([parameter.installation, parameter.registration])(
    "writes into %s the end of its hour by our clock",
    async (name) => {
      await rotate(githubAt(skew));

      const { expiresAt } = JSON.parse(ssm.value(name) ?? "") as TokenValue;
      expect(Math.abs(Date.parse(expiresAt) - Date.now() - HOUR)).toBeLessThan(3 * SECOND);
    },
  );

  it("is refused once for each call that began before it knew, and never again", async () => {
    const github = githubAt(skew);

    await rotate(github);

    const refused = github.requests.filter(({ status }) => status === 401).length;
    // The installation is looked up while the webhook and its events are.
    expect(refused).toBeLessThanOrEqual(3);
    expect(github.requests.length).toBeGreaterThan(refused + 3);
  });

  it("has what just failed sent again at once, and what failed a moment before the last look", async () => {
    const github = githubAt(skew);
    await rotate(github);
    const job = { event: "workflow_job", action: "queued", payload: {} };
    const { id } = await github.state.deliveries.send("app", job);

    const since = new Date(Date.now() - 5 * SECOND).toISOString();
    const { redelivered } = await rotate(github, { redeliver: { since, except: [] } });

    expect(redelivered?.ids).toEqual([String(id)]);
    expect(Math.abs(Date.parse(redelivered?.until ?? "") - Date.now())).toBeLessThan(65 * SECOND);
  });
});

it("takes a few seconds for no difference, and writes the end as GitHub says it", async () => {
  const github = githubAt(-4 * SECOND);

  await rotate(github);

  const { expiresAt } = JSON.parse(ssm.value(parameter.installation) ?? "") as TokenValue;
  expect(Date.parse(expiresAt)).toBeLessThan(Date.now() + HOUR - 3 * SECOND);
  expect(logs.lines().map(({ message }) => message)).not.toContain("clocks differ");
});

it("names the clock, not the key, when GitHub goes on refusing the time", async () => {
  const github = githubAt(0);
  github.inject({
    status: 401,
    message:
      "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
  });

  const told = await failure(github);

  expect(told).toContain("The clock of ghe.example.com differs from AWS's");
  expect(told).toContain("NTP");
  expect(told).not.toContain("store one that belongs");
});

it("names the clock and the seconds, when a call by GitHub's own clock is refused, too", async () => {
  const github = githubAt(700 * SECOND);
  github.inject({
    status: 401,
    message:
      "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
  });

  expect(await failure(github)).toMatch(/differs from AWS's, which is (699|700) seconds ahead, and GitHub/);
});

it("names the key when that is wrong, whatever the clocks say", async () => {
  const github = githubAt(700 * SECOND);
  ssm.put(parameter.key, makeAppKey().privateKey);

  const told = await failure(github);

  expect(told).toContain("store one that belongs to App 123");
  expect(told).not.toContain("clock");
});
