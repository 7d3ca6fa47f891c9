import { rotateTokens } from "../../../functions/rotate-tokens/rotate-tokens";
import type { RotateTokensSettings, WebhookSecrets } from "../../../functions/shared/contract";
import type { GithubServer } from "../../support/github-server";
import { captureLogs, type CapturedLogs } from "../../support/logs";
import type { SsmMemory } from "../../support/ssm-memory";
import { appSettings, further, hook, MINUTE, parameter, startGithub, startSsm } from "./fixture";

const [A, B] = ["aaaa", "bbbb"].map((id) => `arn:aws:kms:eu-central-1:123456789012:key/${id}`);
const ACCOUNT_KEY = "alias/aws/ssm";
const NAMES = [parameter.installation, parameter.furtherInstallation, parameter.secret];

let github: GithubServer;
let ssm: SsmMemory;
let logs: CapturedLogs;

beforeEach(async () => {
  github = await startGithub();
  ssm = startSsm();
  logs = captureLogs();
});

afterEach(async () => {
  logs.restore();
  await github.stop();
});

const settingsWith = (kmsKeyId: string | undefined): RotateTokensSettings =>
  appSettings(github, { webhook: hook, furtherApps: [further], kmsKeyId });
const rotate = (kmsKeyId: string | undefined) =>
  rotateTokens({ ssm: ssm.client, settings: settingsWith(kmsKeyId), now: Date.now });

const keys = () => NAMES.map((name) => ssm.parameters.get(name)?.keyId);
const tokens = () => {
  const values = NAMES.slice(0, 2).map((name) => JSON.parse(ssm.value(name) ?? "") as { token: string });
  return values.map(({ token }) => token);
};
const secret = (): WebhookSecrets => JSON.parse(ssm.value(parameter.secret) ?? "") as WebhookSecrets;

describe("what lies under another key than the settings name", () => {
  it.each([
    ["a key that comes", undefined, A, A],
    ["another key", A, B, B],
    ["the account's own, in place of a key that goes", A, ACCOUNT_KEY, ACCOUNT_KEY],
    ["the account's own, once the key is not named any more", A, undefined, ACCOUNT_KEY],
  ])("is written anew under %s, and stays what it was", async (_what, before, after, found) => {
    await rotate(before);
    const [hadTokens, hadSecret] = [tokens(), secret().current];
    ssm.writes.length = 0;

    const answer = await rotate(after);

    expect(keys()).toEqual([found, found, found]);
    expect(tokens()).toEqual(hadTokens);
    expect(secret().current).toBe(hadSecret);
    expect(answer.tokens.map(({ minted }) => minted)).toEqual([false, false]);
    expect([...ssm.writes].sort()).toEqual([...NAMES].sort());
  });

  it.each([[undefined], [A], [ACCOUNT_KEY]])("is written once, with %s", async (kmsKeyId) => {
    await rotate(kmsKeyId);
    await rotate(kmsKeyId);
    ssm.writes.length = 0;

    await rotate(kmsKeyId);

    expect(ssm.writes).toEqual([]);
  });

  it("is written by a run to which GitHub does not answer", async () => {
    await rotate(A);
    const had = secret().current;
    github.inject({ route: "GET /orgs/{org}/hooks/{hook_id}", status: 500 });

    await rotate(B).catch(() => undefined);

    expect(keys()).toEqual([B, B, B]);
    expect(secret().current).toBe(had);
  });

  it("is a value of an earlier release, which remembers no key, and is written by the first run that is told one", async () => {
    const expiresAt = new Date(Date.now() + 50 * MINUTE).toISOString();
    ssm.put(parameter.installation, JSON.stringify({ token: "ghs_earlier", expiresAt }));
    ssm.put(parameter.secret, "set by hand");

    await rotate(A);

    expect(keys()).toEqual([A, A, A]);
    // It does not say what it was made for.
    expect(tokens()[0]).not.toBe("ghs_earlier");
    expect(secret().current).toBe("set by hand");
  });
});

describe("a parameter that is not there", () => {
  it.each(NAMES)("%s is not made, and the others are written", async (missing) => {
    ssm.parameters.delete(missing);

    await rotate(A);

    expect(ssm.parameters.has(missing)).toBe(false);
    expect(keys().filter((key) => key === A)).toHaveLength(2);
    expect(logs.text()).toContain(`There is no parameter ${missing}`);
  });

  it("leaves GitHub's webhook with the secret that it has", async () => {
    ssm.parameters.delete(parameter.secret);

    await rotate(undefined);

    expect(github.state.hooks.get("orgs/acme/hooks/42")?.secret).toBe("throw-away");
  });

  it("is not made by a run that was at work when it was destroyed", async () => {
    const destroy = () => NAMES.forEach((name) => ssm.parameters.delete(name));
    const answering = github.fetch;
    await rotateTokens({
      ssm: ssm.client,
      settings: { ...settingsWith(undefined), runner: { parameter: "/runners/version", floor: FLOOR } },
      now: Date.now,
      fetch: (input, init) => {
        destroy();
        return answering(input, init);
      },
    });

    expect([...ssm.parameters.keys()].sort()).toEqual(
      [parameter.key, parameter.pat, parameter.registration, parameter.furtherKey].sort(),
    );
    expect(ssm.writes).toEqual([]);
  });
});

const FLOOR = { version: "2.335.0", sha256: { x64: "a".repeat(64), arm64: "b".repeat(64) } };
