import { randomUUID } from "node:crypto";
import { ringAlarm } from "./alarm";
import { chunks } from "./chunks";
import type { FleetSettings } from "./contract";
import { LimitedError } from "./github-access";
import { MACHINES_A_WRITE } from "./ledger";
import type { FleetView, Launch, LaunchedMachine, Lease } from "./ledger-items";
import { isHeld, LEASE_MARGIN_MS, type LeaseHolder, type LeaseOutcome } from "./ledger-lease";
import type { RecordedMachine } from "./ledger-writes";
import { logger } from "./logger";
import { endLosses } from "./losses";
import type { Grant } from "./permits";
import type { ReconcileParts } from "./reconcile-launch";
import { labelsKey } from "./match-labels";
import { nextStep, withLabels } from "./reconcile-plan";
import { discard, setBack, splitGrants, steps, waitUntil, type StepResult } from "./reconcile-steps";
import type { FailedRegistration } from "./registrations";
import { LONGEST_WAKE_MS } from "./wake";

/**
 * A round waits for CreateFleet, which takes seconds, and for up to nine registrations of an App one after the other; one
 * that GitHub does not answer takes 15. No round is begun with less time than this left.
 */
const ROUND_MS = 20_000;

/** A token can be at its limit for an hour, while another has permits: who asks for one again learns how it is. */
const PUT_OFF_MS = 15_000;

/** A queue may deliver a little early by the clock of this function. */
const WAKE_MARGIN_MS = 500;

/** One call of `reconcile`. */
export interface Turn {
  readonly parts: ReconcileParts;
  readonly fleet: string;
  readonly settings: FleetSettings;
  readonly holder: LeaseHolder;
  /** Launches and machines that were tried already. */
  readonly tried: Set<string>;
  /** Machines that were recorded. */
  readonly recent: string[];
  /** How many machines got their registration. */
  registered: number;
  held?: boolean;
  /** Nothing more can be had now: what is missing has to wait. */
  short: boolean;
  /** Machines could not be had, or not be used. */
  setback: boolean;
  /** Epoch milliseconds at which somebody has to look again. */
  until?: number;
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
  const turn: Turn = {
    parts,
    fleet,
    settings,
    holder,
    tried: new Set(),
    recent: [],
    registered: 0,
    short: false,
    setback: false,
  };
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
  const { parts, fleet, settings, holder } = turn;
  const view = await read(turn);
  const mine = view.lease.holder === holder.id;
  if (!mine && isHeld(view.lease, parts.now())) return parts.ledger.mark(fleet);
  const seen = await endLosses(parts.ledger, fleet, view);
  const step = nextStep(withLabels(seen, settings.labels), settings.maximumMachines, parts.now(), turn);
  if (step.do === "nothing") return !mine || letGo(turn, view.lease, []);
  const result = await steps[step.do](turn, view.lease, step as never);
  return result ? settle(turn, view.lease, result) : false;
};

const read = async ({ parts, fleet, holder, underWay }: Turn): Promise<FleetView> => {
  const view = await parts.ledger.read(fleet);
  if (view.lease.holder !== holder.id || !underWay) return view;
  return { ...view, lease: { ...view.lease, launches: underWay } };
};

/**
 * Registers what a step brought, and writes it down: in groups side by side, each as soon as it is registered, but the
 * last one when all the others are, with the lease.
 */
const settle = async (turn: Turn, lease: Lease, step: StepResult): Promise<boolean> => {
  const { ledger } = turn.parts;
  const groups = step.machines.length > 0 ? chunks(step.machines, MACHINES_A_WRITE) : [[]];
  const records = groups.map(async (group, index) => {
    const [, grants] = step.grants ? splitGrants(step.grants, index * MACHINES_A_WRITE) : [];
    const recorded = await register(turn, lease, group, grants);
    turn.recent.push(...recorded.map(({ machine }) => machine.instanceId));
    if (index < groups.length - 1) await ledger.settle(turn.fleet, recorded);
    return recorded;
  });
  // All, even if one fails: whoever lets the lease go leaves nothing behind that still writes.
  await Promise.allSettled(records);
  const recorded = (await Promise.all(records)).at(-1) ?? [];
  const last = turn.short || !step.more;
  return last ? letGo(turn, lease, recorded) : ledger.settle(turn.fleet, recorded);
};

/** False: somebody left a mark, and there has to be another round; but not for what cannot be had now. */
const letGo = async (turn: Turn, lease: Lease, recorded: readonly RecordedMachine[]): Promise<boolean> => {
  const { parts, fleet, holder, underWay: launches, recent, short } = turn;
  const patience = await patienceFor(turn, lease);
  const mark = short ? undefined : lease.mark;
  return parts.ledger.settle(fleet, recorded, { holder, launches, recent, mark, patience });
};

/** Machines as they can be recorded: with their registrations, or waiting for them. */
const register = async (
  turn: Turn,
  lease: Lease,
  machines: readonly LaunchedMachine[],
  grants: readonly Grant[] | undefined,
): Promise<readonly RecordedMachine[]> => {
  if (!grants || machines.length === 0) return machines.map((machine) => ({ machine }));
  const { parts, fleet, settings } = turn;
  const { registered, putOff, failed } = await parts.registrar.register(fleet, settings, machines, grants);
  turn.registered += registered.length;
  if (failed.length > 0) {
    await giveUp(turn, failed);
    setBack(turn, lease, "stop");
  }
  for (const { machine, until, error } of putOff) {
    turn.tried.add(machine.instanceId);
    // A limit is a matter of pace; after trouble, machines that are launched may be of no use.
    turn.setback ||= !(error instanceof LimitedError);
    waitUntil(turn, Math.min(until, parts.now() + PUT_OFF_MS));
  }
  if (putOff.length > 0) {
    const instanceIds = putOff.map(({ machine }) => machine.instanceId);
    logger.warn("registrations put off", { fleet, instanceIds, error: putOff[0]?.error });
  }
  const labels = { labelsKey: labelsKey(settings.labels) };
  return [...registered.map((one) => ({ ...one, ...labels })), ...putOff.map(({ machine }) => ({ machine }))];
};

const giveUp = async (turn: Turn, failed: readonly FailedRegistration[]): Promise<void> => {
  const { parts, fleet } = turn;
  const machines = failed.map(({ machine }) => machine);
  const instanceIds = machines.map(({ instanceId }) => instanceId);
  ringAlarm(parts.installation, "registration failed", { fleet, instanceIds, error: failed[0]?.error });
  await discard(turn, machines, "registration failed");
};

/** What the fleet's item says until the next launch; who has to wait sees to it that somebody looks again. */
const patienceFor = async (turn: Turn, lease: Lease): Promise<LeaseOutcome["patience"]> => {
  const { parts, fleet, until, short, setback, registered } = turn;
  const setbacks = registered > 0 ? 0 : lease.setbacks + (setback ? 1 : 0);
  if (until === undefined) return setbacks === lease.setbacks ? undefined : { setbacks };
  const waitMs = Math.min(Math.max(until - parts.now(), 0) + WAKE_MARGIN_MS, LONGEST_WAKE_MS);
  await parts.wake(fleet, waitMs / 1000).catch((error: unknown) => {
    // The sweep looks again in any case.
    logger.warn("not woken", { fleet, error });
  });
  return { setbacks, wakeAt: parts.now() + waitMs, ...(short && { notBefore: until }) };
};
