import type { JobAction, JobMessage, Market } from "./contract";

export type JobState = "waiting" | "withdrawn" | "running" | "done";
export type MachineState = "starting" | "idle" | "busy" | "ending" | "gone";

export interface Job extends Pick<JobMessage, "jobId" | "runId" | "runAttempt" | "repository" | "createdAt"> {
  readonly state: JobState;
  /** ISO 8601: when the event that moved it was received. */
  readonly changedAt: string;
}

/** What a provider knows of a machine that it launched. */
export interface LaunchedMachine {
  readonly instanceId: string;
  readonly launchId: string;
  readonly market: Market;
  readonly type?: string;
  readonly zone?: string;
}

export interface Machine extends Partial<Omit<LaunchedMachine, "instanceId">> {
  readonly instanceId: string;
  readonly state: MachineState;
  /** ISO 8601 */
  readonly changedAt: string;
  /** Of its record at GitHub; absent in token mode. */
  readonly runnerId?: number;
  /** Once busy: the job that it runs. */
  readonly jobId?: number;
}

/**
 * A launch as it is written down before it is made, and until what became of it is written down: whoever finds one
 * that nobody is making any more looks for its machines by the tag, or repeats it. The launch id is the client token.
 */
export interface Launch {
  readonly launchId: string;
  readonly market: Market;
  /** Machines that were asked for. */
  readonly count: number;
  /** The provider's whole request, as JSON: a repetition has to be the same to the letter. */
  readonly parameters: string;
  /** Epoch milliseconds */
  readonly createdAt: number;
}

/** The fleet's own item: who works on the fleet, and what that holder has under way. */
export interface Lease {
  readonly holder?: string;
  /** Epoch milliseconds; from then on the lease is anybody's. */
  readonly until: number;
  /** Counts what holders wrote here: a taking on a read that has not seen the last of it is refused. */
  readonly turn: number;
  /** Counts those who found the lease held: a release that has not seen them all is refused. */
  readonly mark: number;
  /** Launches of which it is not yet written down what became of them. */
  readonly launches: readonly Launch[];
  /** Machines that the last holder recorded as it let go. */
  readonly recent: readonly string[];
  /** Epoch milliseconds: when it let go. */
  readonly recentAt: number;
}

/** All that is open in a fleet, from one strongly consistent read. */
export interface FleetView {
  readonly lease: Lease;
  /** Oldest first. */
  readonly waiting: readonly Job[];
  /** Those that hold a place under the cap. */
  readonly machines: readonly Machine[];
  /** Instances that were recorded a moment ago and that this read does not show yet: they hold places, too. */
  readonly unseen: readonly string[];
}

export const FLEET_ITEM = "fleet";
export const jobItem = (jobId: number): string => `job#${jobId}`;
export const machineItem = (instanceId: string): string => `machine#${instanceId}`;

/**
 * A state, how far along it is, and what it means for the item. States only move on, to a higher rank; between states
 * of one rank the later event wins. So the order in which events arrive, and how often, changes nothing in the end.
 */
export interface State<Name extends string> {
  readonly name: Name;
  readonly rank: number;
  /** Something is left to do: a waiting job; a machine that holds a place. */
  readonly open: boolean;
  /** Days after which the item may go. */
  readonly days?: number;
}

const state = <Name extends string>(
  name: Name,
  rank: number,
  rest: { open: boolean; days?: number },
): State<Name> => ({ name, rank, ...rest });

/** Longer than the 3 days in which GitHub redelivers a webhook (7 on Enterprise Server). */
const DAYS_OF_THE_ENDED = 8;
/** The longest that a run takes, waits for approvals included: https://docs.github.com/en/actions/reference/limits */
const DAYS_OF_A_RUN = 35;
/** GitHub fails a job that was queued for so long: https://docs.github.com/en/actions/reference/limits */
export const LONGEST_WAIT_MS = 24 * 60 * 60_000;
const DAYS_OF_A_WAIT = 2;

export const jobStates = {
  waiting: state("waiting", 0, { open: true, days: DAYS_OF_A_WAIT }),
  withdrawn: state("withdrawn", 0, { open: false, days: DAYS_OF_A_RUN }),
  running: state("running", 1, { open: false, days: DAYS_OF_A_RUN }),
  done: state("done", 2, { open: false, days: DAYS_OF_THE_ENDED }),
} as const satisfies Record<JobState, State<JobState>>;

export const machineStates = {
  starting: state("starting", 0, { open: true }),
  idle: state("idle", 1, { open: true }),
  busy: state("busy", 2, { open: true }),
  ending: state("ending", 3, { open: false, days: DAYS_OF_THE_ENDED }),
  gone: state("gone", 4, { open: false, days: DAYS_OF_THE_ENDED }),
} as const satisfies Record<MachineState, State<MachineState>>;

/** What an event says of its job, and of the machine that its runner is on. */
export const transitions: Record<JobAction, { job: State<JobState>; machine?: State<MachineState> }> = {
  queued: { job: jobStates.waiting },
  waiting: { job: jobStates.withdrawn },
  in_progress: { job: jobStates.running, machine: machineStates.busy },
  completed: { job: jobStates.done, machine: machineStates.ending },
};
