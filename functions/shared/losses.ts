import type { Ledger } from "./ledger";
import { FLEET_ITEM, type FleetView, type Lease, type Machine } from "./ledger-items";
import { logger } from "./logger";

/**
 * Machines in a row that were lost before they were idle or busy, whoever ended them. What has ended several may end
 * the next ones too, so they are not just replaced: after a pause, which grows, one machine shows whether it is over.
 * It is over when a machine takes a job that was launched after the first of them, or together with it.
 */
export interface Losses {
  readonly count: number;
  /** How many sweeps found such machines: the more, the longer the pause. */
  readonly rounds: number;
  /** ISO 8601: when the first and the last of them were launched. */
  readonly since: string;
  readonly last: string;
  /** Epoch milliseconds: nothing is launched before. */
  readonly notBefore: number;
  /** The last ones. */
  readonly machines: readonly LostMachine[];
  /** Epoch milliseconds: when a person was told. */
  readonly toldAt?: number;
}

export interface LostMachine {
  readonly instanceId: string;
  /** The provider's code for what ended it. */
  readonly reason: string;
}

/** A machine that was lost before it was idle or busy. */
export interface Loss extends LostMachine {
  /** ISO 8601 */
  readonly launchedAt: string;
}

const MINUTE_MS = 60_000;

/**
 * Milliseconds after each round; the last one holds for all that follow. One machine that is lost is chance, as a rule,
 * so the first is replaced at once. With a sweep every 2 minutes these are some 12 machines in the first hour, and fewer
 * then.
 */
export const FLEET_PAUSES: readonly number[] = [0, 15_000, 30_000, MINUTE_MS, 2 * MINUTE_MS, 5 * MINUTE_MS];

/** On-demand serves the jobs meanwhile, at a higher price. */
export const SPOT_PAUSES: readonly number[] = [5, 10, 20, 40, 60].map((minutes) => minutes * MINUTE_MS);

/** As many as are named to a person. */
const MACHINES_KEPT = 3;

/**
 * @param lost of which it is certain, and `suspects` of which it is not: for these, too, a fleet goes on with care, but they
 * are no reason to wake somebody
 */
export const addLosses = (
  before: Losses | undefined,
  { lost, suspects }: { readonly lost: readonly Loss[]; readonly suspects: readonly Loss[] },
  now: number,
  pauses: readonly number[],
): Losses | undefined => {
  const found = [...lost, ...suspects];
  if (found.length === 0) return before;
  const times = [
    ...found.map(({ launchedAt }) => launchedAt),
    ...(before ? [before.since, before.last] : []),
  ];
  const ordered = times.sort();
  const rounds = (before?.rounds ?? 0) + 1;
  const machines = lost.map(({ instanceId, reason }) => ({ instanceId, reason }));
  return {
    ...before,
    count: (before?.count ?? 0) + lost.length,
    rounds,
    since: ordered[0] ?? "",
    last: ordered.at(-1) ?? "",
    notBefore: now + (pauses[rounds - 1] ?? pauses.at(-1) ?? 0),
    machines: [...(before?.machines ?? []), ...machines].slice(-MACHINES_KEPT),
  };
};

type Served = Pick<Machine, "launchedAt" | "changedAt" | "market">;

export const hasServed = ({ state, jobId }: Machine): boolean => state === "busy" || jobId !== undefined;

/** A machine of unknown age is no proof. */
const isOver = (losses: Losses | undefined, served: readonly Served[]): boolean =>
  losses !== undefined && served.some(({ launchedAt = "" }) => launchedAt >= losses.since);

/** What is left of the losses, given the machines that took a job. */
export const lossesAfter = <Of extends Pick<Lease, "losses" | "spotLosses">>(
  { losses, spotLosses }: Of,
  served: readonly Served[],
): Pick<Lease, "losses" | "spotLosses"> => ({
  losses: isOver(losses, served) ? undefined : losses,
  spotLosses: isOver(
    spotLosses,
    served.filter(({ market }) => market === "spot"),
  )
    ? undefined
    : spotLosses,
});

/** Writes down that losses are over, if the view shows that they are. */
export const endLosses = async (
  ledger: Pick<Ledger, "note">,
  fleet: string,
  view: FleetView,
): Promise<FleetView> => {
  const { lease, machines } = view;
  if (!lease.losses && !lease.spotLosses) return view;
  const after = lossesAfter(lease, machines.filter(hasServed));
  if (after.losses === lease.losses && after.spotLosses === lease.spotLosses) return view;
  await ledger.note(fleet, FLEET_ITEM, { ...after });
  logger.info("machines take jobs again", { fleet });
  return { ...view, lease: { ...lease, ...after } };
};

/** How spot is used: as ever; not at all, where there is another market; for one machine that shows whether it works. */
export type SpotUse = "usual" | "rest" | "probe";

/** What {@link SpotUse} was tried in a turn: once is enough. */
export const SPOT_PROBE = "spot probe";

export const spotUse = (
  { lease, machines }: Pick<FleetView, "lease" | "machines">,
  now: number,
  tried: ReadonlySet<string>,
): SpotUse => {
  const { spotLosses, launches } = lease;
  if (!spotLosses) return "usual";
  const underWay =
    launches.some(({ market }) => market === "spot") ||
    machines.some((machine) => machine.market === "spot" && isBooting(machine));
  return now < spotLosses.notBefore || underWay || tried.has(SPOT_PROBE) ? "rest" : "probe";
};

/** Neither idle nor busy yet: it may still be lost. */
export const isBooting = ({ state }: Pick<Machine, "state">): boolean =>
  state === "launching" || state === "starting";
