/** What of the webhook is people's affair: its switch, the App's events, an address that somebody else set. */
import { rotateTokens, type RotateTokensDeps } from "../../../functions/rotate-tokens/rotate-tokens";
import type {
  ManagedWebhook,
  RotateTokensSettings,
  WebhookSecrets,
} from "../../../functions/shared/contract";
import type { RotationAnswer } from "../../../functions/shared/token";
import type { GithubServer } from "../../support/github-server";
import { captureLogs, type CapturedLogs } from "../../support/logs";
import type { SsmMemory } from "../../support/ssm-memory";
import { appSettings, further, hook, MINUTE, parameter, startGithub, startSsm } from "./fixture";

const DAY = 24 * 60 * MINUTE;
const HOOKS = { organization: "orgs/acme/hooks/42", repository: "repos/acme/app/hooks/42", app: "app" };
const kinds = ["organization", "repository"] as const;

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

const settingsFor = (kind: ManagedWebhook["kind"], url = hook.url): RotateTokensSettings => {
  const webhook = { ...hook, kind, url, ...(kind === "app" && { hookId: undefined }) };
  const settings = appSettings(github, { webhook });
  return kind === "repository"
    ? { ...settings, github: { ...settings.github, repository: "app" } }
    : settings;
};

const rotate = (kind: ManagedWebhook["kind"], own: Partial<RotateTokensDeps> = {}): Promise<RotationAnswer> =>
  rotateTokens({ ssm: ssm.client, settings: settingsFor(kind), now: Date.now, ...own });

const alarms = () => logs.lines().filter(({ Alarms }) => Alarms === 1);
const current = (store: SsmMemory = ssm): string =>
  (JSON.parse(store.value(parameter.secret) ?? "") as WebhookSecrets).current;

describe.each(kinds)("the %s's webhook", (kind) => {
  const subscription = () => github.state.subscriptionOf(HOOKS[kind]);
  const configuration = () => github.state.hooks.get(HOOKS[kind]);

  it("stays off when somebody has switched it off, with address and secret set, and rings", async () => {
    subscription().active = false;

    await rotate(kind);
    await rotate(kind);

    expect(subscription().active).toBe(false);
    expect(configuration()).toMatchObject({ url: hook.url, secret: current() });
    expect(alarms()).toHaveLength(2);
    expect(alarms()[0]).toMatchObject({
      message: "webhook switched off",
      installation: "runners",
      hookId: "42",
    });
  });

  it.each([true, false])(
    "gets its event back without losing its secret or its switch (%s)",
    async (active) => {
      await rotate(kind);
      Object.assign(subscription(), { active, events: ["push"] });

      await rotate(kind);

      expect(subscription()).toEqual({ active, events: ["push", "workflow_job"] });
      expect(configuration()).toEqual({
        url: hook.url,
        secret: current(),
        content_type: "json",
        insecure_ssl: "0",
      });
    },
  );

  it.each([["workflow_job"], ["push", "workflow_job"], ["*"]])(
    "is left with the events that it has where those of jobs are among them: %j",
    async (...events) => {
      subscription().events = events;

      await rotate(kind);

      expect(subscription().events).toEqual(events);
      expect(github.requests.filter(({ method, path }) => method === "PATCH" && /\d$/.test(path))).toEqual(
        [],
      );
      expect(alarms()).toEqual([]);
    },
  );

  it("is set back when somebody changes its address: it is nobody else's", async () => {
    await rotate(kind);
    Object.assign(configuration() ?? {}, { url: "https://elsewhere.example.com/webhook" });

    const { webhook } = await rotate(kind);

    expect(webhook).toBe(hook.url);
    expect(configuration()).toMatchObject({ url: hook.url, secret: current() });
  });
});

describe("the App's webhook", () => {
  const configuration = () => github.state.hooks.get("app");
  const other = "https://other.example.com/webhook?token=of-others";
  const otherApp = { kind: "app", appId: further.appId, privateKeyParameter: parameter.furtherKey } as const;

  it("rings when the App is not subscribed to jobs, as no call can subscribe it", async () => {
    github.state.subscriptionOf("app").events = ["push"];

    await rotate("app");

    expect(configuration()).toMatchObject({ url: hook.url, secret: current() });
    expect(alarms()).toEqual([expect.objectContaining({ message: "app not subscribed to jobs" })]);
  });

  it("is taken over at the first run, whatever address it was made with", async () => {
    const { webhook } = await rotate("app");

    expect(webhook).toBe(hook.url);
    expect(alarms()).toEqual([]);
  });

  it("is left alone, with its secret, once somebody else has set its address after us, and rings", async () => {
    await rotate("app");
    Object.assign(configuration() ?? {}, { url: other, secret: "of the other" });

    const { webhook } = await rotate("app");

    expect(webhook).toBeUndefined();
    expect(configuration()).toMatchObject({ url: other, secret: "of the other" });
    expect(alarms()).toEqual([
      expect.objectContaining({
        message: "webhook taken",
        address: "https://other.example.com/webhook",
        url: hook.url,
      }),
    ]);
    expect(logs.text()).not.toContain("of-others");
  });

  it("follows our own address when that changes, and after a person gave it back", async () => {
    const moved = "https://new.example.com/webhook";
    await rotate("app");
    const { webhook } = await rotate("app", { settings: settingsFor("app", moved) });
    expect([webhook, configuration()?.url]).toEqual([moved, moved]);

    Object.assign(configuration() ?? {}, { url: other });
    await rotate("app", { settings: settingsFor("app", moved) });
    Object.assign(configuration() ?? {}, { url: moved, secret: "by hand" });
    await rotate("app", { settings: settingsFor("app", moved) });

    expect(configuration()).toMatchObject({ url: moved, secret: current() });
    expect(alarms()).toHaveLength(1);
  });

  it("is set at another App, which was made with another address, and then left alone there, too", async () => {
    await rotate("app");
    const settings = { ...settingsFor("app"), credential: otherApp };
    Object.assign(configuration() ?? {}, { url: "https://made.example.com/with", secret: "made with" });

    await rotate("app", { settings });
    expect(configuration()).toMatchObject({ url: hook.url, secret: current() });
    Object.assign(configuration() ?? {}, { url: other });
    await rotate("app", { settings });

    expect(configuration()?.url).toBe(other);
    expect(alarms()).toEqual([expect.objectContaining({ message: "webhook taken" })]);
  });

  it("takes a note of an older release for one of the App that it is now", async () => {
    ssm.put(parameter.secret, JSON.stringify({ current: "of before", address: hook.url }));
    Object.assign(configuration() ?? {}, { url: other });

    await rotate("app");

    expect(configuration()?.url).toBe(other);
  });

  it.each([
    ["is left as it was", hook.url, hook.url],
    ["is somebody else's by then", other, other],
  ])(
    "is remembered while the organization's is used in its place, and when that goes back %s",
    async (_what, address, wanted) => {
      await rotate("app");
      await rotate("organization");
      Object.assign(configuration() ?? {}, { url: address });
      const later = Date.now() + 8 * DAY;
      for (const minutes of [0, 16]) await rotate("organization", { now: () => later + minutes * MINUTE });

      await rotate("app", { now: () => later + 20 * MINUTE });

      expect(configuration()?.url).toBe(wanted);
      expect(configuration()?.secret === current()).toBe(wanted === hook.url);
    },
  );

  it("remembers the address through the steps of the secret's rotation", async () => {
    const later = Date.now() + 8 * DAY;
    await rotate("app");
    for (const minutes of [0, 16])
      await rotate("app", { now: () => later + minutes * MINUTE }).catch(() => undefined);
    expect(ssm.value(parameter.secret)).toContain('"previous"');
    Object.assign(configuration() ?? {}, { url: other });

    await rotate("app");

    expect(configuration()?.url).toBe(other);
  });

  it("remembers whose App the address is through these steps and another key, each of which writes the parameter anew", async () => {
    const later = Date.now() + 8 * DAY;
    const kmsKeyId = "arn:aws:kms:eu-central-1:123456789012:key/of-later";
    await rotate("app");
    for (const minutes of [0, 16]) await rotate("app", { now: () => later + minutes * MINUTE });
    await rotate("organization", { settings: { ...settingsFor("organization"), kmsKeyId } });
    expect(ssm.value(parameter.secret)).toContain(kmsKeyId);
    Object.assign(configuration() ?? {}, { url: "https://made.example.com/with" });

    await rotate("app", { settings: { ...settingsFor("app"), credential: otherApp, kmsKeyId } });

    expect(configuration()).toMatchObject({ url: hook.url, secret: current() });
    expect(alarms()).toEqual([]);
  });

  it("does not go back and forth between two installations: one has it, the other rings", async () => {
    const theirs = startSsm();
    const addresses: unknown[] = [];
    for (let round = 0; round < 5; round++) {
      await rotate("app");
      addresses.push(configuration()?.url);
      await rotate("app", { ssm: theirs.client, settings: settingsFor("app", other) });
      addresses.push(configuration()?.url);
    }

    expect(addresses).toEqual([hook.url, ...Array<string>(9).fill(other)]);
    expect(configuration()?.secret).toBe(current(theirs));
    expect(alarms()).toHaveLength(4);
  });
});
