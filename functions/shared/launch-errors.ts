/** Where to go from an error of a launch. `stop`: nothing else in this round can help. */
export type Next = "elsewhere" | "wait" | "stop";

/** One instance type in one subnet. */
export interface Pool {
  readonly type: string;
  readonly subnetId: string;
}

export interface LaunchError {
  readonly code: string;
  readonly message: string;
  /** Where it happened; absent: everywhere. */
  readonly pool?: Pool;
}

interface ErrorClass {
  readonly next: Next;
  /** Somebody has to do something about it. */
  readonly alarm: boolean;
  /** What, where the error itself does not say. */
  readonly advice?: string;
}

const elsewhere: ErrorClass = { next: "elsewhere", alarm: false };
const wait: ErrorClass = { next: "wait", alarm: false };
const mistake: ErrorClass = { next: "stop", alarm: true };
const elsewhereAndTell: ErrorClass = { next: "elsewhere", alarm: true };

/** Our own code for a call whose answer never came. */
export const NO_ANSWER = "NoAnswer";

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html */
const classes: Readonly<Record<string, ErrorClass>> = {
  InsufficientInstanceCapacity: elsewhere,
  InsufficientCapacityOnHost: elsewhere,
  InsufficientHostCapacity: elsewhere,
  InsufficientFreeAddressesInSubnet: elsewhere,
  UnfulfillableCapacity: elsewhere,
  MaxSpotInstanceCountExceeded: elsewhere,
  SpotMaxPriceTooLow: elsewhere,
  Unsupported: elsewhere,

  RequestLimitExceeded: wait,
  RequestThrottled: wait,
  Throttling: wait,
  ThrottlingException: wait,
  TargetCapacityLimitExceededException: wait,
  ResourceLimitExceeded: wait,
  MaxSpotFleetRequestCountExceeded: wait,
  InternalError: wait,
  InternalFailure: wait,
  ServiceUnavailable: wait,
  Unavailable: wait,
  [NO_ANSWER]: wait,
  // An earlier try of the same launch took effect: its machines will be found by their tag.
  // https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html
  IdempotentParameterMismatch: wait,

  VcpuLimitExceeded: mistake,
  UnauthorizedOperation: {
    ...mistake,
    advice:
      "The role, a permissions boundary or a policy of the organization refuses the launch. If the role was applied as it is, set requireLaunchTemplate to false and apply: SECURITY.md, note 12.",
  },
  InvalidParameterValue: mistake,

  // Spot needs a role that this account lacks; on-demand does not.
  "AuthFailure.ServiceLinkedRoleCreationNotPermitted": elsewhereAndTell,
};

/**
 * A code that the table lacks costs one more try in the next market, which may well serve the job, and is told, so
 * that the table learns it.
 */
const unknown = elsewhereAndTell;

export const classOf = (code: string): ErrorClass => classes[code] ?? unknown;

/**
 * What follows from all errors of one launch together. The pools of a fleet fail each for itself: a throttle means
 * all of them; else one pool that only lacks capacity is reason enough to go on. Fewer machines than asked for and
 * no error at all is a lack of capacity.
 */
export const judge = (errors: readonly LaunchError[]): { next: Next; alarms: LaunchError[] } => {
  const says = (next: Next): boolean => errors.some(({ code }) => classOf(code).next === next);
  const next = says("wait") ? "wait" : says("stop") && !says("elsewhere") ? "stop" : "elsewhere";
  const firstOfEach = new Map(errors.map((error) => [error.code, error]));
  return { next, alarms: [...firstOfEach.values()].filter(({ code }) => classOf(code).alarm) };
};

/**
 * Milliseconds until a launch is tried again, once nothing else is left to try. Throttles of EC2 refill within seconds;
 * a lack of capacity takes longer to pass, and a mistake somebody to mend it.
 */
const FIRST_WAIT_MS: Readonly<Record<Next, number>> = { wait: 5_000, elsewhere: 15_000, stop: 60_000 };
const LONGEST_WAIT_MS = 2 * 60_000;

/** @param setbacks launches in a row that had brought nothing before */
export const waitAfter = (next: Next, setbacks: number): number =>
  Math.min(FIRST_WAIT_MS[next] * 2 ** setbacks, LONGEST_WAIT_MS);
