import type { WorkflowJob, WorkflowRun } from "../shared/workflow-jobs";
import { timeOf } from "./interrupted-job";

/** How much of a run is to run again. `nothing`: somebody has cancelled it. */
export type Extent = "the job" | "all that failed" | "nothing";

/**
 * From the end of a job to the end of the step that GitHub cancels for it in another: the word has to reach the runner,
 * which leaves 10 seconds to the step. A job that waits is cancelled at once.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-cancellation
 */
const FAIL_FAST_MS = 60_000;

/** Then GitHub ends a job whose runner does not say so: same page. */
const FORCED_MS = 5 * 60_000;

type Job = Pick<
  WorkflowJob,
  "conclusion" | "steps" | "createdAt" | "startedAt" | "completedAt" | "runnerName"
>;

const GOOD: readonly (string | undefined)[] = ["success", "skipped", "neutral"];

const isCancelled = ({ conclusion }: Job): boolean => conclusion === "cancelled";

/** When the cancelling took effect: what a job does about its end, in steps that always run, can take longer. */
const cancelledAt = ({ steps, completedAt }: Job): number => {
  const cut = steps.filter(({ conclusion }) => conclusion === "cancelled");
  return Math.min(timeOf(completedAt), ...cut.map((step) => timeOf(step.completedAt)));
};

const isForced = ({ steps }: Job): boolean => steps.some(({ status }) => status === "in_progress");

/** Whether GitHub cancelled it for a job that ended at one of these times. */
const isSibling =
  (ends: readonly number[]) =>
  (job: Job): boolean => {
    const longest = FAIL_FAST_MS + (isForced(job) ? FORCED_MS : 0);
    const after = ends.map((end) => cancelledAt(job) - end);
    return isCancelled(job) && after.some((time) => time >= 0 && time <= longest);
  };

/**
 * Without `fail-fast: false` GitHub cancels the siblings of a job that loses its machine, and a re-run of that job does
 * not bring them back: https://github.com/runs-on/runs-on/issues/192. All that failed is run again if the loss of
 * machines is behind each of them: jobs that lost theirs, jobs that were cancelled in the moment after one of those
 * ended, and jobs that were made after all these, which wait for them by `needs` and run again with them in any case.
 *
 * GitHub does not say who cancelled a job. A run that was cancelled as a whole, by a person or by its concurrency group,
 * is `cancelled` even if a job had failed before (https://github.com/sgl-project/sglang/pull/17036). Where no job failed
 * the times decide: to run again what a newer run has replaced would cancel that one.
 *
 * @param job that lost its machine
 * @param others of the run's latest attempt
 * @param lost those of the others that lost their machine, too
 */
export const extentOf = (
  run: Pick<WorkflowRun, "conclusion">,
  job: Job,
  others: readonly Job[],
  lost: readonly Job[],
): Extent => {
  const bad = others.filter(({ conclusion }) => !GOOD.includes(conclusion));
  const losses = [job, ...lost];
  const siblings = bad
    .filter((one) => !lost.includes(one))
    .filter(isSibling(losses.map(({ completedAt }) => timeOf(completedAt))));
  const explained = [...losses, ...siblings];
  const lastEnd = Math.max(...explained.map(({ completedAt }) => timeOf(completedAt)));
  const isDependent = ({ createdAt }: Job): boolean => timeOf(createdAt) >= lastEnd;
  const unexplained = bad.filter((one) => !explained.includes(one) && !isDependent(one));
  if (run.conclusion === "cancelled" && isCancelledWhole(job, others, unexplained)) return "nothing";
  return unexplained.length === 0 && explained.length > 1 ? "all that failed" : "the job";
};

/**
 * Not by a job that was cancelled long before this one lost its machine, or after which the run went on: it ran out of
 * its own time, say.
 */
const isCancelledWhole = (job: Job, others: readonly Job[], unexplained: readonly Job[]): boolean => {
  const failed = [job, ...others].some((one) => !isCancelled(one) && !GOOD.includes(one.conclusion));
  const wentOn = (since: number): boolean =>
    others.some(
      ({ conclusion, runnerName, startedAt, completedAt }) =>
        (runnerName !== undefined && timeOf(startedAt) > since) ||
        (conclusion === "success" && timeOf(completedAt) > since + FORCED_MS),
    );
  const isLast = (since: number): boolean => since > timeOf(job.completedAt) - FORCED_MS && !wentOn(since);
  return failed || unexplained.some((one) => isLast(cancelledAt(one)));
};
