import type { WorkflowJob } from "../support/github-actions";
import type { Runner } from "../support/github-state";
import type { WantedJob } from "./workload";

export interface ActionsRules {
  /** Share of the jobs that a runner of somebody else takes. */
  readonly takenElsewhere: number;
  /** Milliseconds after a job's start from which its runner is shown as busy. */
  readonly busyLag: readonly [from: number, to: number];
  /** Share of the jobs that lose their machine whose runner can still say so: GitHub then has them as cancelled. */
  readonly orderlyEnds: number;
  /**
   * Share of the jobs that lose their machine whose step the shutdown kills before the runner hears of it: they fail.
   * https://github.com/actions/runner/issues/2040
   */
  readonly killedSteps: number;
  /**
   * Share of the jobs that end as cancelled, of the shutdown, and take their matrix with them. GitHub's documentation
   * speaks of failed jobs only; https://github.com/actions/actions-runner-controller/issues/1985 saw cancelled ones do it.
   */
  readonly cancelledTakesMatrix: number;
  /** Share of the runners that are given a job, cannot acquire it, and go on listening without a registration. */
  readonly ghosts: number;
  /** Share of the runners that a list leaves out, though they are there: a page is cut from a list that changes. */
  readonly overlooked: number;
}

/** Why GitHub cancelled a job. */
export type Cause = "person" | "own failure" | "interruption";

/** What is known of a wanted job beside what GitHub says of its tries. */
export interface Fate {
  readonly wanted: WantedJob;
  /** GitHub's ids, one for each time that it was queued anew. */
  readonly tries: WorkflowJob[];
  /** Epoch milliseconds: when it could first have begun. */
  queuedAt?: number;
  startedAt?: number;
  /** It ran to its end. */
  ranAt?: number;
  cancelledAt?: number;
  /** Its whole run was cancelled, or a job of its matrix had failed by itself. */
  cancelledWithRun?: boolean;
  /** Tries that ended because a job of their matrix had lost its machine. */
  cancelledByLoss: number;
  /** Of its run, itself among them. */
  readonly mates: readonly Fate[];
  /** Epoch milliseconds: when the last try ended that had lost its machine. */
  lostAt?: number;
  takenElsewhere?: boolean;
  /** Tries that ended because their machine did. */
  losses: number;
  /** Times that a try was started: more than tries means that one was started twice. */
  starts: number;
  /** The machines that its tries ran on. */
  readonly machines: string[];
}

/**
 * It stays as it is, although the loss of a machine was the cause. A job that was cancelled with it: another job of the run
 * failed by itself, or was cancelled by itself, and to run again all that failed would run that one, too. One that lost
 * its machine: a job was cancelled after it, and that looks as if the whole run had been.
 */
const isExcused = ({ cancelledByLoss, tries, mates, lostAt = Infinity }: Fate): boolean => {
  const isAlone = ({ cancelledAt, cancelledWithRun }: Fate): boolean =>
    cancelledAt !== undefined && !cancelledWithRun;
  if (tries.at(-1)?.conclusion !== "cancelled") return false;
  return cancelledByLoss > 0
    ? mates.some((mate) => (mate.ranAt !== undefined && mate.wanted.fails) || isAlone(mate))
    : mates.some((mate) => isAlone(mate) && (mate.cancelledAt ?? 0) > lostAt);
};

/** Nothing more is expected of it. */
export const isOver = (fate: Fate): boolean =>
  fate.ranAt !== undefined || fate.cancelledAt !== undefined || isExcused(fate);

/** From the moment at which job and runner fit to `in_progress`. */
export const PICK_UP_MS = [500, 3000] as const;
/** https://docs.github.com/en/actions/reference/limits: then the job is queued again. */
export const PICK_UP_LIMIT_MS = 60_000;
export const OFFLINE_AFTER_MS = [20_000, 60_000] as const;
/** Until GitHub fails the job of a runner that it hears nothing of. */
export const LOST_RUNNER_MS = [2 * 60_000, 10 * 60_000] as const;
/** Until one of a stranger's own runners is free. */
export const STRANGERS_WAIT_MS = [10_000, 5 * 60_000] as const;
/** From GitHub's word to the runner to the end of its job: up to 10 s are left to the step. https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-cancellation */
export const STOP_MS = [1000, 13_000] as const;
/** Then GitHub ends a job whose runner does not say so: same page. */
export const FORCED_STOP_MS = 5 * 60_000;
export const GATE_CLOSES_MS = 300;

/** Runners of others, at work: a list shows them, and GitHub gives them none of our jobs. */
export const foreignRunner = (id: number): Runner => ({
  ...strangersRunner(id, ["somebody-elses"]),
  name: `somebody-elses-${id}`,
  busy: true,
});

export const strangersRunner = (id: number, labels: readonly string[]): Runner => ({
  id,
  name: "somebody-elses-runner",
  os: "linux",
  status: "online",
  busy: false,
  ephemeral: false,
  runner_group_id: 1,
  labels: labels.map((name, index) => ({ id: index, name, type: "custom" })),
});
