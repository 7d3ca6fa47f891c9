import { randomBytes } from "node:crypto";
import { redeliveryDays, type ManagedWebhook, type WebhookSecrets } from "../shared/contract";
import { logger } from "../shared/logger";
import { readParameters } from "../shared/parameters";
import { parametersOf } from "./read-parameters";
import { openHook } from "./hook-at-github";
import { appOf, isTaken, missingSubscription, tellSilence, tellTaken } from "./hook-judge";
import type { Rotation } from "./rotate-tokens";
import { liesUnderKey, underKey } from "./parameter-key";
import { parseNoted, type NotedSecrets } from "./noted-secrets";
import { nextStep, secretToGive } from "./secret-steps";
import { SetupError } from "./setup-error";
import { writeParameter } from "./write-parameter";

/** Runs at the same time can overtake each other; more than a few rounds means that something else is wrong. */
const ROUNDS = 5;

const DAY_MS = 24 * 60 * 60_000;

/**
 * Sets the address and the secret of the webhook at GitHub, whatever stands there, has it send events of jobs, makes the
 * first secret if there is none, and takes the rotation of secrets one step further if one is due. The first secret is
 * stored before GitHub gets it: cut off in between, the next run sets it.
 *
 * Runs at the same time, as after a first apply, may each make a first secret. The last one stored counts, so each run
 * looks again after it has set one, and sets the other if that came in between.
 *
 * An App's webhook that somebody else has set after us is left alone, and so is the switch of any: both ring.
 *
 * @throws SetupError when GitHub does not let us, and says what to do
 */
export const setWebhook = async (rotation: Rotation, webhook: ManagedWebhook): Promise<"set" | "taken"> => {
  const { ssm, values, now } = rotation;
  const { secretParameter, kind, hookId, url } = webhook;
  const stored = parseNoted(values[secretParameter]);
  await placeUnderKey(rotation, secretParameter, stored);
  const hook = await openHook(rotation, webhook);
  const state = await hook.read();
  if (isTaken(rotation, webhook, state, stored)) {
    tellTaken(rotation, webhook, state);
    return "taken";
  }
  tellSilence(rotation, webhook, state);
  let subscription = missingSubscription(state);
  let secret =
    secretToGive(stored, now()) ?? (await makeFirstSecret(rotation, secretParameter, stored)).current;
  for (let round = 0; round < ROUNDS; round++) {
    await hook.write({ url, secret, content_type: "json", insecure_ssl: "0" }, subscription);
    subscription = undefined;
    const fresh = parseNoted((await readParameters(parametersOf(ssm), [secretParameter]))[secretParameter]);
    const time = now();
    const wanted = secretToGive(fresh, time);
    if (wanted !== undefined && wanted !== secret) {
      secret = wanted;
    } else if (!(await noteAddress(rotation, webhook, fresh))) {
      logger.info("webhook set", { kind, hookId, url, secretParameter, rotatedAt: fresh.rotatedAt });
      await takeStep(rotation, webhook, fresh, time);
      return "set";
    }
  }
  throw new SetupError(`${secretParameter} changes all the time: see who else writes it, and stop that.`);
};

/**
 * Writes secrets that lie under another key anew, whatever becomes of the rest of this run. What another run has written
 * meanwhile may be undone by it, as by any write: GitHub never had that.
 */
const placeUnderKey = async (rotation: Rotation, parameter: string, stored: NotedSecrets): Promise<void> => {
  const { settings, values } = rotation;
  if (stored.current === undefined || liesUnderKey(values[parameter], settings)) return;
  await writeParameter(rotation, parameter, underKey(stored, settings));
  logger.info("webhook secret placed under another key", { parameter });
};

/**
 * Writes down that GitHub has the address, where others may set it, too. True: it was written, and like any write it may
 * have undone that of a run at the same time, so GitHub is given once more what is stored.
 */
const noteAddress = async (
  rotation: Rotation,
  { kind, url, secretParameter }: ManagedWebhook,
  fresh: NotedSecrets,
): Promise<boolean> => {
  const addressApp = appOf(rotation);
  const isNoted = fresh.address === url && fresh.addressApp === addressApp;
  if (kind !== "app" || fresh.current === undefined || isNoted) return false;
  const secrets = { ...fresh, address: url, addressApp };
  await writeParameter(rotation, secretParameter, underKey(secrets, rotation.settings));
  return true;
};

const makeSecret = (): string => randomBytes(32).toString("hex");

const makeFirstSecret = async (
  rotation: Rotation,
  parameter: string,
  { previous, previousUntil, address, addressApp }: NotedSecrets,
): Promise<WebhookSecrets> => {
  const rotatedAt = new Date(rotation.now()).toISOString();
  const secrets = { current: makeSecret(), rotatedAt, previous, previousUntil, address, addressApp };
  await writeParameter(rotation, parameter, underKey(secrets, rotation.settings));
  logger.info("webhook secret made", { parameter });
  return secrets;
};

/** @param fresh what was read a moment ago: the write must undo nothing of what others wrote meanwhile */
const takeStep = async (
  rotation: Rotation,
  { secretParameter, secretRotationDays }: ManagedWebhook,
  fresh: NotedSecrets,
  now: number,
): Promise<void> => {
  if (!hasCurrent(fresh)) return;
  const pace = {
    rotateAfter: secretRotationDays * DAY_MS,
    keepPrevious: redeliveryDays(rotation.settings.github) * DAY_MS,
  };
  const step = nextStep(fresh, now, pace, makeSecret);
  if (!step) return;
  await writeParameter(rotation, secretParameter, underKey(step.secrets, rotation.settings));
  logger.info("webhook secret rotated", { parameter: secretParameter, done: step.done });
};

const hasCurrent = (secrets: NotedSecrets): secrets is WebhookSecrets => secrets.current !== undefined;
