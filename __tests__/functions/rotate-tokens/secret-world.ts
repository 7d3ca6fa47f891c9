/** The webhook's secret: Parameter Store, GitHub and the real webhook, between them runs whose calls can fail. */
import type { SSMClient } from "@aws-sdk/client-ssm";
import { rotateTokens, type RotateTokensDeps } from "../../../functions/rotate-tokens/rotate-tokens";
import type { ManagedWebhook, RotateTokensSettings } from "../../../functions/shared/contract";
import { parseSecrets, type StoredSecrets } from "../../../functions/shared/webhook-secrets";
import { answerDelivery, type WebhookDeps } from "../../../functions/webhook/answer-delivery";
import { unwrapDelivery } from "../../../functions/webhook/delivery";
import { createSecretStore } from "../../../functions/webhook/secret-store";
import { ssmMemory } from "../../support/ssm-memory";
import { Github } from "../../support/github-core";
import { request, selfHosted, settings as webhookSettings } from "../webhook/support";
import { hook, key, NOW, parameter } from "./fixture";

/** What becomes of one call of a run. */
export type Fate =
  | "works"
  /** Nothing was done, and the caller learns it. */
  | "is refused"
  /** It was done, and the caller takes it for failed. */
  | "loses its answer"
  /** The run is killed before it. */
  | "is never made"
  /** It is done, and the run is killed. */
  | "is the last";

type Decide = () => Fate | Promise<Fate>;

/** What Terraform makes the webhook with. */
export const THROW_AWAY = "throw-away";

export const HOOKS: Readonly<Record<ManagedWebhook["kind"], string>> = {
  organization: "orgs/acme/hooks/42",
  repository: "repos/acme/app/hooks/42",
  app: "app",
};

/** Time passes by {@link advance} alone; everything else that jest could replace stays as it is. */
export const stopTheClock = (): void =>
  void jest.useFakeTimers({
    now: NOW,
    doNotFake: [
      ...(["hrtime", "nextTick", "performance", "queueMicrotask"] as const),
      ...(["setImmediate", "clearImmediate", "setInterval", "clearInterval"] as const),
      ...(["setTimeout", "clearTimeout"] as const),
    ],
  });

export const advance = (milliseconds: number): void => void jest.setSystemTime(Date.now() + milliseconds);

export const secretWorld = (kind: ManagedWebhook["kind"] = "organization", secretRotationDays = 7) => {
  const installations = [{ id: 8, owner: "acme" }];
  const github = new Github({ app: { id: "123", publicKey: key.publicKey, installations } });
  const ssm = ssmMemory({ [parameter.key]: key.privateKey, [parameter.secret]: "unset" });
  const path = HOOKS[kind];
  github.state.hooks.set(path, { url: "", secret: THROW_AWAY, content_type: "form", insecure_ssl: "0" });
  let settings: RotateTokensSettings = {
    installation: "runners",
    github: {
      apiUrl: "https://api.github.com",
      webUrl: "https://github.com",
      owner: "acme",
      ...(kind === "repository" && { repository: "app" }),
    },
    credential: { kind: "app", appId: "123", privateKeyParameter: parameter.key },
    webhook: { ...hook, kind, secretRotationDays, ...(kind === "app" && { hookId: undefined }) },
  };

  /**
   * A run whose calls meet the fates that `decide` gives them.
   *
   * @throws what the run throws
   */
  const run = (decide: Decide = () => "works"): Promise<"ended" | "killed"> =>
    new Promise((resolve, reject) => {
      const through = throughFates(decide, () => resolve("killed"));
      const client = { send: (command: never) => through(() => ssm.client.send(command)) };
      const deps: RotateTokensDeps = {
        ssm: client as unknown as SSMClient,
        settings,
        now: Date.now,
        fetch: (input, init) => through(() => github.fetch(input, init)),
      };
      rotateTokens(deps).then(() => resolve("ended"), reject);
    });

  /** A sandbox of the webhook function, which keeps what it has read. */
  const sandbox = () => {
    const deps: WebhookDeps = {
      settings: webhookSettings,
      store: createSecretStore(() => Promise.resolve(ssm.value(parameter.secret))),
      send: () => Promise.resolve(),
      now: Date.now,
    };
    return {
      accepts: async (secret: string): Promise<boolean> => {
        const delivery = unwrapDelivery(request(selfHosted("queued"), { secret }));
        return (await answerDelivery(delivery, deps)).status === 202;
      },
    };
  };

  return {
    github,
    ssm,
    run,
    sandbox,
    /** An apply: runs that began before it go on with what they were told. */
    useKey: (kmsKeyId: string | undefined): void => void (settings = { ...settings, kmsKeyId }),
    get atGithub(): string {
      return github.state.hooks.get(path)?.secret ?? "";
    },
    set atGithub(secret: string) {
      Object.assign(github.state.hooks.get(path) ?? {}, { secret });
    },
    get stored(): StoredSecrets {
      return parseSecrets(ssm.value(parameter.secret));
    },
    store: (value: string | object): void => {
      ssm.put(parameter.secret, typeof value === "string" ? value : JSON.stringify(value));
    },
  };
};

export type SecretWorld = ReturnType<typeof secretWorld>;

const throughFates =
  (decide: Decide, kill: () => void) =>
  async <T>(make: () => Promise<T>): Promise<T> => {
    const fate = await decide();
    if (fate === "is refused") throw new Error("refused by a test");
    const answer = fate === "is never made" ? undefined : await make();
    if (fate === "loses its answer") throw new Error("lost by a test");
    if (fate === "works") return answer as T;
    kill();
    return new Promise(() => undefined);
  };
