import type { Machine } from "../shared/ledger-items";
import type { WorkflowJob } from "../shared/workflow-jobs";

/**
 * The notice comes two minutes before the machine is taken, and until then the job runs on as if nothing had
 * happened. EventBridge and GitHub both leave out the fractions of their seconds: what ended in the second of the notice
 * plus 119 has ended before the two minutes were over.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html
 */
const NOTICE_MS = 120_000;

/** Where the job itself does not tell: machines may be taken a moment early, and to run a job again costs less. */
const RUNS_ON_MS = 118_000;

/** By then the machine has shut down, and the runner has said so to GitHub if it could. */
const SHUT_DOWN_MS = 4 * 60_000;

export type Ended = Pick<WorkflowJob, "conclusion" | "completedAt" | "steps">;

/** What is known of the end of a job's machine. */
export type Loss = Pick<Machine, "interruptedAt" | "endedBecause">;

/**
 * Of a machine that powers off, or that is ended by one of us, which is done only when it has no job.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StateReason.html
 */
const BY_ITSELF = /^Client\./;
const TAKEN_BACK = /^Server\.SpotInstance(Termination|Shutdown)$/;

/** Whether EC2 took the machine back, or has said that it will. */
export const isTaken = ({ interruptedAt, endedBecause = "" }: Loss): boolean =>
  interruptedAt !== undefined || TAKEN_BACK.test(endedBecause);

interface Rule {
  readonly why: string;
  /** Without a notice the times say nothing, and need not: a machine whose job is over is not there to be taken. */
  readonly holds: (job: Ended, interruptedAt: number | undefined, endedBecause: string) => boolean;
}

export const timeOf = (time: string | undefined): number => Date.parse(time ?? "");

/** A runner that is there to its job's end says how each step ended, and that the job failed. */
const isToldInFull = ({ conclusion, steps }: Ended): boolean =>
  conclusion === "failure" && steps.every((step) => step.conclusion !== undefined);

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
    why: "its machine was not taken",
    holds: (_job, _interruptedAt, endedBecause) => BY_ITSELF.test(endedBecause),
  },
  {
    why: "it failed by itself",
    holds: (job, interruptedAt = -Infinity) => {
      const takenAt = interruptedAt + (isToldInFull(job) ? NOTICE_MS : RUNS_ON_MS);
      return job.steps.some(
        ({ conclusion, completedAt: endedAt }) => conclusion === "failure" && timeOf(endedAt) < takenAt,
      );
    },
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
 * @param loss its times are by AWS's clock, while those of the job are by GitHub's
 * @param skew milliseconds by which GitHub's clock is ahead
 */
export const otherEnd = (
  job: Ended,
  { interruptedAt, endedBecause = "" }: Loss,
  skew = 0,
): string | undefined => {
  const at = interruptedAt === undefined ? undefined : Date.parse(interruptedAt) + skew;
  return rules.find(({ holds }) => holds(job, at, endedBecause))?.why;
};
