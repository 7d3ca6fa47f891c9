import type { JobMessage } from "../shared/contract";
import { logger } from "../shared/logger";
import { matchLabels } from "../shared/match-labels";
import { listQueuedJobs } from "../shared/workflow-jobs";
import { each } from "./attempt";
import { sinceTime } from "./limits";
import type { Sight } from "./look";
import type { Sweep } from "./parts";

/** The event of a younger job may be on its way. */
const YOUNG_MS = 60_000;

/**
 * Events that were never sent are rare, and a look takes a call for each run that has not ended, out of the hour's
 * 5,000 that registrations are made of, too.
 */
const PAUSE_MS = 6 * 60_000;

/**
 * Writes down jobs that are queued at GitHub and that no event told of. A job that waits already is left as it is:
 * its wait would begin anew. The ledger itself refuses one that is further on.
 */
export const readBacklog = async (sweep: Sweep, sights: readonly Sight[]): Promise<void> => {
  const { parts, settings } = sweep;
  const { repositories = [], routes = [] } = settings.backlog ?? {};
  if (parts.now() - parts.backlog.readAt < PAUSE_MS || parts.access.isShort()) return;
  parts.backlog.readAt = parts.now();
  // Events that were received since say more than the lists.
  const receivedAt = new Date(parts.now()).toISOString();
  const lists = await each(sweep, { part: "list queued jobs" }, repositories, async (repository) => {
    const jobs = await parts.access.call((octokit) => listQueuedJobs(octokit, repository));
    return jobs.map((job) => ({ ...job, repository }));
  });
  const unheard = lists.flat().flatMap(({ jobId, runId, runAttempt, createdAt, labels, repository }) => {
    const sight = sights.find(({ fleet }) => fleet === matchLabels(labels, routes)?.fleet);
    const young = sinceTime(createdAt, parts.now() + parts.access.skew()) <= YOUNG_MS;
    // In whichever fleet: this sweep may have moved it.
    if (!sight || young || sights.some((one) => isWaiting(one, jobId))) return [];
    const message: JobMessage = {
      action: "queued",
      fleet: sight.fleet,
      jobId,
      runId,
      runAttempt,
      repository,
      // Compared as text, so of one form.
      createdAt: new Date(createdAt).toISOString(),
      labels,
      receivedAt,
      delivery: "backlog",
    };
    return [message];
  });
  if (unheard.length === 0) return;
  const recorded = await parts.ledger.record(unheard);
  const moved = unheard.filter((_, index) => recorded[index]?.outcome === "moved");
  const jobs = moved.map(({ fleet, jobId, repository }) => ({ fleet, jobId, repository }));
  if (jobs.length > 0) logger.warn("jobs that no event told of", { jobs });
  const failed = recorded.find((one) => one.outcome === "failed");
  if (failed) throw failed.error;
};

const isWaiting = ({ view, strayed = [] }: Sight, jobId: number): boolean =>
  [...view.waiting, ...view.overdue, ...strayed].some((job) => job.jobId === jobId);
