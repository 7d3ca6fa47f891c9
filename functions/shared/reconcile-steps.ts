import type { FleetSettings } from "./contract";
import { waitAfter, type Next } from "./launch-errors";
import type { Launch, LaunchedMachine, Lease, Machine } from "./ledger-items";
import { logger } from "./logger";
import { SPOT_PROBE, type SpotUse } from "./losses";
import type { Grant } from "./permits";
import type { Turn } from "./reconcile";
import {
  adoptMachines,
  launchMachines,
  prepareFirst,
  type Harvest,
  type Hold,
  type Order,
} from "./reconcile-launch";
import { isTooLate, type Step } from "./reconcile-plan";

/** What a step brought. */
export interface StepResult {
  readonly machines: readonly LaunchedMachine[];
  /** The permits for their registrations; absent: they are recorded as they are, and registered in the next round. */
  readonly grants?: readonly Grant[];
  /** There may be more to do at once. */
  readonly more: boolean;
}

type Take<Name extends Step["do"]> = (
  turn: Turn,
  lease: Lease,
  step: Extract<Step, { do: Name }>,
) => Promise<StepResult | undefined>;

/** What is done for each step; undefined: another took the lease meanwhile. */
export const steps: { readonly [Name in Exclude<Step["do"], "nothing">]: Take<Name> } = {
  adopt: async (turn, lease, { launches }) => {
    if (!(await holder(turn, lease)(lease.launches))) return undefined;
    for (const { launchId } of launches) turn.tried.add(launchId);
    const harvest = await adoptMachines(turn.parts, turn.fleet, launches, lease.setbacks);
    const others = lease.launches.filter((launch) => !launches.includes(launch));
    turn.underWay = [...others, ...harvest.open];
    if (harvest.short) setBack(turn, lease, harvest.short);
    // What else there is to do need not wait for machines that do not show yet.
    else if (harvest.open.length > 0) lookAgain(turn, turn.parts.now() + waitAfter("wait", 0));
    return { machines: harvest.machines, more: true };
  },

  discard: async (turn, lease, { machines }) => {
    if (!(await holder(turn, lease)(lease.launches))) return undefined;
    await discard(turn, machines, "no registration in time");
    setBack(turn, lease, "wait");
    return { machines: [], more: true };
  },

  register: async (turn, lease, { machines }) => {
    const { permits, registrar } = turn.parts;
    await registrar.ready();
    if (!(await holder(turn, lease)(lease.launches))) return undefined;
    for (const { instanceId } of machines) turn.tried.add(instanceId);
    const { grants, next } = await permits.take(machines.length);
    if (next !== undefined) {
      waitUntil(turn, next);
      const late = machines.slice(granted(grants)).filter((machine) => isTooLate(machine, next));
      if (late.length > 0) await discard(turn, late, "no registration in time");
    }
    return { machines: machines.slice(0, granted(grants)).map(launchedOf), grants, more: true };
  },

  launch: async (turn, lease, { count, more, onDemand = [], spot }) => {
    const { permits, provider, registrar } = turn.parts;
    await Promise.all([registrar.ready(), provider.ready(turn.settings)]);
    if (spot === "probe") turn.tried.add(SPOT_PROBE);
    const hold = holder(turn, lease);
    const likely = Math.min(count, permits.left() ?? count);
    const taken = permits.take(count);
    const settings = usingSpot(turn.settings, spot);
    const order = { count: likely, onDemand: onDemand.length };
    const harvest = await launchWithPermits({ ...turn, settings }, lease, order, taken, hold);
    const { grants, next } = await taken;
    if (!harvest) {
      await permits.giveBack(grants);
      return undefined;
    }
    turn.underWay = harvest.open;
    // Asked for once: where on-demand has nothing either, the next launch takes what there is.
    const owed = onDemand.slice(0, granted(grants));
    await Promise.all(owed.map((task) => turn.parts.ledger.endTask(turn.fleet, task)));
    const [used, unused] = splitGrants(grants, harvest.machines.length);
    // The machines of a launch whose answer was lost get theirs when they are found.
    await permits.giveBack(unused);
    const { short, machines } = harvest;
    if (next !== undefined) waitUntil(turn, next);
    if (short) setBack(turn, lease, short);
    return { machines, grants: used, more };
  },

  wait: async (turn, lease, { until, losses }) => {
    if (!(await holder(turn, lease)(lease.launches))) return undefined;
    if (losses) lookAgain(turn, until);
    else waitUntil(turn, until);
    return { machines: [], more: false };
  },
};

/** Without spot while it rests, if the fleet has another market. */
const usingSpot = (settings: FleetSettings, spot?: SpotUse): FleetSettings => {
  const markets = settings.markets.filter((market) => market !== "spot");
  return spot === "rest" && markets.length > 0 ? { ...settings, markets } : settings;
};

/** Somebody has to look again then. */
const lookAgain = (turn: Turn, at: number): void => {
  turn.until = Math.max(turn.until ?? at, at);
};

/** Nothing more can be had before then. */
export const waitUntil = (turn: Turn, until: number): void => {
  turn.short = true;
  lookAgain(turn, until);
};

/** Machines could not be had, or not be used, for a reason that may last. */
export const setBack = (turn: Turn, lease: Lease, reason: Next): void => {
  turn.setback = true;
  if (reason === "stop" || reason === "again") turn.parts.readAnew(turn.fleet);
  waitUntil(turn, turn.parts.now() + waitAfter(reason, lease.setbacks));
};

/**
 * The lease is taken, and the launches written down, while the permits are taken. They are written down again if the
 * permits are not as many as they were likely to be.
 */
const launchWithPermits = async (
  { parts, fleet, settings }: Turn,
  { launches, setbacks }: Lease,
  { count: likely, onDemand }: Pick<Order, "count" | "onDemand">,
  taken: Promise<{ readonly grants: readonly Grant[] }>,
  hold: Hold,
): Promise<Harvest | undefined> => {
  const first = prepareFirst(parts, { fleet, settings, count: likely, onDemand, setbacks });
  const holding = hold([...launches, ...first]);
  // Both, even if one fails: a lease that is taken after its holder has ended would be nobody's until it runs out.
  await Promise.allSettled([holding, taken]);
  const [held, { grants }] = await Promise.all([holding, taken]);
  if (!held) return undefined;
  const count = granted(grants);
  if (count === 0) return { machines: [], open: launches };
  const written = likely === count ? first : undefined;
  return launchMachines(parts, { fleet, settings, count, onDemand, setbacks }, launches, hold, written);
};

/** Takes the lease, or keeps it, and writes down what is under way. */
const holder = (turn: Turn, lease: Lease): Hold => {
  let seen = lease;
  return async (launches: readonly Launch[]) => {
    const { parts, fleet, holder: me } = turn;
    // If this is never answered, the lease may be held.
    turn.held = true;
    turn.held = await parts.ledger.hold(fleet, seen, me, launches);
    if (turn.held) seen = { ...seen, holder: me.id, turn: seen.turn + 1 };
    return turn.held;
  };
};

/** Ends machines that never got a registration, so that no job can be on them. */
export const discard = async (
  { parts, fleet }: Turn,
  machines: readonly Pick<Machine, "instanceId">[],
  reason: string,
): Promise<void> => {
  const instanceIds = machines.map(({ instanceId }) => instanceId);
  logger.warn("machines ended", { fleet, instanceIds, reason });
  // One that cannot be ended now ends by itself: it finds no registration. The sweep sees that it does.
  await parts.provider.end(instanceIds).catch((error: unknown) => {
    logger.error("machines not ended", { fleet, instanceIds, error });
  });
  await Promise.all(
    instanceIds.map((instanceId) => parts.ledger.moveMachine(fleet, "ending", { instanceId })),
  );
};

const granted = (grants: readonly Grant[]): number => grants.reduce((sum, { count }) => sum + count, 0);

/** The grants for so many machines, and the rest. */
export const splitGrants = (grants: readonly Grant[], machines: number): [used: Grant[], unused: Grant[]] => {
  let left = machines;
  const used = grants.map(({ name, count }) => {
    const some = Math.min(count, left);
    left -= some;
    return { name, count: some };
  });
  const unused = grants.map(({ name, count }, index) => ({ name, count: count - (used[index]?.count ?? 0) }));
  return [used, unused].map((some) => some.filter(({ count }) => count > 0)) as [Grant[], Grant[]];
};

/** Of a machine in the ledger, what was known of it when it was launched. */
const launchedOf = ({
  instanceId,
  launchId = "",
  market = "on-demand",
  launchedAt,
  changedAt,
  type,
  zone,
}: Machine): LaunchedMachine => ({
  instanceId,
  launchId,
  market,
  launchedAt: launchedAt ?? changedAt,
  type,
  zone,
});
