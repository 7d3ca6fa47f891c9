import { ALARM_METRIC, type JobMessage, type WebhookSettings } from "../shared/contract";
import { countOf } from "../shared/metrics";
import { admitsSource } from "./admits-source";
import type { Delivery } from "./delivery";
import { MAXIMUM_BYTES, PayloadError, readPayload, readWorkflowJob } from "./read-payload";
import { routeJob } from "./route-job";
import type { SecretStore } from "./secret-store";
import { verifySignature } from "./verify-signature";

export interface WebhookDeps {
  readonly settings: WebhookSettings;
  readonly store: SecretStore;
  /** Puts the message on the jobs queue. */
  readonly send: (message: JobMessage) => Promise<void>;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

export interface Answer {
  readonly status: 200 | 202 | 400 | 401 | 403 | 500 | 503;
  /** What GitHub's page of deliveries shows. */
  readonly text: string;
  /** What the log line tells beside that; nothing of the request before the signature has been verified. */
  readonly details?: object;
}

/**
 * Nothing of a delivery is looked at before its signature is verified, and before that only where it comes from. Nothing
 * it holds makes this reject.
 */
export const answerDelivery = async (delivery: Delivery, deps: WebhookDeps): Promise<Answer> => {
  try {
    return (
      (await refuseSource(delivery, deps)) ??
      (await refuseStranger(delivery, deps.store)) ??
      (await takeJob(delivery, deps))
    );
  } catch (error) {
    if (error instanceof PayloadError) return { status: 400, text: error.message };
    return { status: 500, text: "failed: redeliver this delivery", details: { error } };
  }
};

/**
 * The address alone decides. Whether GitHub signed the delivery is looked at afterwards, for the log and an alarm: only a
 * list that has grown stale is met by a true signature. The caller learns nothing of it.
 */
const refuseSource = async (
  delivery: Delivery,
  { settings: { installation, sourceAddresses }, store }: WebhookDeps,
): Promise<Answer | undefined> => {
  const { sourceAddress } = delivery;
  if (admitsSource(sourceAddresses, sourceAddress)) return undefined;
  const signed = await isSigned(delivery, store);
  return {
    status: 403,
    text: "the source address is not on the list: see the log of the webhook function",
    details: {
      // The address is API Gateway's word, not the caller's, so it may be logged.
      sourceAddress,
      advice: signed ? STALE_ADVICE : SOURCE_ADVICE,
      ...(signed && countOf(installation, ALARM_METRIC)),
    },
  };
};

const SOURCE_ADVICE =
  "If it is one of GitHub's (hooks in https://api.github.com/meta), add its network to sourceAddresses, apply, and redeliver.";
const STALE_ADVICE =
  "GitHub signed it, so sourceAddresses is out of date: add what hooks in https://api.github.com/meta has more, apply, and redeliver.";

/**
 * No more work for a stranger to cause than without a list: one HMAC, of a body that GitHub could have sent. A signature
 * that does not match never has the secrets read again.
 */
const isSigned = async ({ signature, body }: Delivery, store: SecretStore): Promise<boolean> => {
  if (!signature || body.length > MAXIMUM_BYTES) return false;
  const secrets = await store.secrets().catch(() => []);
  return verifySignature(secrets, signature, body);
};

const refuseStranger = async (
  { signature, body }: Delivery,
  store: SecretStore,
): Promise<Answer | undefined> => {
  const secrets = await store.secrets();
  if (secrets.length === 0) return { status: 503, text: "no webhook secret yet" };
  if (verifySignature(secrets, signature, body)) return undefined;
  if (signature && verifySignature(await store.freshSecrets(), signature, body)) return undefined;
  return { status: 401, text: signature ? "the signature does not match" : "X-Hub-Signature-256 is missing" };
};

const takeJob = async (delivery: Delivery, { settings, send, now }: WebhookDeps): Promise<Answer> => {
  if (delivery.event !== "ping" && delivery.event !== "workflow_job") {
    return leave("only workflow_job is of use here");
  }
  const payload = readPayload(delivery.body, delivery.contentType);
  if (delivery.event === "ping") return leave("ping");

  const job = readWorkflowJob(payload);
  const seen = { action: job.action, jobId: job.workflow_job.id, repository: job.repository.full_name };
  const receipt = { receivedAt: new Date(now()).toISOString(), delivery: delivery.id };
  const routing = routeJob(job, settings, receipt);
  if ("reason" in routing) return leave(routing.reason, seen);

  const details = { ...seen, fleet: routing.message.fleet };
  try {
    await send(routing.message);
  } catch (error) {
    return { status: 500, text: "the jobs queue did not take it: redeliver", details: { ...details, error } };
  }
  return { status: 202, text: "taken", details };
};

const leave = (reason: string, details?: object): Answer => ({
  status: 200,
  text: `left alone: ${reason}`,
  details,
});
