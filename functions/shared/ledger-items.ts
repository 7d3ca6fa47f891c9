import type { JobAction, JobMessage, Market } from "./contract";
import type { Losses } from "./losses";

export type JobState = "waiting" | "withdrawn" | "givenUp" | "running" | "done" | "moved";
export type MachineState = "launching" | "starting" | "idle" | "busy" | "ending" | "gone";

export interface Job extends Pick<
  JobMessage,
  "jobId" | "runId" | "runAttempt" | "repository" | "createdAt" | "labels"
> {
  readonly state: JobState;
  /** ISO 8601: when the event that moved it was received. */
  readonly changedAt: string;
  /** ISO 8601: since when there has been a free machine for it. */
  readonly servedAt?: string;
  /** ISO 8601: when GitHub last said that it is queued. */
  readonly checkedAt?: string;
  /** How many checks found it queued while a machine was idle that GitHub could have given it. */
  readonly passedOver?: number;
  /** Why it was given up. */
  readonly reason?: string;
  /** ISO 8601: when the sweep first found that no fleet has its labels. */
  readonly unmatchedAt?: string;
}

/** What a provider knows of a machine that it launched. */
export interface LaunchedMachine {
  readonly instanceId: string;
  readonly launchId: string;
  readonly market: Market;
  /** ISO 8601 */
  readonly launchedAt: string;
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
  /** {@link labelsKey} of the labels that it was registered with. */
  readonly labelsKey?: string;
  /** Once busy: the job that it runs. */
  readonly jobId?: number;
  readonly runId?: number;
  readonly runAttempt?: number;
  readonly repository?: string;
  /** ISO 8601: when its end was announced; it is of no use to a job that waits. */
  readonly interruptedAt?: string;
  /** Once gone: why, in the provider's words (`Server.SpotInstanceTermination`, ...). Absent: it did not say. */
  readonly endedBecause?: string;
  /** ISO 8601: when the sweep first missed its record, of a machine that should be busy. */
  readonly absentAt?: string;
}

/**
 * Something that GitHub does not allow yet; the sweep tries until it does. Or that the next launch of the fleet is to ask
 * for one of its machines on-demand: it ends the task.
 */
export interface Task {
  readonly kind: "remove-runner" | "rerun-job" | "launch-on-demand";
  /** The machine that it is about. */
  readonly instanceId: string;
  /** ISO 8601 */
  readonly createdAt: string;
  /** ISO 8601: when the machine's end was announced, if it was. */
  readonly interruptedAt?: string;
  /** Epoch milliseconds; absent: at once. */
  readonly notBefore?: number;
  /** Tries so far; absent: none. */
  readonly tries?: number;
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
  /** Epoch milliseconds: nothing is launched before. */
  readonly notBefore: number;
  /** Launches in a row that brought nothing: the more, the longer the wait for the next. */
  readonly setbacks: number;
  /** Epoch milliseconds: for when somebody has been asked to look again. */
  readonly wakeAt: number;
  /** Machines in a row that were lost before they took a job. Absent: none. */
  readonly losses?: Losses;
  /** Those of them that EC2 ended while it launched them on spot: until they are over, on-demand is tried. */
  readonly spotLosses?: Losses;
}

/** All that is open in a fleet, from one strongly consistent read. */
export interface FleetView {
  readonly lease: Lease;
  /** Oldest first. */
  readonly waiting: readonly Job[];
  /** Wait for something else than a machine, and GitHub has not been asked yet whether they still do. */
  readonly withdrawn: readonly Job[];
  /** Have waited for longer than GitHub lets a job wait: nothing is launched for them. */
  readonly overdue: readonly Job[];
  /** All that are not gone. Those that end hold no place under the cap. */
  readonly machines: readonly Machine[];
  readonly tasks: readonly Task[];
  /** Instances that were recorded a moment ago and that this read does not show yet: they hold places, too. */
  readonly unseen: readonly string[];
}

export const FLEET_ITEM = "fleet";
export const jobItem = (jobId: number): string => `job#${jobId}`;
export const machineItem = (instanceId: string): string => `machine#${instanceId}`;
export const taskItem = ({ kind, instanceId }: Pick<Task, "kind" | "instanceId">): string =>
  `task#${kind}#${instanceId}`;

/**
 * A state, how far along it is, and what it means for the item. States only move on, to a higher rank; between states
 * of one rank the later event wins. So the order in which events arrive, and how often, changes nothing in the end.
 */
export interface State<Name extends string> {
  readonly name: Name;
  readonly rank: number;
  /** Something is left to do: a job waits; a machine is not gone. */
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
export const DAYS_OF_A_RUN = 35;
/** GitHub fails a job that was queued for so long: https://docs.github.com/en/actions/reference/limits */
export const LONGEST_WAIT_MS = 24 * 60 * 60_000;
const DAYS_OF_A_WAIT = 2;

/** So many checks are no matter of bad timing: GitHub gives the job to none of our machines. */
export const TOO_OFTEN_PASSED_OVER = 3;
const SET_ASIDE_MS = 30 * 60_000;

/** Whether no machine is launched for it for now: the last ones were of no use to it. */
export const isSetAside = ({ passedOver = 0, checkedAt = "" }: Job, now: number): boolean =>
  passedOver >= TOO_OFTEN_PASSED_OVER && now - Date.parse(checkedAt) < SET_ASIDE_MS;

export const jobStates = {
  // In another fleet's partition. Below all others: whatever is said of it here, it counts.
  moved: state("moved", -1, { open: false, days: DAYS_OF_THE_ENDED }),
  waiting: state("waiting", 0, { open: true, days: DAYS_OF_A_WAIT }),
  // Open until the sweep has asked GitHub: what is said of a gate and of its opening can come in either order.
  withdrawn: state("withdrawn", 0, { open: true, days: DAYS_OF_A_RUN }),
  // Of the rank of those that wait: should GitHub queue it again after all, it waits again.
  givenUp: state("givenUp", 0, { open: false, days: DAYS_OF_THE_ENDED }),
  running: state("running", 1, { open: false, days: DAYS_OF_A_RUN }),
  done: state("done", 2, { open: false, days: DAYS_OF_THE_ENDED }),
} as const satisfies Record<JobState, State<JobState>>;

export const machineStates = {
  /** Is there, and waits for its registration. */
  launching: state("launching", 0, { open: true }),
  starting: state("starting", 1, { open: true }),
  idle: state("idle", 2, { open: true }),
  busy: state("busy", 3, { open: true }),
  ending: state("ending", 4, { open: true }),
  gone: state("gone", 5, { open: false, days: DAYS_OF_THE_ENDED }),
} as const satisfies Record<MachineState, State<MachineState>>;

/** Whether a machine counts under the fleet's cap: one that ends ships its logs and powers off, and does not. */
export const holdsPlace = (state: MachineState): boolean => state !== "ending" && state !== "gone";

/** What an event says of its job, and of the machine that its runner is on. */
export const transitions: Record<JobAction, { job: State<JobState>; machine?: State<MachineState> }> = {
  queued: { job: jobStates.waiting },
  waiting: { job: jobStates.withdrawn },
  in_progress: { job: jobStates.running, machine: machineStates.busy },
  completed: { job: jobStates.done, machine: machineStates.ending },
};
