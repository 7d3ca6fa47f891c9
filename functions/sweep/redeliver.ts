import { ringAlarm } from "../shared/alarm";
import { logger } from "../shared/logger";
import { redeliveryDays } from "../shared/contract";
import type { DealtWith } from "./deliveries";
import { sinceTime } from "./limits";
import type { Sweep } from "./parts";

const HOUR_MS = 60 * 60_000;

/** Before the first sweep there may have been a deployment that took a while. */
const FIRST_LOOK_MS = HOUR_MS;

const DAY_MS = 24 * HOUR_MS;

/** As many as the item holds without weight: some 60 bytes each, of 400 KB. */
const KEPT = 500;

/**
 * Has the webhook's failed deliveries sent again, each once. The rotation function does it, since what that takes
 * (the App's JWT, or the right to manage hooks) is nobody else's.
 */
export const redeliver = async ({ parts, settings }: Sweep): Promise<void> => {
  if (!settings.redeliver) return;
  const now = parts.now();
  const before = await parts.deliveries.read();
  const redeliverable = redeliveryDays(settings.github) * DAY_MS;
  const oldest = new Date(now - redeliverable).toISOString();
  const since = before.until ?? new Date(now - FIRST_LOOK_MS).toISOString();
  const redelivery = await parts.redeliver({
    since: since < oldest ? oldest : since,
    except: before.sent.map(({ id }) => id),
  });
  if (!redelivery) return;
  const { ids, failing, until } = redelivery;
  const at = new Date(now).toISOString();
  const news = failing.filter((id) => !before.told.some((told) => told.id === id));
  const add = (list: readonly DealtWith[], added: readonly string[]): DealtWith[] =>
    [
      ...list.filter((one) => sinceTime(one.at, now) < redeliverable),
      ...added.map((id) => ({ id, at })),
    ].slice(-KEPT);
  await parts.deliveries.write({ until, sent: add(before.sent, ids), told: add(before.told, news) });
  if (ids.length > 0) logger.info("deliveries sent again", { ids });
  if (news.length > 0) {
    ringAlarm(parts.installation, "deliveries fail again and again", {
      deliveries: news,
      remedy: "Look at the webhook's recent deliveries at GitHub, and at the log of the webhook function.",
    });
  }
};
