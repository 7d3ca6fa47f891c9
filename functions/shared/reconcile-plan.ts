import { isBooting, spotUse, type SpotUse } from "./losses";
import { fits, labelsKey } from "./match-labels";
import { holdsPlace, isSetAside, type FleetView, type Launch, type Machine, type Task } from "./ledger-items";

/** More than this takes several calls: one that wants more than EC2 has left of its rate may be refused whole. */
export const MACHINES_A_LAUNCH = 100;

/**
 * Side by side. The limit of CreateFleet is not published; RunInstances has five calls at once, then two a second, and
 * other fleets launch, too: https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
 */
const LAUNCHES_A_ROUND = 4;

/** More than this takes several rounds. */
export const MACHINES_A_ROUND = LAUNCHES_A_ROUND * MACHINES_A_LAUNCH;

/**
 * For so long a launch whose answer was lost may still bring machines to light, and is counted as if it had. After
 * it, DescribeInstances knows all there is, and the launch is given up.
 * https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html
 */
export const LAUNCH_IN_DOUBT_MS = 2 * 60_000;

/** A machine looks for its registration for 5 minutes from its boot: one that comes later than this is not taken. */
export const REGISTRATION_WAIT_MS = 4 * 60_000;

export type Step =
  | { readonly do: "adopt"; readonly launches: readonly Launch[] }
  | { readonly do: "discard"; readonly machines: readonly Machine[] }
  | { readonly do: "register"; readonly machines: readonly Machine[] }
  | {
      readonly do: "launch";
      readonly count: number;
      /** Whether that may not be all. */
      readonly more: boolean;
      /** So many of the machines are to be on-demand; absent: none. */
      readonly onDemand?: readonly Task[];
      /** Absent: as usual. */
      readonly spot?: SpotUse;
    }
  | {
      readonly do: "wait";
      readonly until: number;
      /** It ends at once when a machine takes a job. */
      readonly losses?: boolean;
    }
  | { readonly do: "nothing" };

/** What is known from the rounds before. */
export interface Tries {
  /** What was tried already, by launch id and by instance id: once a call is enough. */
  readonly tried: ReadonlySet<string>;
  /** Nothing more can be had now. */
  readonly short: boolean;
  /** How many machines got their registration. */
  readonly registered: number;
}

export const isInDoubt = (launch: Launch, now: number): boolean =>
  now - launch.createdAt < LAUNCH_IN_DOUBT_MS;

/** Whether a job that waits can count on it. */
export const isFree = ({ state, interruptedAt }: Machine): boolean =>
  (state === "launching" || state === "starting" || state === "idle") && interruptedAt === undefined;

/** Whether it was registered with other labels than these: it is of no use to a job that asks for these. */
export const hasOther = (labels: readonly string[]): ((machine: Machine) => boolean) => {
  const key = labelsKey(labels);
  return (machine) => machine.labelsKey !== undefined && machine.labelsKey !== key;
};

/**
 * The fleet as it serves its labels of today, which may have changed: a job that no machine of the fleet can run gets none,
 * and a machine with other labels holds its place and is of no use to a job that waits.
 */
export const withLabels = (view: FleetView, labels: readonly string[]): FleetView => {
  const isOther = hasOther(labels);
  return {
    ...view,
    waiting: view.waiting.filter((job) => job.labels === undefined || fits(job.labels, labels)),
    machines: view.machines.map((machine) =>
      isOther(machine) && isFree(machine) ? { ...machine, state: "busy" } : machine,
    ),
  };
};

/** How a fleet stands: what waits, what is on its way or free, and what holds a place under the cap. */
export const balance = ({
  lease,
  waiting,
  machines,
  unseen,
}: Pick<FleetView, "lease" | "waiting" | "machines" | "unseen">): {
  waiting: number;
  free: number;
  /** Of the free ones: may still be lost before they are idle. */
  booting: number;
  held: number;
} => {
  const missingOf = ({ launchId, count }: Launch): number =>
    Math.max(count - machines.filter((machine) => machine.launchId === launchId).length, 0);
  const onTheWay = lease.launches.reduce((sum, launch) => sum + missingOf(launch), 0) + unseen.length;
  const held = machines.filter(({ state }) => holdsPlace(state)).length;
  return {
    waiting: waiting.length,
    free: machines.filter(isFree).length + onTheWay,
    booting: machines.filter((machine) => isFree(machine) && isBooting(machine)).length + onTheWay,
    held: held + onTheWay,
  };
};

/**
 * What to do next in a fleet: machines wanted = jobs that wait, less machines that start, are idle or are on their
 * way, bounded by the places left under the cap. What was left behind comes first, since it counts.
 */
export const nextStep = (
  view: FleetView,
  maximumMachines: number,
  now: number,
  { tried, short, registered }: Tries = { tried: new Set(), short: false, registered: 0 },
): Step => {
  const { lease, machines } = view;
  // One that is young may have been throttled: to ask again at each event would keep it so.
  const isDue = (launch: Launch): boolean => now >= lease.notBefore || !isInDoubt(launch, now);
  const left = lease.launches.filter((launch) => !tried.has(launch.launchId) && isDue(launch));
  if (left.length > 0) return { do: "adopt", launches: left };

  const unregistered = machines.filter(
    (machine) => machine.state === "launching" && isFree(machine) && !tried.has(machine.instanceId),
  );
  const late = unregistered.filter((machine) => isTooLate(machine, now));
  if (late.length > 0) return { do: "discard", machines: late };

  const wanted = view.waiting.filter((job) => !isSetAside(job, now));
  const { waiting, free, booting, held } = balance({ ...view, waiting: wanted });
  // After launches that brought nothing, one machine shows whether that has changed, and costs the least if not; after
  // machines that were lost, too, and it is of use only once it is known what becomes of it.
  const spot = spotUse(view, now, tried);
  const one = (lease.setbacks > 0 && registered === 0) || lease.losses !== undefined || spot === "probe";
  const most = one ? 1 : MACHINES_A_ROUND;
  const room = lease.losses && booting > 0 ? 0 : maximumMachines - held;
  const count = Math.min(waiting - free, room, most);
  if (short || (count <= 0 && unregistered.length === 0)) return { do: "nothing" };
  if (now < lease.notBefore) {
    return lease.wakeAt > now ? { do: "nothing" } : { do: "wait", until: lease.notBefore };
  }
  if (unregistered.length > 0) return { do: "register", machines: unregistered.slice(0, MACHINES_A_ROUND) };
  const { notBefore: until = 0 } = lease.losses ?? {};
  if (now < until) return lease.wakeAt > now ? { do: "nothing" } : { do: "wait", until, losses: true };
  const onDemand = view.tasks.filter(({ kind }) => kind === "launch-on-demand").slice(0, count);
  return {
    do: "launch",
    count,
    more: count === most,
    ...(onDemand.length > 0 && { onDemand }),
    ...(spot !== "usual" && { spot }),
  };
};

/** Whether a registration at that time finds nobody who takes it. */
export const isTooLate = ({ launchedAt, changedAt }: Partial<Machine>, at: number): boolean =>
  at - Date.parse(launchedAt ?? changedAt ?? "") > REGISTRATION_WAIT_MS;
