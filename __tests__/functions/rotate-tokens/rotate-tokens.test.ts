import { AddTagsToResourceCommand, PutParameterCommand } from "@aws-sdk/client-ssm";
import { rotateTokens, RotationFailedError } from "../../../functions/rotate-tokens/rotate-tokens";
import { useOfApp } from "../../../functions/rotate-tokens/tokens";
import type { AppCredential, RotateTokensSettings, TokenValue } from "../../../functions/shared/contract";
import type { RotationRequest } from "../../../functions/shared/token";
import type { GithubServer } from "../../support/github-server";
import { captureLogs, type CapturedLogs } from "../../support/logs";
import type { SsmMemory } from "../../support/ssm-memory";
import { storedToken } from "../../support/stored-token";
import {
  appSettings,
  further,
  hook,
  MINUTE,
  parameter,
  patSettings,
  route,
  startGithub,
  startSsm,
} from "./fixture";

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

const rotate = (settings: RotateTokensSettings, request?: RotationRequest, now = Date.now) =>
  rotateTokens({ ssm: ssm.client, settings, now }, request);

const stored = (name: string): TokenValue => JSON.parse(ssm.value(name) ?? "") as TokenValue;

/** As this function stored it when it had these settings. */
const store = (
  name: string,
  token: string,
  minutes: number,
  settings: RotateTokensSettings = appSettings(github),
): void => {
  const expiresAt = new Date(Date.now() + minutes * MINUTE).toISOString();
  const app = settings.credential as AppCredential;
  const owner = name === parameter.furtherInstallation ? further : app;
  ssm.put(name, storedToken({ token, expiresAt }, settings.github, owner.appId, useOfApp(settings, owner)));
};

describe("as the App", () => {
  it("stores an installation token that GitHub takes, with the end of its hour as value and tag", async () => {
    await rotate(appSettings(github));

    const { token, expiresAt } = stored(parameter.installation);
    expect(github.state.authorize(`token ${token}`).kind).toBe("installation");
    expect(Date.parse(expiresAt) - Date.now()).toBeGreaterThan(59 * MINUTE);
    expect(ssm.parameters.get(parameter.installation)?.tags).toEqual({ ExpiresAt: expiresAt });
    expect(ssm.parameters.get(parameter.installation)?.type).toBe("SecureString");
  });

  it("gives the stored token the permissions that launching needs, and no others", async () => {
    await rotate(appSettings(github));

    expect(github.state.permissionsOf(stored(parameter.installation).token)).toEqual({
      organization_self_hosted_runners: "write",
      actions: "read",
    });
  });

  it("lets the stored token run jobs again when interrupted ones are to run again", async () => {
    await rotate(appSettings(github, { rerunInterrupted: true }));

    expect(github.state.permissionsOf(stored(parameter.installation).token)).toEqual({
      organization_self_hosted_runners: "write",
      actions: "write",
    });
  });

  it("narrows the stored token to the repository when runners are registered there", async () => {
    const settings = appSettings(github);
    await rotate({ ...settings, github: { ...settings.github, repository: "app" } });

    expect(github.state.permissionsOf(stored(parameter.installation).token)).toEqual({
      administration: "write",
      actions: "read",
    });
    expect(github.requestsTo(route.accessToken)[0]?.body.repositories).toEqual(["app"]);
    expect(github.requests[0]?.path).toBe("/repos/acme/app/installation");
  });

  it("mints no registration token unless it is asked for", async () => {
    await rotate(appSettings(github));

    expect(ssm.value(parameter.registration)).toBe("unset");
    expect(github.state.registrationTokens.size).toBe(0);
  });

  it("stores a registration token, too, in token mode", async () => {
    await rotate(appSettings(github, { registrationTokenParameter: parameter.registration }));

    const { token, expiresAt } = stored(parameter.registration);
    expect(github.state.registrationTokens.get(token)?.scope).toBe("orgs/acme");
    expect(expiresAt).toMatch(/Z$/);
    expect(Date.parse(expiresAt)).toBe(github.state.registrationTokens.get(token)?.expiresAt);
  });

  it("looks the installation up when it is not given, and does not when it is", async () => {
    await rotate(appSettings(github));
    const looked = github.requestsTo("GET /orgs/{org}/installation").length;
    const settings = appSettings(github);
    await rotate(
      { ...settings, credential: { ...settings.credential, installationId: "7" } as never },
      { refresh: true },
    );

    expect(looked).toBe(1);
    expect(github.requestsTo("GET /orgs/{org}/installation")).toHaveLength(1);
    expect(github.requestsTo(route.accessToken)).toHaveLength(2);
  });

  it("encrypts with the key it is given", async () => {
    await rotate(appSettings(github, { kmsKeyId: "alias/runners" }));

    expect(ssm.parameters.get(parameter.installation)?.keyId).toBe("alias/runners");
  });
});

describe("with a further App", () => {
  const both = (own: Partial<RotateTokensSettings> = {}) =>
    appSettings(github, { furtherApps: [further], ...own });

  it("stores a token of each App, each made with its own key, with the same permissions", async () => {
    const { tokens } = await rotate(both({ rerunInterrupted: true }));

    const names = [parameter.installation, parameter.furtherInstallation];
    const made = names.map((name) => stored(name).token);
    expect(tokens.map(({ parameter: name }) => name)).toEqual(names);
    expect(made.map((token) => github.state.authorize(`token ${token}`).name)).toEqual([
      "installation ID 7",
      "installation ID 8",
    ]);
    expect(github.state.permissionsOf(made[1] ?? "")).toEqual(github.state.permissionsOf(made[0] ?? ""));
  });

  it("mints registration tokens as the first App only", async () => {
    await rotate(both({ registrationTokenParameter: parameter.registration }));

    expect(github.state.registrationTokens.size).toBe(1);
  });

  it.each([
    ["the further App's key is not filled", parameter.furtherKey, parameter.installation, "App 456"],
    ["the first App's key is not filled", parameter.key, parameter.furtherInstallation, "App 123"],
  ])("stores the other's token when %s, and names the App", async (_title, broken, other, app) => {
    ssm.put(broken, "unset");

    const error: unknown = await rotate(both()).catch((reason: unknown) => reason);

    expect(error).toBeInstanceOf(RotationFailedError);
    expect(String(error)).toContain(`The parameter ${broken} is not filled`);
    expect(String(error)).toContain(app);
    expect(stored(other).token).toMatch(/^ghs_/);
  });

  it("tells which App is not installed", async () => {
    const error: unknown = await rotate(both({ furtherApps: [{ ...further, installationId: "9" }] })).catch(
      (reason: unknown) => reason,
    );

    expect(String(error)).toContain("App 456 has no installation 9");
    expect(stored(parameter.installation).token).toMatch(/^ghs_/);
  });
});

describe("with a personal access token", () => {
  it("stores a registration token only, and never the personal access token", async () => {
    const answer = await rotate(patSettings(github));

    expect(github.state.registrationTokens.has(stored(parameter.registration).token)).toBe(true);
    expect(ssm.writes).toEqual([parameter.registration]);
    expect(JSON.stringify([answer, ssm.value(parameter.registration), logs.text()])).not.toContain(
      "ghp_owner",
    );
  });

  it("registers at the repository when one is given", async () => {
    const settings = patSettings(github);
    await rotate({ ...settings, github: { ...settings.github, repository: "app" } });

    const { token } = stored(parameter.registration);
    expect(github.state.registrationTokens.get(token)?.scope).toBe("repos/acme/app");
  });
});

describe("a token that is there already", () => {
  it.each([
    ["keeps one that lasts 36 minutes more", 36, {}, "kept"],
    ["replaces one that lasts 34 minutes more", 34, {}, "minted"],
    ["replaces one that lasts 59 minutes more when GitHub refused it", 59, { refresh: true }, "minted"],
  ])("%s", async (_title, minutes, request, outcome) => {
    store(parameter.installation, "ghs_old", minutes);

    const { tokens } = await rotate(appSettings(github), request);

    expect(stored(parameter.installation).token === "ghs_old").toBe(outcome === "kept");
    expect(tokens[0]?.minted).toBe(outcome === "minted");
  });

  const secondApp = { kind: "app", appId: "456", privateKeyParameter: parameter.furtherKey } as const;
  it.each<[string, Partial<RotateTokensSettings>]>([
    ["another App", { credential: secondApp }],
    [
      "another installation",
      {
        credential: { kind: "app", appId: "123", installationId: "7", privateKeyParameter: parameter.key },
      },
    ],
    ["the right to run jobs again", { rerunInterrupted: true }],
  ])("replaces one that was made without %s, however fresh, and keeps the new one", async (_title, more) => {
    store(parameter.installation, "ghs_old", 59);
    const settings = appSettings(github, more);

    const [before, after] = [await rotate(settings), await rotate(settings)];

    expect(stored(parameter.installation).token).toMatch(/^ghs_(?!old)/);
    expect([before.tokens[0]?.minted, after.tokens[0]?.minted]).toEqual([true, false]);
  });

  it("replaces one of an older release, which did not say what it was made for", async () => {
    const expiresAt = new Date(Date.now() + 59 * MINUTE).toISOString();
    ssm.put(parameter.installation, JSON.stringify({ token: "ghs_old", expiresAt }));

    await rotate(appSettings(github));

    expect(stored(parameter.installation).token).not.toBe("ghs_old");
  });

  it("replaces the token of a further App when another one is in its place", async () => {
    const furtherApps = [further];
    await rotate(appSettings(github, { furtherApps }));
    const kept = stored(parameter.furtherInstallation).token;

    await rotate(appSettings(github, { furtherApps: [{ ...further, installationId: "8" }] }));

    expect(stored(parameter.furtherInstallation).token).not.toBe(kept);
  });

  it("replaces a registration token when another access token is stored, and says nothing of either", async () => {
    github.state.addPat("ghp_other");
    await rotate(patSettings(github));
    const kept = stored(parameter.registration).token;
    await rotate(patSettings(github));
    expect(stored(parameter.registration).token).toBe(kept);

    ssm.put(parameter.pat, "ghp_other");
    await rotate(patSettings(github));

    expect(stored(parameter.registration).token).not.toBe(kept);
    expect(ssm.value(parameter.registration)).not.toContain("ghp_");
  });

  it("replaces the one that is old and keeps the one that is fresh", async () => {
    store(parameter.installation, "ghs_old", 59);
    store(parameter.registration, "OLD", 10);

    await rotate(appSettings(github, { registrationTokenParameter: parameter.registration }));

    expect(stored(parameter.installation).token).toBe("ghs_old");
    expect(github.state.registrationTokens.has(stored(parameter.registration).token)).toBe(true);
  });

  it("ends with usable tokens however many runs there are at a time", async () => {
    const settings = appSettings(github, { registrationTokenParameter: parameter.registration });

    await Promise.all([rotate(settings), rotate(settings), rotate(settings)]);

    expect(github.state.authorize(`token ${stored(parameter.installation).token}`).kind).toBe("installation");
    expect(github.state.registrationTokens.has(stored(parameter.registration).token)).toBe(true);
  });
});

describe("secrecy", () => {
  it("puts no token and no key into answer or logs", async () => {
    const answer = await rotate(appSettings(github, { registrationTokenParameter: parameter.registration }));

    const shown = JSON.stringify(answer) + logs.text();
    expect(logs.lines().map(({ message }) => message)).toEqual(["token written", "token written"]);
    expect(shown).toContain(parameter.installation);
    expect(shown).not.toContain(stored(parameter.installation).token);
    expect(shown).not.toContain(stored(parameter.registration).token);
    expect(shown).not.toContain("PRIVATE KEY");
    expect(shown).not.toContain("eyJ");
  });
});

describe("refusals", () => {
  const refusal = async (settings: RotateTokensSettings): Promise<Error> =>
    rotate(settings).then(
      () => new Error("no refusal"),
      (error: Error) => error,
    );

  it.each([
    ["unset"],
    ["not a key"],
    ["-----BEGIN RSA PRIVATE KEY-----\nbm90IGEga2V5\n-----END RSA PRIVATE KEY-----"],
  ])("says which parameter to fill with what when it holds %j", async (value) => {
    ssm.put(parameter.key, value);

    const error = await refusal(appSettings(github));

    expect(error).toBeInstanceOf(RotationFailedError);
    expect(error.message).toMatch(
      /^The parameter \/acme\/github-app-key (is not filled|holds no RSA private key): /,
    );
    expect(error.message).toContain('the .pem file that GitHub generates under "Private keys" of App 123');
  });

  it("says which parameter to fill when there is no personal access token", async () => {
    ssm.put(parameter.pat, "unset");

    expect((await refusal(patSettings(github))).message).toMatch(
      /^The parameter \/acme\/pat is not filled: /,
    );
  });

  it("says that the key belongs to another App", async () => {
    const settings = appSettings(github);
    const error = await refusal({
      ...settings,
      credential: { ...settings.credential, appId: "124" } as never,
    });

    expect(error).toBeInstanceOf(RotationFailedError);
    expect(error.message).toBe(
      "GitHub refuses the private key in /acme/github-app-key: store one that belongs to App 124.",
    );
  });

  it("says that the App is not installed at the owner", async () => {
    const settings = appSettings(github);
    const error = await refusal({ ...settings, github: { ...settings.github, owner: "other" } });

    expect(error.message).toBe("App 123 is not installed at other: install it there, or correct the owner.");
  });

  it("says that the installation does not exist", async () => {
    const settings = appSettings(github);
    const error = await refusal({
      ...settings,
      credential: { ...settings.credential, installationId: "8" } as never,
    });

    expect(error.message).toBe("App 123 has no installation 8: correct installationId, or leave it out.");
  });

  it("does without the right to run jobs again until the owner has granted it", async () => {
    await github.stop();
    github = await startGithub({
      permissions: { actions: "read", organization_self_hosted_runners: "write" },
    });

    await rotate({ ...appSettings(github), rerunInterrupted: true, webhook: undefined });

    expect(github.state.permissionsOf(stored(parameter.installation).token)).toEqual({
      actions: "read",
      organization_self_hosted_runners: "write",
    });
    expect(logs.text()).toContain("interrupted jobs cannot be run again");
  });

  it("names the permission that the App lacks", async () => {
    await github.stop();
    github = await startGithub({
      permissions: { actions: "read", organization_self_hosted_runners: "read" },
    });

    const error = await refusal(appSettings(github));

    expect(error.message).toBe(
      `App 123 lacks "Organization permissions: Self-hosted runners: Read and write": ` +
        `grant it in the App's settings, and have the owner accept it for the installation.`,
    );
  });

  it("says that the personal access token has expired", async () => {
    github.state.revoke("ghp_owner");

    expect((await refusal(patSettings(github))).message).toMatch(
      /^GitHub refuses the credential: it has expired/,
    );
  });

  it("says that the personal access token may not register runners", async () => {
    github.state.addPat("ghp_owner", { actions: "read" });

    expect((await refusal(patSettings(github))).message).toMatch(
      /^The credential may not register runners at acme/,
    );
  });

  it("does not take a rate limit for a missing permission", async () => {
    github.rateLimit.remaining = 0;

    expect((await refusal(patSettings(github))).message).toContain("API rate limit exceeded");
  });

  it("fails, so that it is tried again, when a token cannot be stored", async () => {
    ssm.stub.on(PutParameterCommand).rejects(new Error("throttled"));

    expect(await refusal(appSettings(github))).toBeInstanceOf(RotationFailedError);
    expect(logs.lines()).toContainEqual(
      expect.objectContaining({ level: "ERROR", message: "token not rotated" }),
    );
  });

  it("writes the one token even if the other cannot be had", async () => {
    github.inject({ route: route.registration, status: 500 });

    const error = await refusal(appSettings(github, { registrationTokenParameter: parameter.registration }));

    expect(error).toBeInstanceOf(RotationFailedError);
    expect(stored(parameter.installation).token).toMatch(/^ghs_/);
  });

  it("says once what stops everything", async () => {
    await github.stop();
    github = await startGithub({ installations: [] });

    const error = await refusal(
      appSettings(github, { registrationTokenParameter: parameter.registration, webhook: hook }),
    );

    expect(error.message).toBe("App 123 is not installed at acme: install it there, or correct the owner.");
  });

  it("only warns when the tag cannot be written", async () => {
    ssm.stub.on(AddTagsToResourceCommand).rejects(new Error("throttled"));

    await rotate(appSettings(github));

    expect(stored(parameter.installation).token).toMatch(/^ghs_/);
    expect(logs.lines()).toContainEqual(
      expect.objectContaining({ level: "WARN", message: "tag not written" }),
    );
  });
});
