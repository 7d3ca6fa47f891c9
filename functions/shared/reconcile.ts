import { randomUUID } from "node:crypto";
import { ringAlarm } from "./alarm";
import { chunks } from "./chunks";
import type { FleetSettings } from "./contract";
import { GithubError } from "./github";
import { MACHINES_A_WRITE } from "./ledger";
import type { FleetView, Launch } from "./ledger-items";
import { isHeld, LEASE_MARGIN_MS, type LeaseHolder, type LeaseOutcome } from "./ledger-lease";
import { logger } from "./logger";
import { adoptMachines, launchMachines, type Harvest, type ReconcileParts } from "./reconcile-launch";
import { MACHINES_A_LAUNCH, nextStep, type Step } from "./reconcile-plan";
import type { FailedRegistration } from "./registrations";

/**
 * A round makes a dozen calls, of which CreateFleet takes seconds and a registration that GitHub does not answer 15:
 * none is begun with less time than this left.
 */
const ROUND_MS = 20_000;

/** One call of `reconcile`. */
interface Turn {
  readonly parts: ReconcileParts;
  readonly fleet: string;
  readonly settings: FleetSettings;
  readonly holder: LeaseHolder;
  /** Launches that were looked for already. */
  readonly looked: Set<string>;
  /** Machines that were recorded. */
  readonly recent: string[];
  held?: boolean;
  /** What is under way after the last round: only the holder writes it, so it need not be read back. */
  underWay?: readonly Launch[];
}

/**
 * The one verb of the system: compares what a fleet has with what it should have, and brings about the difference.
 * Can be run at any time, any number of times, by anyone: {@link LeaseHolder} says why.
 *
 * @param deadline epoch milliseconds at which this function is stopped
 * @throws whatever a call throws; the ledger then still says what there is to do, and the next to come does it
 */
export const reconcile = async (
  parts: ReconcileParts,
  fleet: string,
  settings: FleetSettings,
  deadline: number,
): Promise<void> => {
  const holder = { id: randomUUID(), until: deadline + LEASE_MARGIN_MS };
  const turn: Turn = { parts, fleet, settings, holder, looked: new Set(), recent: [] };
  let done = false;
  try {
    while (!done && parts.now() < deadline - ROUND_MS) done = await round(turn);
    if (!done) logger.warn("reconcile cut short", { fleet });
  } finally {
    // Nobody should have to wait for a lease to run out. What is under way stays as it is written down.
    if (!done && turn.held) await parts.ledger.release(fleet, { holder }).catch(() => false);
  }
};

/** True: all is as it should be, or as it can be for now, or another sees to it. */
const round = async (turn: Turn): Promise<boolean> => {
  const { parts, fleet, settings, holder, looked } = turn;
  const view = await read(turn);
  const mine = view.lease.holder === holder.id;
  if (!mine && isHeld(view.lease, parts.now())) return parts.ledger.mark(fleet);
  const step = nextStep(view, settings.maximumMachines, looked);
  if (step.do !== "nothing") return act(turn, view, step);
  return !mine || parts.ledger.release(fleet, outcomeOf(turn, view.lease.mark));
};

const read = async ({ parts, fleet, holder, underWay }: Turn): Promise<FleetView> => {
  const view = await parts.ledger.read(fleet);
  if (view.lease.holder !== holder.id || !underWay) return view;
  return { ...view, lease: { ...view.lease, launches: underWay } };
};

const outcomeOf = ({ holder, underWay, recent }: Turn, mark?: number): LeaseOutcome => ({
  holder,
  mark,
  launches: underWay,
  recent,
});

/**
 * Gets machines, asks for their registrations while they boot, and records both together: until then the launch is
 * what stands for the machines, so whoever has to go on from here finds them by it.
 */
const act = async (turn: Turn, view: FleetView, step: Exclude<Step, { do: "nothing" }>): Promise<boolean> => {
  const { parts, fleet, settings } = turn;
  await parts.registrar.ready();
  const harvest = await getMachines(turn, view, step);
  if (!harvest) return false;
  turn.underWay = harvest.open;
  // What could not be had now is not tried again by this call, whatever marks there are: an event or the sweep will.
  let short = harvest.missing > 0;
  const more = step.do === "adopt" || step.count === MACHINES_A_LAUNCH;
  const groups = harvest.machines.length ? chunks(harvest.machines, MACHINES_A_WRITE) : [[]];
  let released = false;
  for (const [index, group] of groups.entries()) {
    const { registered, failed } = await parts.registrar.register(fleet, settings, group);
    await discard(turn, failed);
    short ||= failed.length > 0;
    turn.recent.push(...registered.map(({ machine }) => machine.instanceId));
    const last = index === groups.length - 1 && (short || !more);
    const outcome = last ? outcomeOf(turn, short ? undefined : view.lease.mark) : undefined;
    released = await parts.ledger.settle(fleet, registered, outcome);
  }
  return released;
};

const getMachines = async (
  turn: Turn,
  view: FleetView,
  step: Exclude<Step, { do: "nothing" }>,
): Promise<Harvest | undefined> => {
  const { parts, fleet, settings, holder, looked } = turn;
  let seen = view.lease;
  const hold = async (launches: readonly Launch[]): Promise<boolean> => {
    turn.held = await parts.ledger.hold(fleet, seen, holder, launches);
    if (turn.held) seen = { ...seen, holder: holder.id, turn: seen.turn + 1 };
    return turn.held;
  };
  const { launches } = view.lease;
  if (step.do === "launch") {
    return launchMachines(parts, { fleet, settings, count: step.count }, launches, hold);
  }
  if (!(await hold(launches))) return undefined;
  for (const { launchId } of step.launches) looked.add(launchId);
  const harvest = await adoptMachines(parts, fleet, step.launches);
  const others = launches.filter((launch) => !step.launches.includes(launch));
  return { ...harvest, open: [...others, ...harvest.open] };
};

/** A machine without a registration has no business. */
const discard = async ({ parts, fleet }: Turn, failed: readonly FailedRegistration[]): Promise<void> => {
  if (failed.length === 0) return;
  const instanceIds = failed.map(({ machine }) => machine.instanceId);
  const error = failed[0]?.error;
  if (error instanceof GithubError && error.limited) {
    logger.warn("registrations limited", { fleet, instanceIds, limits: error.limits });
  } else {
    ringAlarm(parts.installation, "registration failed", { fleet, instanceIds, error });
  }
  // One that cannot be ended now ends by itself: it finds no registration.
  await parts.provider.end(instanceIds).catch((failure: unknown) => {
    logger.error("machines not ended", { fleet, instanceIds, error: failure });
  });
};
