import { ringAlarm } from "../shared/alarm";
import { machineOfRunner } from "../shared/contract";
import { GithubError, type GithubClient } from "../shared/github";
import type { Machine, Task } from "../shared/ledger-items";
import {
  getJob,
  getRun,
  listAllJobs,
  listLatestJobs,
  rerunFailedJobs,
  rerunJob as rerun,
  type WorkflowJob,
  type WorkflowRun,
} from "../shared/workflow-jobs";
import { isTaken, otherEnd } from "./interrupted-job";
import { sinceTime } from "./limits";
import type { Sight } from "./look";
import type { Sweep } from "./parts";
import { extentOf, type Extent } from "./rerun-extent";
import type { Outcome, Try } from "./tasks";

/** Events come within seconds; after this nobody will say any more which job it was. */
const NO_JOB_MS = 15 * 60_000;

const over = (why: string): Outcome => ({ over: true, why });
const later = (why: string): Outcome => ({ over: false, why });

/**
 * Has a job whose machine was taken run again: once, after its whole run has ended, since GitHub refuses it before,
 * and only if the interruption is what ended it. With it, what GitHub cancelled for its sake.
 */
export const rerunJob: Try = async (sweep, sight, task, machine) => {
  const { parts, settings } = sweep;
  if (!settings.rerunInterrupted) return over("not wanted");
  const { jobId, runId, repository } = machine ?? {};
  if (jobId === undefined || runId === undefined || repository === undefined) {
    const since = machine ? machine.changedAt : task.createdAt;
    const silent = isGone(machine) && sinceTime(since, parts.now()) > NO_JOB_MS;
    return silent ? over("it had no job") : later("its job is not known");
  }
  return parts.access.call(async (octokit) => {
    const job = await getJob(octokit, repository, jobId);
    if (!job) return over("GitHub does not know the job");
    if (job.status !== "completed") return later("the job has not ended");
    const { interruptedAt = task.interruptedAt, endedBecause } = machine ?? {};
    const reason = otherEnd(job, { interruptedAt, endedBecause }, parts.access.skew());
    if (reason !== undefined) return over(reason);
    const run = await getRun(octokit, repository, runId);
    if (!run) return over("GitHub does not know the run");
    if (run.status !== "completed") return later("the run has not ended");
    // Why it ended tells whether it was taken.
    if (!isGone(machine)) return later("its machine is still there");
    return runAgain({ sweep, sight, octokit, repository, run }, job, task);
  });
};

/** A run that has ended, where it is. */
interface Ended {
  readonly sweep: Sweep;
  readonly sight: Sight;
  readonly octokit: GithubClient;
  readonly repository: string;
  readonly run: WorkflowRun;
}

const runAgain = async (ended: Ended, job: WorkflowJob, task: Task): Promise<Outcome> => {
  const { octokit, repository, run, sweep } = ended;
  const latest = await listLatestJobs(octokit, repository, run.runId);
  // Names need not differ: in its own attempt the job is known by its id.
  const current = run.runAttempt > job.runAttempt ? findAgain(latest, job) : job;
  if (current.jobId !== job.jobId && hasRun(current, job)) return over("it has been run again");
  const others = latest.filter(({ jobId }) => jobId !== current.jobId);
  const extent = extentOf(run, job, others, await findLost(ended, others));
  if (extent === "nothing") return over("somebody cancelled its run");
  // Before the re-run, whose event may have a machine launched at once.
  if (await isLostAgain(ended, job)) await askForOnDemand(sweep, job, task);
  return start(ended, current.jobId, extent);
};

const start = async (ended: Ended, jobId: number, extent: Extent): Promise<Outcome> => {
  const { octokit, repository, run, sweep } = ended;
  try {
    if (extent === "all that failed") {
      const outcome = await rerunFailedJobs(octokit, repository, run.runId);
      if (outcome === "started") return over("all that failed with it runs again");
    }
    const outcome = await rerun(octokit, repository, jobId);
    return outcome === "started" ? over("it runs again") : later("GitHub refused it");
  } catch (error) {
    if (!(error instanceof GithubError) || error.status !== 403 || error.limited) throw error;
    // Once, not at each try: a person has to run this one again, and to see to the others.
    ringAlarm(sweep.parts.installation, "interrupted job not run again", {
      repository,
      jobId,
      remedy: 'Give the App "Actions: Read and write", or set rerunInterruptedJobs to false.',
      error,
    });
    return over("it is not allowed");
  }
};

/** Those of the jobs that lost their machine, one of ours. */
const findLost = async ({ sweep }: Ended, jobs: readonly WorkflowJob[]): Promise<WorkflowJob[]> => {
  const { access, ledger, installation } = sweep.parts;
  const isLost = async (job: WorkflowJob): Promise<boolean> => {
    const runner = machineOfRunner(installation, job.runnerName);
    const found = runner && (await ledger.find([runner.fleet], runner.instanceId));
    if (!found || !isTaken(found.machine)) return false;
    return otherEnd(job, found.machine, access.skew()) === undefined;
  };
  const lost = await Promise.all(jobs.map(isLost));
  return jobs.filter((_, index) => lost[index]);
};

/** Whether an earlier try of the job lost its machine, too. */
const isLostAgain = async (ended: Ended, { jobId, name, runAttempt }: WorkflowJob): Promise<boolean> => {
  const { octokit, repository, run, sweep } = ended;
  if (runAttempt === 1 || !sweep.settings.onDemandAfterInterruptions) return false;
  const all = await listAllJobs(octokit, repository, run.runId);
  const earlier = all.filter(
    (one) => one.name === name && one.jobId !== jobId && one.runAttempt < runAttempt,
  );
  return (await findLost(ended, earlier)).length > 0;
};

/** The next launch of the job's fleet takes one machine on-demand, if the fleet may have both. */
const askForOnDemand = async ({ parts, settings }: Sweep, job: WorkflowJob, task: Task): Promise<void> => {
  const { ledger } = parts;
  // Its machine may have been one of another fleet, whose labels fit as well.
  const fleet = await ledger.fleetOf(settings.fleets, job.jobId);
  if (fleet === undefined) return;
  const { markets } = await parts.fleetSettings.get(fleet);
  if (!markets.includes("on-demand") || markets[0] === "on-demand") return;
  const createdAt = new Date(parts.now()).toISOString();
  await ledger.addTask(fleet, { kind: "launch-on-demand", instanceId: task.instanceId, createdAt });
};

const isGone = (machine: Machine | undefined): boolean => !machine || machine.state === "gone";

/**
 * The job in the run's latest attempt. Another job of the run may have been run again without it, for GitHub does one
 * job at a time: then the attempt shows this one as it was, under a new id, or does not show it at all.
 * https://github.com/runs-on/runs-on/issues/259, https://github.com/r-universe-org/help/issues/607
 */
const findAgain = (jobs: readonly WorkflowJob[], job: WorkflowJob): WorkflowJob => {
  const named = jobs.filter(({ name }) => name === job.name);
  return named.find((one) => hasRun(one, job)) ?? named[0] ?? job;
};

const hasRun = ({ startedAt = "" }: WorkflowJob, { completedAt: endedAt }: WorkflowJob): boolean =>
  Date.parse(startedAt) >= Date.parse(endedAt ?? "");
