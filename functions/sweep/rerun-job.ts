import { ringAlarm } from "../shared/alarm";
import { GithubError, type GithubClient } from "../shared/github";
import type { Machine } from "../shared/ledger-items";
import { getJob, getRun, listLatestJobs, rerunJob as rerun, type WorkflowJob } from "../shared/workflow-jobs";
import { otherEnd } from "./interrupted-job";
import { sinceTime } from "./limits";
import type { Outcome, Try } from "./tasks";

/** Events come within seconds; after this nobody will say any more which job it was. */
const NO_JOB_MS = 15 * 60_000;

const over = (why: string): Outcome => ({ over: true, why });
const later = (why: string): Outcome => ({ over: false, why });

/**
 * Has a job whose machine was taken run again: once, after its whole run has ended, since GitHub refuses it before,
 * and only if the interruption is what ended it.
 */
export const rerunJob: Try = async ({ parts, settings }, _sight, task, machine) => {
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
    const reason = otherEnd(job, machine?.interruptedAt, parts.access.skew());
    if (reason !== undefined) return over(reason);
    const run = await getRun(octokit, repository, runId);
    if (!run) return over("GitHub does not know the run");
    if (run.status !== "completed") return later("the run has not ended");
    const current = run.runAttempt > job.runAttempt ? await findAgain(octokit, repository, job) : job;
    if (current.jobId !== job.jobId && hasRun(current, job)) return over("it has been run again");
    return runAgain(parts.installation, octokit, repository, current.jobId);
  });
};

const runAgain = async (
  installation: string,
  octokit: GithubClient,
  repository: string,
  jobId: number,
): Promise<Outcome> => {
  try {
    const outcome = await rerun(octokit, repository, jobId);
    return outcome === "started" ? over("it runs again") : later("GitHub refused it");
  } catch (error) {
    if (!(error instanceof GithubError) || error.status !== 403 || error.limited) throw error;
    // Once, not at each try: a person has to run this one again, and to see to the others.
    ringAlarm(installation, "interrupted job not run again", {
      repository,
      jobId,
      remedy: 'Give the App "Actions: Read and write", or set rerunInterruptedJobs to false.',
      error,
    });
    return over("it is not allowed");
  }
};

const isGone = (machine: Machine | undefined): boolean => !machine || machine.state === "gone";

/**
 * The job in the run's latest attempt. Another job of the run may have been run again without it, for GitHub does one
 * job at a time: then the attempt shows this one as it was, under a new id, or does not show it at all.
 * https://github.com/runs-on/runs-on/issues/259, https://github.com/r-universe-org/help/issues/607
 */
const findAgain = async (
  octokit: GithubClient,
  repository: string,
  job: WorkflowJob,
): Promise<WorkflowJob> => {
  const jobs = await listLatestJobs(octokit, repository, job.runId);
  const named = jobs.filter(({ name }) => name === job.name);
  return named.find((one) => hasRun(one, job)) ?? named[0] ?? job;
};

const hasRun = ({ startedAt = "" }: WorkflowJob, { completedAt: endedAt }: WorkflowJob): boolean =>
  Date.parse(startedAt) >= Date.parse(endedAt ?? "");
