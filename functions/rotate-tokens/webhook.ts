import { randomBytes } from "node:crypto";
import type { Octokit } from "@octokit/rest";
import {
  redeliveryDays,
  type GithubSettings,
  type ManagedWebhook,
  type WebhookSecrets,
} from "../shared/contract";
import { logger } from "../shared/logger";
import { readParameters } from "../shared/parameters";
import { parametersOf } from "./read-parameters";
import { parseSecrets, type StoredSecrets } from "../shared/webhook-secrets";
import { hookClient, hookSentences } from "./hook";
import type { Rotation } from "./rotate-tokens";
import { nextStep, secretToGive } from "./secret-steps";
import { explained, SetupError } from "./setup-error";
import { writeParameter } from "./write-parameter";

/** Runs at the same time can overtake each other; more than a few rounds means that something else is wrong. */
const ROUNDS = 5;

const DAY_MS = 24 * 60 * 60_000;

/**
 * Sets the address and the secret of the webhook at GitHub, whatever stands there, makes the first secret if there is
 * none, and takes the rotation of secrets one step further if one is due. The first secret is stored before GitHub
 * gets it: cut off in between, the next run sets it.
 *
 * Runs at the same time, as after a first apply, may each make a first secret. The last one stored counts, so each run
 * looks again after it has set one, and sets the other if that came in between.
 *
 * @throws SetupError when GitHub does not let us, and says what to do
 */
export const setWebhook = async (rotation: Rotation, webhook: ManagedWebhook): Promise<void> => {
  const { settings, ssm, values, now } = rotation;
  const { secretParameter, kind, hookId, url } = webhook;
  const stored = parseSecrets(values[secretParameter]);
  let secret =
    secretToGive(stored, now()) ?? (await makeFirstSecret(rotation, secretParameter, stored)).current;
  const github = await hookClient(rotation, webhook);
  for (let round = 0; round < ROUNDS; round++) {
    const config = { url, secret, content_type: "json", insecure_ssl: "0" };
    await explained(
      update[kind](github, settings.github, Number(hookId), config),
      hookSentences(rotation, webhook),
    );
    const fresh = parseSecrets((await readParameters(parametersOf(ssm), [secretParameter]))[secretParameter]);
    const time = now();
    const wanted = secretToGive(fresh, time);
    if (wanted === undefined || wanted === secret) {
      logger.info("webhook set", { kind, hookId, url, secretParameter, rotatedAt: fresh.rotatedAt });
      return takeStep(rotation, webhook, fresh, time);
    }
    secret = wanted;
  }
  throw new SetupError(`${secretParameter} changes all the time: see who else writes it, and stop that.`);
};

const makeSecret = (): string => randomBytes(32).toString("hex");

const makeFirstSecret = async (
  rotation: Rotation,
  parameter: string,
  { previous, previousUntil }: StoredSecrets,
): Promise<WebhookSecrets> => {
  const rotatedAt = new Date(rotation.now()).toISOString();
  const secrets = { current: makeSecret(), rotatedAt, previous, previousUntil };
  await writeParameter(rotation, parameter, JSON.stringify(secrets));
  logger.info("webhook secret made", { parameter });
  return secrets;
};

/** @param fresh what was read a moment ago: the write must undo nothing of what others wrote meanwhile */
const takeStep = async (
  rotation: Rotation,
  { secretParameter, secretRotationDays }: ManagedWebhook,
  fresh: StoredSecrets,
  now: number,
): Promise<void> => {
  if (!hasCurrent(fresh)) return;
  const pace = {
    rotateAfter: secretRotationDays * DAY_MS,
    keepPrevious: redeliveryDays(rotation.settings.github) * DAY_MS,
  };
  const step = nextStep(fresh, now, pace, makeSecret);
  if (!step) return;
  await writeParameter(rotation, secretParameter, JSON.stringify(step.secrets));
  logger.info("webhook secret rotated", { parameter: secretParameter, done: step.done });
};

const hasCurrent = (secrets: StoredSecrets): secrets is WebhookSecrets => secrets.current !== undefined;

interface HookConfig {
  readonly url: string;
  readonly secret: string;
  readonly content_type: string;
  readonly insecure_ssl: string;
}

type Update = (github: Octokit, at: GithubSettings, hook: number, config: HookConfig) => Promise<unknown>;

/** `data` is the body as it is: given beside it, `url` would be taken for the address to call. */
const update: Readonly<Record<ManagedWebhook["kind"], Update>> = {
  organization: (github, { owner }, hook_id, data) =>
    github.request("PATCH /orgs/{org}/hooks/{hook_id}/config", { org: owner, hook_id, data }),
  repository: (github, { owner, repository = "" }, hook_id, data) =>
    github.request("PATCH /repos/{owner}/{repo}/hooks/{hook_id}/config", {
      owner,
      repo: repository,
      hook_id,
      data,
    }),
  app: (github, _at, _hook, data) => github.request("PATCH /app/hook/config", { data }),
};
