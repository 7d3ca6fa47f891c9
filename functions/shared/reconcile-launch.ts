import { randomUUID } from "node:crypto";
import { ringAlarm } from "./alarm";
import type { FleetSettings } from "./contract";
import { judge } from "./launch-errors";
import type { Ledger } from "./ledger";
import type { Launch, LaunchedMachine } from "./ledger-items";
import { logger } from "./logger";
import type { LaunchAnswer, MachineProvider } from "./machines";
import { isInDoubt } from "./reconcile-plan";
import type { Registrar } from "./registrations";

/** What `reconcile` works with. */
export interface ReconcileParts {
  readonly installation: string;
  readonly ledger: Ledger;
  readonly provider: MachineProvider;
  readonly registrar: Registrar;
  /** Epoch milliseconds */
  readonly now: () => number;
}

/** What launches brought. */
export interface Harvest {
  readonly machines: readonly LaunchedMachine[];
  /** Launches of which it is still open what became of them. */
  readonly open: readonly Launch[];
  /** Machines that were wanted and could not be had now. */
  readonly missing: number;
}

/** Takes or keeps the lease and writes down what is under way. False: another was quicker; nothing may be launched. */
export type Hold = (launches: readonly Launch[]) => Promise<boolean>;

/** Launches machines, one market after the other for as long as the errors say that it can help. */
export const launchMachines = async (
  parts: ReconcileParts,
  { fleet, settings, count }: { fleet: string; settings: FleetSettings; count: number },
  open: readonly Launch[],
  hold: Hold,
): Promise<Harvest | undefined> => {
  const machines: LaunchedMachine[] = [];
  const made: Launch[] = [];
  for (const market of settings.markets) {
    const missing = count - machines.length;
    const order = { launchId: randomUUID(), fleet, settings, market, count: missing, createdAt: parts.now() };
    const launch = parts.provider.prepare(order);
    made.push(launch);
    if (!(await hold([...open, ...made]))) return undefined;
    const answer = await make(parts, fleet, launch);
    if (!answer.answered) return { machines, open: [...open, launch], missing };
    machines.push(...answer.machines);
    if (machines.length >= count || judge(answer.errors).next !== "elsewhere") break;
  }
  return { machines, open, missing: Math.max(count - machines.length, 0) };
};

/**
 * Looks for what became of launches that a holder left behind: machines by their tag; a young launch that shows none
 * is made again, to the letter. Machines that the ledger knows are left alone.
 */
export const adoptMachines = async (
  parts: ReconcileParts,
  fleet: string,
  launches: readonly Launch[],
): Promise<Harvest> => {
  const looked = await Promise.all(launches.map((launch) => lookFor(parts, fleet, launch)));
  const found = looked.flatMap(({ machines }) => machines);
  const ids = found.map(({ instanceId }) => instanceId);
  const known = await parts.ledger.states(fleet, ids);
  return {
    machines: found.filter(({ instanceId }) => !known.has(instanceId)),
    open: looked.flatMap(({ open }) => open),
    missing: 0,
  };
};

const lookFor = async (
  parts: ReconcileParts,
  fleet: string,
  launch: Launch,
): Promise<{ machines: readonly LaunchedMachine[]; open: Launch[] }> => {
  const young = isInDoubt(launch, parts.now());
  const found = await parts.provider.find({ launchId: launch.launchId });
  const again = found.length === 0 && young ? await make(parts, fleet, launch) : undefined;
  const machines = again?.machines ?? found;
  // An answer with errors says what became of the rest; an empty one may stand for machines that do not show yet.
  const answered = again?.answered === true && again.errors.length > 0;
  const settled = !young || machines.length >= launch.count || answered;
  return { machines, open: settled ? [] : [launch] };
};

const make = async (parts: ReconcileParts, fleet: string, launch: Launch): Promise<LaunchAnswer> => {
  const answer = await parts.provider.launch(launch);
  const { launchId, market, count } = launch;
  logger.info("launch made", {
    fleet,
    launchId,
    market,
    count,
    answered: answer.answered,
    instanceIds: answer.machines.map(({ instanceId }) => instanceId),
    errors: answer.errors,
  });
  for (const { code, message } of judge(answer.errors).alarms) {
    ringAlarm(parts.installation, "launch refused", { fleet, launchId, market, code, reason: message });
  }
  return answer;
};
