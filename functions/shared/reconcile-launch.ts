import { randomUUID } from "node:crypto";
import { ringAlarm } from "./alarm";
import type { FleetSettings, Market } from "./contract";
import { alarmsOf, classOf, judge, type LaunchError, type Next, type Pool } from "./launch-errors";
import type { Ledger } from "./ledger";
import type { Launch, LaunchedMachine } from "./ledger-items";
import { logger } from "./logger";
import type { LaunchAnswer, MachineProvider } from "./machines";
import type { Permits } from "./permits";
import { isInDoubt, MACHINES_A_LAUNCH } from "./reconcile-plan";
import type { Registrar } from "./registrations";
import type { Wake } from "./wake";

/** What `reconcile` works with. */
export interface ReconcileParts {
  readonly installation: string;
  readonly ledger: Ledger;
  readonly provider: MachineProvider;
  readonly permits: Permits;
  readonly registrar: Registrar;
  readonly wake: Wake;
  /** The fleet's settings may be of yesterday: they are read anew for the next launch. */
  readonly readAnew: (fleet: string) => void;
  /** Epoch milliseconds */
  readonly now: () => number;
}

/** What launches brought. */
export interface Harvest {
  readonly machines: readonly LaunchedMachine[];
  /** Launches of which it is still open what became of them. */
  readonly open: readonly Launch[];
  /** Fewer machines than were wanted: what follows from that. */
  readonly short?: Next;
}

export interface Order {
  readonly fleet: string;
  readonly settings: FleetSettings;
  readonly count: number;
  /** Launches in a row that had brought nothing before. */
  readonly setbacks: number;
  /** So many of them on-demand, whichever market comes first. Absent: none. */
  readonly onDemand?: number;
}

/** Takes or keeps the lease and writes down what is under way. False: another was quicker; nothing may be launched. */
export type Hold = (launches: readonly Launch[]) => Promise<boolean>;

interface Attempt {
  readonly market: Market;
  readonly without: readonly Pool[];
}

const attemptsOf = ({ markets }: FleetSettings): Attempt[] =>
  markets.map((market) => ({ market, without: [] }));

/** None for no machines. */
const prepare = (parts: ReconcileParts, order: Order, attempt: Attempt): Launch[] => {
  const { count, onDemand = 0, settings } = order;
  const apart = settings.markets.includes("on-demand") ? Math.min(onDemand, count) : 0;
  return [
    ...prepareIn(parts, { ...order, count: count - apart }, attempt),
    ...prepareIn(parts, { ...order, count: apart }, { ...attempt, market: "on-demand" }),
  ];
};

const prepareIn = ({ provider, now }: ReconcileParts, order: Order, attempt: Attempt): Launch[] =>
  sizesOf(order.count).map((count) =>
    provider.prepare({ ...order, ...attempt, count, launchId: randomUUID(), createdAt: now() }),
  );

const sizesOf = (count: number): number[] =>
  Array.from({ length: Math.ceil(count / MACHINES_A_LAUNCH) }, (_, index) =>
    Math.min(count - index * MACHINES_A_LAUNCH, MACHINES_A_LAUNCH),
  );

/** What {@link launchMachines} will begin with. */
export const prepareFirst = (parts: ReconcileParts, order: Order): Launch[] =>
  attemptsOf(order.settings)
    .slice(0, 1)
    .flatMap((attempt) => prepare(parts, order, attempt));

/**
 * Launches machines, in calls side by side: in one market after the other, for as long as the errors say that it can
 * help.
 *
 * @param written the first launches, if they are written down already
 */
export const launchMachines = async (
  parts: ReconcileParts,
  order: Order,
  open: readonly Launch[],
  hold: Hold,
  written?: readonly Launch[],
): Promise<Harvest | undefined> => {
  const { fleet, settings, count } = order;
  const machines: LaunchedMachine[] = [];
  // Those of which machines are not written down yet: all that were made would not fit the fleet's item.
  const kept: Launch[] = [];
  const refusals: Refusal[] = [];
  const attempts = attemptsOf(settings);
  const end = (harvest: Harvest): Harvest => {
    tell(parts, fleet, refusals, { had: machines.length, wanted: count, setbacks: order.setbacks });
    return harvest;
  };
  let short: Next = "elsewhere";
  let first: readonly Launch[] | undefined = written;
  let onDemand = order.onDemand;
  for (let attempt = attempts.shift(); attempt; attempt = attempts.shift()) {
    const rest = { ...order, count: count - machines.length, onDemand };
    const launches = first ?? prepare(parts, rest, attempt);
    if (launches !== first && !(await hold([...open, ...kept, ...launches]))) return undefined;
    [first, onDemand] = [undefined, 0];
    const answers = await Promise.all(launches.map((launch) => makeLaunch(parts, fleet, launch)));
    kept.push(...launches.filter((_, index) => (answers[index]?.machines.length ?? 0) > 0));
    machines.push(...answers.flatMap((answer) => answer.machines));
    refusals.push(...answers.flatMap((answer, index) => refusalsOf(launches[index], answer)));
    const unanswered = launches.filter((_, index) => answers[index]?.answered !== true);
    if (unanswered.length > 0) return end({ machines, open: [...open, ...unanswered], short: "wait" });
    if (machines.length >= count) return end({ machines, open });
    const errors = answers.flatMap((answer) => answer.errors);
    short = judge(errors);
    if (short === "wait") break;
    const without = await parts.provider.elsewhere(settings, attempt.without, errors);
    if (without) attempts.unshift({ market: attempt.market, without });
    else if (short === "stop" || short === "again") break;
  }
  return end({ machines, open, short });
};

/** An error, and the launch that it is of. */
interface Refusal extends LaunchError {
  readonly launchId?: string;
  readonly market?: Market;
}

const refusalsOf = (launch: Launch | undefined, { errors }: LaunchAnswer): Refusal[] =>
  errors.map((error) => ({ ...error, launchId: launch?.launchId, market: launch?.market }));

/**
 * Looks for what became of launches that a holder left behind: machines by their tag; a young launch that shows none
 * is made again, to the letter. Machines that the ledger knows are left alone.
 */
export const adoptMachines = async (
  parts: ReconcileParts,
  fleet: string,
  launches: readonly Launch[],
  setbacks: number,
): Promise<Harvest> => {
  const looked = await Promise.all(launches.map((launch) => lookFor(parts, fleet, launch, setbacks)));
  const found = looked.flatMap(({ machines }) => machines);
  const ids = found.map(({ instanceId }) => instanceId);
  const known = await parts.ledger.states(fleet, ids);
  const open = looked.flatMap(({ open }) => open);
  return {
    machines: found.filter(({ instanceId }) => !known.has(instanceId)),
    open,
    ...(looked.some(({ answered }) => !answered) && { short: "wait" }),
  };
};

const lookFor = async (
  parts: ReconcileParts,
  fleet: string,
  launch: Launch,
  setbacks: number,
): Promise<{ machines: readonly LaunchedMachine[]; open: Launch[]; answered: boolean }> => {
  const young = isInDoubt(launch, parts.now());
  const found = await parts.provider.find({ launchId: launch.launchId });
  const again = found.length === 0 && young ? await makeLaunch(parts, fleet, launch) : undefined;
  if (again) {
    const brought = { had: again.machines.length, wanted: launch.count, setbacks };
    tell(parts, fleet, refusalsOf(launch, again), brought);
  }
  const machines = again?.machines ?? found;
  // An answer with errors says what became of the rest; an empty one may stand for machines that do not show yet.
  const refused = again?.answered === true && again.errors.length > 0;
  const settled = !young || machines.length >= launch.count || refused;
  return { machines, open: settled ? [] : [launch], answered: again?.answered ?? true };
};

const makeLaunch = async (parts: ReconcileParts, fleet: string, launch: Launch): Promise<LaunchAnswer> => {
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
  return answer;
};

/** Rings for what a person has to do something about, once it is known what the launches brought together. */
const tell = (
  { installation }: ReconcileParts,
  fleet: string,
  refusals: readonly Refusal[],
  { had, wanted, setbacks }: { readonly had: number; readonly wanted: number; readonly setbacks: number },
): void => {
  for (const { code, message, launchId, market } of alarmsOf(refusals, had, wanted, setbacks)) {
    const { advice } = classOf(code);
    ringAlarm(installation, "launch refused", {
      ...{ fleet, launchId, market, code, reason: message },
      ...(advice !== undefined && { advice }),
    });
  }
};
