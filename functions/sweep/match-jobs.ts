import type { FleetRoute } from "../shared/contract";
import { jobItem, type Job } from "../shared/ledger-items";
import { logger } from "../shared/logger";
import { fits, matchLabels } from "../shared/match-labels";
import { quoted } from "../shared/strange-text";
import type { WorkflowJob } from "../shared/workflow-jobs";
import { each } from "./attempt";
import { CHECKS_A_SWEEP, giveUp, lookUp } from "./check-jobs";
import { sinceTime } from "./limits";
import type { Sight } from "./look";
import { within, type Sweep } from "./parts";

/** An apply may be under way, and another function know the fleet already. */
const GRACE_MS = 5 * 60_000;

/** As much of the sweep's time as questions about them may take: where GitHub is slow, the rest is for what else there is to do. */
const ASK_MS = 8_000;

/** What is left of an event that came without labels: the next one may bring them. */
const YOUNG_MS = 60_000;

/** Of a stranger, as it is shown. */
const TEXT_CHARACTERS = 60;

/**
 * Looks whether jobs that wait are still for the fleet that they wait in: a fleet can be renamed, taken away, or given other
 * labels. They are moved to the fleet that has their labels now. Where none has, nothing can come of the wait: GitHub is
 * asked once more, and the job given up, with an alarm.
 *
 * @returns what was seen, without the jobs that the fleet does not serve
 */
export const matchJobs = async (sweep: Sweep, sights: readonly Sight[]): Promise<readonly Sight[]> => {
  const routes = await sweep.parts.fleetSettings.routes().catch(() => undefined);
  // With a fleet unknown, its jobs would seem to be nobody's.
  if (!routes) return sights;
  return Promise.all(sights.map((sight) => matchIn(sweep, sight, routes)));
};

const matchIn = async (sweep: Sweep, sight: Sight, routes: readonly FleetRoute[]): Promise<Sight> => {
  const { fleet, view } = sight;
  const { now } = sweep.parts;
  const jobs = [...view.waiting, ...view.withdrawn];
  const targetOf = (labels: readonly string[]) => targetIn(sight, routes, labels);
  const strayed = jobs.flatMap((job) => {
    const to = job.labels && targetOf(job.labels);
    return to === undefined || to === fleet ? [] : [{ job, to }];
  });
  await each(sweep, { part: "move jobs", fleet }, strayed, ({ job, to }) => move(sweep, sight, job, to));
  const unlabelled = jobs.filter(
    ({ labels, changedAt }) => labels === undefined && sinceTime(changedAt, now()) > YOUNG_MS,
  );
  const unmatched = jobs.filter(({ labels }) => labels !== undefined && targetOf(labels) === undefined);
  await noteUnmatched(sweep, sight, unmatched);
  const due = unmatched.filter(
    ({ unmatchedAt }) => unmatchedAt !== undefined && sinceTime(unmatchedAt, now()) > GRACE_MS,
  );
  const asked = [...due, ...unlabelled].slice(0, CHECKS_A_SWEEP);
  const hopeless = await each(within(sweep, ASK_MS), { part: "match jobs", fleet }, asked, (job) =>
    askFor(sweep, sight, job, targetOf),
  );
  await giveUpUnmatched(sweep, sight, hopeless.flat());
  const gone = new Set([...strayed.map(({ job }) => job), ...unmatched]);
  const stays = (job: Job): boolean => !gone.has(job);
  return {
    ...sight,
    strayed: view.waiting.filter((job) => !stays(job)),
    view: { ...view, waiting: view.waiting.filter(stays), withdrawn: view.withdrawn.filter(stays) },
  };
};

/** The fleet for the labels; the one where the job waits if its machines can run it and there is no better one. */
const targetIn = (
  { fleet, former, settings }: Sight,
  routes: readonly FleetRoute[],
  labels: readonly string[],
): string | undefined =>
  matchLabels(labels, routes)?.fleet ?? (!former && fits(labels, settings.labels) ? fleet : undefined);

const noteUnmatched = async (sweep: Sweep, { fleet }: Sight, jobs: readonly Job[]): Promise<void> => {
  const { ledger, now } = sweep.parts;
  const unnoted = jobs.filter(({ unmatchedAt }) => unmatchedAt === undefined);
  if (unnoted.length === 0) return;
  const jobIds = unnoted.map(({ jobId }) => jobId);
  logger.warn("no fleet has the labels of jobs that wait", { fleet, jobIds });
  const unmatchedAt = new Date(now()).toISOString();
  await each(sweep, { part: "note unmatched jobs", fleet }, unnoted, ({ jobId }) =>
    ledger.note(fleet, jobItem(jobId), { unmatchedAt }),
  );
};

const move = async ({ parts }: Sweep, { fleet }: Sight, job: Job, to: string): Promise<void> => {
  const isMoved = await parts.ledger.moveToFleet(fleet, to, job);
  if (isMoved) logger.warn("job moved", { fleet, to, jobId: job.jobId, repository: job.repository });
};

/** A job that waits for a fleet that there is not, as GitHub shows it. */
interface Hopeless {
  readonly job: Job;
  readonly found: WorkflowJob;
}

/**
 * It may have ended, which the webhook function tells of no job whose labels are no fleet's.
 *
 * @returns the job, if there is no fleet for it
 */
const askFor = async (
  sweep: Sweep,
  sight: Sight,
  job: Job,
  targetOf: (labels: readonly string[]) => string | undefined,
): Promise<Hopeless[]> => {
  const { fleet } = sight;
  const found = await lookUp(sweep, sight, job);
  if (!found) return [];
  if (job.labels !== undefined) return [{ job, found }];
  const { labels } = found;
  const to = targetOf(labels);
  if (to !== undefined && to !== fleet) await move(sweep, sight, { ...job, labels }, to);
  else await sweep.parts.ledger.note(fleet, jobItem(job.jobId), { labels });
  return [];
};

const giveUpUnmatched = async (sweep: Sweep, sight: Sight, hopeless: readonly Hopeless[]): Promise<void> => {
  if (hopeless.length === 0) return;
  const shown = (text: string): string => quoted(text, TEXT_CHARACTERS);
  const jobs = hopeless.map(({ job }) => job);
  await giveUp(sweep, sight, jobs, "no fleet has the labels of the job (any more)", {
    names: hopeless.map(({ found }) => ({
      jobId: found.jobId,
      name: shown(found.name),
      labels: found.labels.map(shown),
    })),
    remedy:
      "Give a fleet these labels, or change runs-on of the job; then cancel its run and start it again. At GitHub it stays queued, and fails after 24 hours.",
  });
};
