import { rotateTokens, RotationFailedError } from "../../../functions/rotate-tokens/rotate-tokens";
import type { RotateTokensSettings, WebhookSecrets } from "../../../functions/shared/contract";
import type { RotationAnswer } from "../../../functions/shared/token";
import type { GithubServer } from "../../support/github-server";
import { captureLogs, type CapturedLogs } from "../../support/logs";
import type { SsmMemory } from "../../support/ssm-memory";
import { appSettings, hook, MINUTE, parameter, patSettings, route, startGithub, startSsm } from "./fixture";

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

const rotate = (settings: RotateTokensSettings): Promise<RotationAnswer> =>
  rotateTokens({ ssm: ssm.client, settings, now: Date.now });

const secrets = (): WebhookSecrets => JSON.parse(ssm.value(parameter.secret) ?? "") as WebhookSecrets;
const inDays = (days: number): string => new Date(Date.now() + days * 24 * 60 * MINUTE).toISOString();
const organizationHook = () => github.state.hooks.get("orgs/acme/hooks/42");

describe("the first run", () => {
  it("makes a secret of 32 random bytes, and gives GitHub that and the address", async () => {
    const answer = await rotate(appSettings(github, { webhook: hook }));

    expect(secrets().current).toMatch(/^[0-9a-f]{64}$/);
    expect(organizationHook()).toEqual({
      url: "https://api.example.com/webhook",
      secret: secrets().current,
      content_type: "json",
      insecure_ssl: "0",
    });
    expect(answer.webhook).toBe("https://api.example.com/webhook");
  });

  it("stores the secret before GitHub gets it", async () => {
    const atGithub: unknown[] = [];
    ssm.afterWrite = (name) => name === parameter.secret && atGithub.push(organizationHook()?.secret);

    await rotate(appSettings(github, { webhook: hook }));

    expect(atGithub).toEqual(["throw-away"]);
  });

  it("puts the secret into no answer and no log, even when GitHub refuses it", async () => {
    const answer = await rotate(appSettings(github, { webhook: hook }));
    github.inject({ route: route.hook, status: 500 });
    const error: unknown = await rotate(appSettings(github, { webhook: hook })).catch(
      (reason: unknown) => reason,
    );

    const shown = JSON.stringify(answer) + logs.text() + JSON.stringify(error) + String(error);
    expect(logs.lines().map(({ message }) => message)).toContain("webhook not set");
    expect(shown).not.toContain(secrets().current);
  });

  it("ends with the same secret here and at GitHub when several runs begin at once", async () => {
    github.inject({ route: route.hook, latency: 30, times: 1 });
    const settings = appSettings(github, { webhook: hook });

    await Promise.all([rotate(settings), rotate(settings), rotate(settings)]);

    expect(organizationHook()?.secret).toBe(secrets().current);
  });

  it("sets the other secret when another run stored it in between", async () => {
    ssm.afterWrite = (name) => name === parameter.secret && ssm.put(name, '{"current":"of-the-other-run"}');

    await rotate(appSettings(github, { webhook: hook }));

    expect(organizationHook()?.secret).toBe("of-the-other-run");
  });
});

describe("each later run", () => {
  it("heals an apply cut off after the secret was stored", async () => {
    ssm.put(parameter.secret, '{"current":"stored"}');

    await rotate(appSettings(github, { webhook: hook }));

    expect(organizationHook()).toMatchObject({ url: "https://api.example.com/webhook", secret: "stored" });
  });

  it("heals a hook that was made anew, with its throw-away secret", async () => {
    await rotate(appSettings(github, { webhook: hook }));
    Object.assign(organizationHook() ?? {}, {
      url: "https://old.example.com/webhook",
      secret: "throw-away-2",
    });

    await rotate(appSettings(github, { webhook: hook }));

    expect(organizationHook()).toMatchObject({ url: hook.url, secret: secrets().current });
  });

  it("sets a new address, and keeps the secret", async () => {
    await rotate(appSettings(github, { webhook: hook }));
    const { current } = secrets();

    await rotate(appSettings(github, { webhook: { ...hook, url: "https://new.example.com/webhook" } }));

    expect(organizationHook()).toMatchObject({ url: "https://new.example.com/webhook", secret: current });
    expect(ssm.writes.filter((name) => name === parameter.secret)).toHaveLength(1);
  });

  it("keeps the previous secret up to its end, and sets the current one", async () => {
    const stored = { current: "new", previous: "old", previousUntil: inDays(1) };
    ssm.put(parameter.secret, JSON.stringify(stored));

    await rotate(appSettings(github, { webhook: hook }));

    expect(secrets()).toEqual(stored);
    expect(organizationHook()?.secret).toBe("new");
  });

  it("makes a current secret where only a previous one is left, and keeps that", async () => {
    ssm.put(parameter.secret, '{"previous":"old"}');

    await rotate(appSettings(github, { webhook: hook }));

    expect(secrets()).toMatchObject({ current: organizationHook()?.secret, previous: "old" });
  });

  it("takes a secret that was set by hand, and makes another to follow it, as nobody knows its age", async () => {
    ssm.put(parameter.secret, "set by hand");

    await rotate(appSettings(github, { webhook: hook }));

    expect(organizationHook()?.secret).toBe("set by hand");
    expect(secrets()).toEqual({
      current: "set by hand",
      next: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      nextSince: expect.any(String) as string,
    });
  });
});

describe("the call to GitHub", () => {
  const mintedFor = (): unknown[] => github.requestsTo(route.accessToken).map(({ body }) => body.permissions);

  it("uses a token that can do nothing else, and is stored nowhere", async () => {
    await rotate(appSettings(github, { webhook: hook }));

    expect(mintedFor()).toContainEqual({ organization_hooks: "write" });
    const { token } = JSON.parse(ssm.value(parameter.installation) ?? "") as { token: string };
    expect(github.state.permissionsOf(token)).not.toHaveProperty("organization_hooks");
    expect(github.requestsTo(route.hook).map(({ authorization }) => authorization)).toEqual(["installation"]);
  });

  it("sets a repository's webhook with that repository's permission", async () => {
    const settings = appSettings(github, { webhook: { ...hook, kind: "repository" } });
    await rotate({ ...settings, github: { ...settings.github, repository: "app" } });

    expect(mintedFor()).toContainEqual({ repository_hooks: "write" });
    expect(github.state.hooks.get("repos/acme/app/hooks/42")).toMatchObject({
      url: hook.url,
      secret: secrets().current,
    });
  });

  it("sets the App's own webhook with its JWT", async () => {
    await rotate(appSettings(github, { webhook: { ...hook, kind: "app", hookId: undefined } }));

    expect(github.state.hooks.get("app")).toMatchObject({ url: hook.url, secret: secrets().current });
    expect(github.requestsTo("PATCH /app/hook/config")[0]?.authorization).toBe("app");
  });

  it("sets an organization's webhook with a personal access token", async () => {
    await rotate(patSettings(github, { webhook: hook }));

    expect(organizationHook()?.secret).toBe(secrets().current);
    expect(github.requestsTo(route.hook)[0]?.authorization).toBe("pat");
  });
});

describe("when GitHub does not let it", () => {
  const failure = async (settings: RotateTokensSettings): Promise<Error> => {
    const error: unknown = await rotate(settings).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(RotationFailedError);
    expect(logs.lines()).toContainEqual(
      expect.objectContaining({ level: "ERROR", message: "webhook not set" }),
    );
    return error as Error;
  };

  it("still writes the tokens, then fails and says why the webhook is out of sight", async () => {
    github.state.hooks.clear();

    const error = await failure(appSettings(github, { webhook: hook }));

    expect(error.message).toMatch(
      /^GitHub shows no webhook 42 of acme to this credential: apply again .* OAuth/,
    );
    expect(ssm.value(parameter.installation)).toContain("ghs_");
  });

  it("still writes the tokens, then fails and names the permission that the App lacks", async () => {
    await github.stop();
    github = await startGithub({
      permissions: { actions: "read", organization_self_hosted_runners: "write" },
    });

    const error = await failure(appSettings(github, { webhook: hook }));

    expect(error.message).toContain('App 123 lacks "Organization permissions: Webhooks: Read and write"');
    expect(ssm.value(parameter.installation)).toContain("ghs_");
  });

  it("says that a personal access token may not edit webhooks", async () => {
    github.state.addPat("ghp_owner", { organization_self_hosted_runners: "write" });

    const error = await failure(patSettings(github, { webhook: hook }));

    expect(error.message).toBe(
      "The credential may not edit webhook 42 of acme: give it the right to manage webhooks there.",
    );
    expect(ssm.value(parameter.registration)).not.toBe("unset");
  });

  it("says that a personal access token cannot set an App's webhook", async () => {
    const error = await failure(patSettings(github, { webhook: { ...hook, kind: "app" } }));

    expect(error.message).toMatch(/^Only the GitHub App itself can set its webhook: /);
  });

  it("sets the webhook even when the tokens cannot be minted", async () => {
    await github.stop();
    github = await startGithub({ permissions: { organization_hooks: "write" } });

    const error: unknown = await rotate(appSettings(github, { webhook: hook })).catch(
      (reason: unknown) => reason,
    );

    expect(error).toBeInstanceOf(RotationFailedError);
    expect(organizationHook()?.secret).toBe(secrets().current);
  });
});
