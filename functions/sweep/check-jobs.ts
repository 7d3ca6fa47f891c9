import { ringAlarm } from "../shared/alarm";
import type { JobAction, JobMessage } from "../shared/contract";
import {
  isSetAside,
  jobItem,
  LONGEST_WAIT_MS,
  TOO_OFTEN_PASSED_OVER,
  type Job,
  type Machine,
} from "../shared/ledger-items";
import { logger } from "../shared/logger";
import { hasOther, isFree } from "../shared/reconcile-plan";
import { getJob, type JobStatus, type WorkflowJob } from "../shared/workflow-jobs";
import { each } from "./attempt";
import { sinceTime } from "./limits";
import type { Sight } from "./look";
import type { Sweep } from "./parts";

/** Most jobs are taken within a minute; no write is spent on them. */
const YOUNG_MS = 60_000;

/** A call each, of the 900 points a minute that GitHub allows for one endpoint: enough is left for others. */
export const CHECKS_A_SWEEP = 50;

/** Within a minute GitHub has given a queued job to a runner that is online and may have it. */
const OFFERED_MS = 60_000;

/** Somebody has to open a gate, and that is told; this is for the case that it was not. */
const GATE_PAUSE_MS = 6 * 60 * 60_000;

type Seen = "waiting" | "withdrawn" | "running" | "done";

/** A job in any other status waits for something else than a machine. */
const states: Partial<Record<JobStatus, Seen>> = {
  queued: "waiting",
  in_progress: "running",
  completed: "done",
};

/** What an event would have said. */
const actions: Readonly<Record<Seen, JobAction>> = {
  waiting: "queued",
  withdrawn: "waiting",
  running: "in_progress",
  done: "completed",
};

/**
 * Asks GitHub about jobs that wait although machines were free for them, oldest first: an event of theirs may have
 * been lost. What no longer waits is written down, so that nothing more is launched for it.
 */
export const checkJobs = async (sweep: Sweep, sight: Sight): Promise<void> => {
  const { parts, settings } = sweep;
  const { fleet, view } = sight;
  await giveUpOverdue(sweep, sight);
  await checkWithdrawn(sweep, sight);
  const served = view.waiting.slice(0, freeOnes(sight).length);
  const unnoted = served.filter(
    ({ servedAt, changedAt }) => !servedAt && sinceTime(changedAt, parts.now()) > YOUNG_MS,
  );
  await each(sweep, { part: "note served jobs", fleet }, unnoted, ({ jobId }) =>
    parts.ledger.note(fleet, jobItem(jobId), { servedAt: new Date(parts.now()).toISOString() }),
  );
  const checkAfterMs = settings.checkAfterSeconds * 1000;
  // One that was set aside is given a machine once more before it is looked up again.
  const isDue = (job: Job): boolean => {
    const { servedAt, checkedAt = "" } = job;
    const since = servedAt && (servedAt > checkedAt ? servedAt : checkedAt);
    return (
      !!since && sinceTime(since, parts.now()) > checkAfterMs && !isSetAside(job, parts.now() - checkAfterMs)
    );
  };
  const due = view.waiting.filter(isDue);
  // Who took a machine that nobody told of is one of those who wait.
  let started = usedUnheard(sweep, sight);
  const others = started > 0 ? view.waiting.filter((job) => !due.includes(job)) : [];
  const part = { part: "check jobs", fleet };
  await each(sweep, part, due.slice(0, CHECKS_A_SWEEP), (job) => check(sweep, sight, job));
  await each(sweep, part, others.slice(0, Math.max(CHECKS_A_SWEEP - due.length, 0)), async (job) => {
    if (started > 0 && !(await check(sweep, sight, job))) started--;
  });
};

/** Machines that a job of the fleet could have. */
const freeOnes = ({ view, settings }: Sight): Machine[] => {
  const isOther = hasOther(settings.labels);
  return view.machines.filter((machine) => isFree(machine) && !isOther(machine));
};

/**
 * How many machines the ledger takes for free, while all else says that they have a job, or had one. To find out
 * which, before they are written down as taken, saves a machine for each.
 */
const usedUnheard = ({ settings }: Sweep, { view, records, isAbsent, there, at }: Sight): number =>
  view.machines.filter((machine) => {
    const { instanceId, state, changedAt } = machine;
    if (!isFree(machine) || state === "launching" || changedAt > at) return false;
    if (records.get(instanceId)?.busy || (there && !there.has(instanceId))) return true;
    // An ephemeral runner's record goes with its job. In token mode it also comes late.
    return isAbsent(instanceId) && (state === "idle" || settings.registration === "jit");
  }).length;

/** True: the job still waits. */
const check = async (sweep: Sweep, sight: Sight, job: Job): Promise<boolean> => {
  if (!(await lookUp(sweep, sight, job))) return false;
  if (job.state === "withdrawn") await noteChecked(sweep, sight, job);
  else if (job.servedAt) await noteQueued(sweep, sight, job);
  return true;
};

/** The job as GitHub has it. Undefined: it does not wait as the ledger says, and what became of it is written down. */
export const lookUp = async (sweep: Sweep, sight: Sight, job: Job): Promise<WorkflowJob | undefined> => {
  const { fleet, at: receivedAt } = sight;
  const { jobId, runId, runAttempt, repository, createdAt } = job;
  const found = await sweep.parts.access.call((octokit) => getJob(octokit, repository, jobId));
  if (!found) {
    await giveUp(
      sweep,
      sight,
      [job],
      "GitHub shows no such job: it is gone, or the App is not installed there",
    );
    return undefined;
  }
  const { status, runnerName, conclusion } = found;
  const state = states[status] ?? "withdrawn";
  if (state === job.state) return found;
  const action = actions[state];
  const said = { jobId, runId, runAttempt, repository, createdAt, runnerName, conclusion };
  // As of the look: an event that was received since says more.
  const message: JobMessage = { action, fleet, ...said, receivedAt, delivery: "sweep" };
  const [recorded] = await sweep.parts.ledger.record([message]);
  if (recorded?.outcome === "failed") throw recorded.error;
  logger.info("job moved on unheard", { fleet, jobId, repository, status, runnerName, ...recorded });
  return undefined;
};

const noteChecked = ({ parts }: Sweep, { fleet }: Sight, { jobId }: Job): Promise<boolean> =>
  parts.ledger.note(fleet, jobItem(jobId), { checkedAt: new Date(parts.now()).toISOString() });

const noteQueued = async ({ parts }: Sweep, sight: Sight, job: Job): Promise<void> => {
  const { fleet, settings } = sight;
  const { jobId, repository, passedOver: before = 0 } = job;
  const isOffered = (machine: Machine): boolean =>
    machine.state === "idle" && sinceTime(machine.changedAt, parts.now()) > OFFERED_MS;
  // Between two checks a machine can be ended as idle, and the next be on its way: that is no reason to begin anew.
  const offered = freeOnes(sight).some(isOffered);
  const passedOver = before + (offered ? 1 : 0);
  const checkedAt = new Date(parts.now()).toISOString();
  await parts.ledger.note(fleet, jobItem(jobId), { checkedAt, passedOver });
  if (!offered || passedOver !== TOO_OFTEN_PASSED_OVER) return;
  ringAlarm(parts.installation, "job not given to idle machines", {
    fleet,
    jobId,
    repository,
    remedy: `See that the runner group ${settings.runnerGroupName} admits ${repository}, and that the fleet's labels are those that the job asks for.`,
  });
};

/**
 * Looks at jobs that wait for something else: that they were let through may have been told before the gate was, as
 * when a failed delivery is sent again.
 */
const checkWithdrawn = async (sweep: Sweep, sight: Sight): Promise<void> => {
  const { parts, settings } = sweep;
  const { fleet, view } = sight;
  const isDue = ({ changedAt, checkedAt }: Job): boolean =>
    checkedAt === undefined
      ? sinceTime(changedAt, parts.now()) > settings.checkAfterSeconds * 1000
      : sinceTime(checkedAt, parts.now()) > GATE_PAUSE_MS;
  const due = view.withdrawn.filter(isDue).slice(0, CHECKS_A_SWEEP);
  await each(sweep, { part: "check jobs", fleet }, due, (job) => check(sweep, sight, job));
};

const giveUpOverdue = async (sweep: Sweep, sight: Sight): Promise<void> => {
  const hours = LONGEST_WAIT_MS / (60 * 60_000);
  if (sight.view.overdue.length > 0) {
    await giveUp(
      sweep,
      sight,
      sight.view.overdue,
      `queued for ${hours} hours, after which GitHub fails a job`,
    );
  }
};

export const giveUp = async (
  sweep: Sweep,
  sight: Sight,
  jobs: readonly Job[],
  reason: string,
  more: Readonly<Record<string, unknown>> = {},
): Promise<void> => {
  const { fleet, at: changedAt } = sight;
  const { ledger } = sweep.parts;
  const moved = await each(sweep, { part: "give up jobs", fleet }, jobs, async (job) => {
    const { jobId, runId, runAttempt, repository, createdAt } = job;
    const fields = { jobId, runAttempt, createdAt, changedAt, reason };
    return (await ledger.moveJob(fleet, "givenUp", fields)) ? [{ jobId, runId, repository }] : [];
  });
  const givenUp = moved.flat();
  if (givenUp.length > 0) {
    ringAlarm(sweep.parts.installation, "jobs given up", { fleet, reason, jobs: givenUp, ...more });
  }
};
