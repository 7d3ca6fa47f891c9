import type { WorkflowJob } from "../shared/workflow-jobs";

/**
 * The notice comes two minutes before the machine is taken, and until then the job runs on as if nothing had
 * happened. EventBridge and GitHub both leave out the fractions of their seconds.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html
 */
const RUNS_ON_MS = 118_000;

/** By then the machine has shut down, and the runner has said so to GitHub if it could. */
const SHUT_DOWN_MS = 4 * 60_000;

type Ended = Pick<WorkflowJob, "conclusion" | "completedAt" | "steps">;

interface Rule {
  readonly why: string;
  /** Without a notice the times say nothing, and need not: a machine whose job is over is not there to be taken. */
  readonly holds: (job: Ended, interruptedAt: number | undefined) => boolean;
}

const timeOf = (time: string | undefined): number => Date.parse(time ?? "");

/**
 * A job that lost its machine ends in one of two ways. A runner that is shut down in an orderly way cancels its steps
 * and says so: `cancelled`, within seconds ("The runner has received a shutdown signal"). One that just vanishes is
 * missed after ten minutes or more: `failure`, with steps that never ended ("lost communication with the server"). A step
 * that the shutdown kills can be a `failure`, too, but not before the machine shuts down.
 * https://github.com/runs-on/runs-on/issues/249, https://github.com/actions/runner/issues/2427,
 * https://github.com/actions/runner/issues/2040
 */
const rules: readonly Rule[] = [
  {
    why: "it did not fail",
    holds: ({ conclusion }) => conclusion !== "failure" && conclusion !== "cancelled",
  },
  {
    why: "it had ended before",
    holds: ({ completedAt: endedAt }, interruptedAt = -Infinity) => timeOf(endedAt) < interruptedAt,
  },
  {
    why: "it failed by itself",
    holds: ({ steps }, interruptedAt = -Infinity) =>
      steps.some(
        ({ conclusion, completedAt: endedAt }) =>
          conclusion === "failure" && timeOf(endedAt) < interruptedAt + RUNS_ON_MS,
      ),
  },
  {
    why: "somebody cancelled it",
    holds: ({ conclusion, completedAt: endedAt }, interruptedAt) =>
      conclusion === "cancelled" &&
      interruptedAt !== undefined &&
      (timeOf(endedAt) < interruptedAt + RUNS_ON_MS || timeOf(endedAt) > interruptedAt + SHUT_DOWN_MS),
  },
];

/**
 * Why the end of this job is not the interruption's doing. Undefined: it is.
 *
 * @param interruptedAt by AWS's clock, while the times of the job are by GitHub's
 * @param skew milliseconds by which GitHub's clock is ahead
 */
export const otherEnd = (job: Ended, interruptedAt: string | undefined, skew = 0): string | undefined => {
  const at = interruptedAt === undefined ? undefined : Date.parse(interruptedAt) + skew;
  return rules.find(({ holds }) => holds(job, at))?.why;
};
