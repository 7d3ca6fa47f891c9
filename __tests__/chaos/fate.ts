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
  /** Share of the runners that are given a job, cannot acquire it, and go on listening without a registration. */
  readonly ghosts: number;
  /** Share of the runners that a list leaves out, though they are there: a page is cut from a list that changes. */
  readonly overlooked: number;
}

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
  takenElsewhere?: boolean;
  /** Tries that ended because their machine did. */
  losses: number;
  /** Times that a try was started: more than tries means that one was started twice. */
  starts: number;
  /** The machines that its tries ran on. */
  readonly machines: string[];
}

/** From the moment at which job and runner fit to `in_progress`. */
export const PICK_UP_MS = [500, 3000] as const;
/** https://docs.github.com/en/actions/reference/limits: then the job is queued again. */
export const PICK_UP_LIMIT_MS = 60_000;
export const OFFLINE_AFTER_MS = [20_000, 60_000] as const;
/** Until GitHub fails the job of a runner that it hears nothing of. */
export const LOST_RUNNER_MS = [2 * 60_000, 10 * 60_000] as const;
/** Until one of a stranger's own runners is free. */
export const STRANGERS_WAIT_MS = [10_000, 5 * 60_000] as const;
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
