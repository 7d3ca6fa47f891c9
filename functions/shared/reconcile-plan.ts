import type { FleetView, Launch } from "./ledger-items";

/** More than this takes several rounds, so that the first machines are not kept waiting by the last. */
export const MACHINES_A_LAUNCH = 100;

/**
 * For so long a launch whose answer was lost may still bring machines to light, and is counted as if it had. After
 * it, DescribeInstances knows all there is, and the launch is given up.
 * https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html
 */
export const LAUNCH_IN_DOUBT_MS = 2 * 60_000;

export type Step =
  | { readonly do: "adopt"; readonly launches: readonly Launch[] }
  | { readonly do: "launch"; readonly count: number }
  | { readonly do: "nothing" };

export const isInDoubt = (launch: Launch, now: number): boolean =>
  now - launch.createdAt < LAUNCH_IN_DOUBT_MS;

/** How a fleet stands: what waits, what is on its way or free, and what holds a place under the cap. */
export const balance = ({
  lease,
  waiting,
  machines,
  unseen,
}: FleetView): { waiting: number; free: number; held: number } => {
  const missingOf = ({ launchId, count }: Launch): number =>
    Math.max(count - machines.filter((machine) => machine.launchId === launchId).length, 0);
  const onTheWay = lease.launches.reduce((sum, launch) => sum + missingOf(launch), 0) + unseen.length;
  const free = machines.filter(({ state }) => state === "starting" || state === "idle").length;
  return { waiting: waiting.length, free: free + onTheWay, held: machines.length + onTheWay };
};

/**
 * What to do next in a fleet: machines wanted = jobs that wait, less machines that start, are idle or are on their
 * way, bounded by the places left under the cap. Launches left behind come first, since their machines count.
 *
 * @param looked launches that were looked for in this call already
 */
export const nextStep = (
  view: FleetView,
  maximumMachines: number,
  looked: ReadonlySet<string> = new Set(),
): Step => {
  const left = view.lease.launches.filter(({ launchId }) => !looked.has(launchId));
  if (left.length > 0) return { do: "adopt", launches: left };
  const { waiting, free, held } = balance(view);
  const count = Math.min(waiting - free, maximumMachines - held, MACHINES_A_LAUNCH);
  return count > 0 ? { do: "launch", count } : { do: "nothing" };
};
