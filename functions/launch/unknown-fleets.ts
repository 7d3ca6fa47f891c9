import type { JobMessage } from "../shared/contract";
import { logger } from "../shared/logger";
import { matchLabels } from "../shared/match-labels";
import type { LaunchParts } from "./take-messages";

/** By message: why it has to come again. */
export type Failures = Map<string, unknown>;

export interface Taken {
  readonly messageId: string;
  readonly message: JobMessage;
}

/** An apply updates the functions one after the other, within so many seconds as a rule. */
const UPDATED_S = 15;

/**
 * Sees to messages of fleets that this function does not know. An apply has added the fleet, and the webhook function was
 * told first: then the event is written down in the fleet's partition, and whoever knows the fleet goes on from there. Or it
 * has taken the fleet away, or renamed it: then the job is for the fleet that has its labels now. Where none has, the event is
 * written down all the same, and the sweep sees to it. To give the message back would cost it six minutes, and in the end
 * the dead-letter queue.
 *
 * @returns all of them, as they are to be written down
 */
export const placeUnknown = async (
  parts: LaunchParts,
  jobs: readonly Taken[],
  failures: Failures,
): Promise<Taken[]> => {
  const { fleetSettings, fleetList, wake, now } = parts;
  const known = await leaveClaims(parts, jobs, failures);
  // Whatever keeps the settings from being read: the event is safe without them.
  const routes = (await fleetSettings.routes().catch(() => undefined)) ?? [];
  const placed = known.map(({ messageId, message }): Taken => {
    const found = fleetSettings.knows(message.fleet) ? undefined : matchLabels(message.labels ?? [], routes);
    if (!found) return { messageId, message };
    logger.warn("job of an unknown fleet", { jobId: message.jobId, fleet: message.fleet, now: found.fleet });
    return { messageId, message: { ...message, fleet: found.fleet } };
  });
  const isUnknown = ({ message }: Taken): boolean => !fleetSettings.knows(message.fleet);
  const unknown = [...new Set(placed.filter(isUnknown).map(({ message }) => message.fleet))];
  const unheard = new Map<string, unknown>();
  // First, so that nothing is written where nobody looks.
  await Promise.all(
    unknown.map(async (fleet) => {
      try {
        await fleetList.hear(fleet, new Date(now()).toISOString());
        logger.warn("fleet not known", { fleet });
        await wake(fleet, UPDATED_S).catch(() => undefined);
      } catch (error) {
        unheard.set(fleet, error);
      }
    }),
  );
  return placed.filter(({ messageId, message: { fleet } }) => {
    if (unheard.has(fleet)) failures.set(messageId, unheard.get(fleet));
    return !unheard.has(fleet);
  });
};

/**
 * The name of a fleet that stands in a runner's name alone counts only if there was such a fleet: who may register a runner at a
 * repository can give it a name like ours, and each fleet that is listed costs every sweep two calls.
 */
const leaveClaims = async (
  { fleetSettings, fleetList }: LaunchParts,
  jobs: readonly Taken[],
  failures: Failures,
): Promise<readonly Taken[]> => {
  const isClaimed = ({ message: { fleet, labels, runnerName } }: Taken): boolean =>
    labels === undefined && runnerName !== undefined && !fleetSettings.knows(fleet);
  const claimed = jobs.filter(isClaimed);
  if (claimed.length === 0) return jobs;
  try {
    const listed = new Set((await fleetList.read()).map(({ fleet }) => fleet));
    const unlisted = claimed.filter(({ message }) => !listed.has(message.fleet));
    for (const { message } of unlisted)
      logger.info("runner of no fleet", { runnerName: message.runnerName, jobId: message.jobId });
    return jobs.filter((one) => !unlisted.includes(one));
  } catch (error) {
    for (const { messageId } of claimed) failures.set(messageId, error);
    return jobs.filter((one) => !claimed.includes(one));
  }
};
