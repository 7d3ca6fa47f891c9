import pLimit from "p-limit";
import { redeliveryDays, type ManagedWebhook } from "../shared/contract";
import { GithubError } from "../shared/github";
import { logger } from "../shared/logger";
import type { Redelivery, RedeliveryRequest } from "../shared/token";
import { judge, type Failed } from "./deliveries";
import { openDeliveries, type HookDeliveries } from "./hook-deliveries";
import type { Rotation } from "./rotate-tokens";
import { setWebhook } from "./webhook";

const DAY_MS = 24 * 60 * 60_000;

/** An attempt is listed when its answer is there, up to ten seconds later, or a bit more. */
const OVERLAP_MS = 60_000;

/**
 * GitHub allows 180 writes a minute for one endpoint, and 100 calls at once for all that uses the same App.
 * https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits
 */
const SENT_A_RUN = 150;
const CALLS_AT_ONCE = 10;

/**
 * Has failed deliveries of the webhook sent again: each failure once, and a while after it if it was not the first.
 * GitHub's limits end this without an error: what is left is found by the next request, which begins where this
 * answer says.
 *
 * @throws SetupError, GithubError
 */
export const redeliver = async (
  rotation: Rotation,
  webhook: ManagedWebhook,
  { since, except }: RedeliveryRequest,
): Promise<Redelivery> => {
  const now = rotation.now();
  const hook = await openDeliveries(rotation, webhook);
  const oldest = now - redeliveryDays(rotation.settings.github) * DAY_MS;
  const deliveries = await hook.list(Math.max(Date.parse(since), oldest));
  const nothing: Redelivery = { ids: [], failing: [], until: since };
  if (!deliveries) return nothing;
  // By the clock as it is now: of what was delivered during the look, the age is none, not less than none.
  const { due, waiting, failing } = judge(deliveries, new Set(except), rotation.now());
  if (due.length > 0 && (await setAgain(rotation, webhook)) === "taken") return nothing;
  const { sent, left } = await sendAgain(hook, due);
  // Attempts are counted from the first, so that has to be among those that are looked at.
  const firsts = [...waiting, ...sent, ...left].map(({ first }) => first);
  const ids = sent.map(({ latest }) => latest.id);
  if (ids.length > 0) logger.info("deliveries sent again", { ids, left: left.length });
  return {
    ids,
    failing: failing.map(({ guid }) => guid),
    until: new Date(Math.min(now - OVERLAP_MS, ...firsts)).toISOString(),
  };
};

/**
 * Deliveries also fail where GitHub has another secret or address than it should, as when the webhook was made anew: what
 * is sent again would fail again, and all others until the next ordinary run.
 */
const setAgain = async (
  rotation: Rotation,
  webhook: ManagedWebhook,
): Promise<"set" | "taken" | "unknown"> => {
  try {
    return await setWebhook(rotation, webhook);
  } catch (error) {
    logger.error("webhook not set", { error });
    return "unknown";
  }
};

/** Those that GitHub will not send again, such as one that is too old, are in neither list. */
interface Sent {
  readonly sent: readonly Failed[];
  readonly left: readonly Failed[];
}

const sendAgain = async (hook: HookDeliveries, due: readonly Failed[]): Promise<Sent> => {
  const atOnce = pLimit(CALLS_AT_ONCE);
  let limited = false;
  const outcomes = await Promise.all(
    due.map((failed, index) =>
      atOnce(async () => {
        const outcome = limited || index >= SENT_A_RUN ? "left" : await sendOne(hook, failed);
        if (outcome === "limited") limited = true;
        return outcome;
      }),
    ),
  );
  return {
    sent: due.filter((_, index) => outcomes[index] === "sent"),
    left: due.filter((_, index) => outcomes[index] === "left" || outcomes[index] === "limited"),
  };
};

const sendOne = async (
  hook: HookDeliveries,
  { guid, latest: { id } }: Failed,
): Promise<"sent" | "left" | "limited" | "refused"> => {
  try {
    await hook.sendAgain(id);
    return "sent";
  } catch (error) {
    if (!(error instanceof GithubError)) throw error;
    if (error.limited) return "limited";
    logger.warn("delivery not sent again", { guid, id, error });
    return error.unclear ? "left" : "refused";
  }
};
