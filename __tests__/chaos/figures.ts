import { deadIn, leftIn, runnersIn, type LedgerLeft } from "./left";
import { isOver, type Fate } from "./fate";
import type { Instance } from "./instance";
import { troubleFiguresOf, type TroubleFigures } from "./trouble-figures";
import { POISON, type World } from "./world";

/** What a run came to. Each is said in words in {@link legend}. */
export interface Figures extends LedgerLeft, TroubleFigures {
  readonly seed: number;
  readonly jobs: number;
  readonly lost: number;
  readonly doubledClaims: number;
  readonly busyKilled: number;
  readonly surplusShare: number;
  readonly orphans: number;
  readonly outlived: number;
  readonly longestUnused: number;
  readonly recordsLeft: number;
  readonly waitP50: number;
  readonly waitP95: number;
  readonly waitP99: number;
  readonly machines: number;
  readonly unusedMachines: number;
  readonly unusedExplained: number;
  readonly relaunches: number;
  readonly cancelled: number;
  readonly takenElsewhere: number;
  readonly ghosts: number;
  readonly longestGhost: number;
  readonly notices: number;
  readonly interruptedAtWork: number;
  readonly reruns: number;
  readonly needlessReruns: number;
  readonly rerunsOfCancelled: number;
  readonly rerunsOfCancelledRuns: number;
  readonly rerunsNotTold: number;
  readonly cancelledByLoss: number;
  readonly lateFailures: number;
  readonly deadLetters: number;
  readonly deadMadeUpFor: number;
  readonly poison: number;
  readonly killedFunctions: number;
  readonly timedOutFunctions: number;
  readonly revocations: number;
  readonly alarms: Readonly<Record<string, number>>;
  readonly events: Readonly<Record<string, number>>;
  readonly faults: Readonly<Record<string, number>>;
  /** By function. */
  readonly timedOut: Readonly<Record<string, number>>;
  readonly callsPerJob: Readonly<Record<string, number>>;
  /** Why machines that never had a job ended. */
  readonly unusedBecause: Readonly<Record<string, number>>;
  readonly lostJobs: readonly string[];
  readonly needlessJobs: readonly string[];
  /** Of the run: from the first job to the end of the last, in simulated seconds. */
  readonly seconds: number;
  /** Last: the first cause that comes to mind when two runs of one seed differ. */
  readonly happenings: number;
}

export const figuresOf = (world: World, seed: number, from: number, doneAt: number): Figures => {
  const fates = [...world.actions.fates.values()].filter(({ wanted }) => !wanted.stranger);
  const machines = [...world.ec2.instances.values()];
  const cancelled = fates.filter(({ cancelledAt }) => cancelledAt !== undefined);
  const lost = fates.filter((fate) => !isOver(fate));
  const waits = fates.flatMap(({ queuedAt, startedAt }) =>
    queuedAt !== undefined && startedAt !== undefined ? [(startedAt - queuedAt) / 1000] : [],
  );
  const ghosts = machines.filter(({ ghostSince }) => ghostSince !== undefined);
  const unused = unusedOf(fates, machines);
  const reruns = (fate: Fate): number => fate.tries.length - 1;
  const needless = needlessOf(world, fates);
  const dead = deadIn(world);
  return {
    seed,
    jobs: fates.length,
    lost: lost.length,
    doubledClaims: doubledOf(world, fates, machines),
    busyKilled: machines.filter(({ killedAtWork }) => killedAtWork).length,
    surplusShare: round(unused.surplus / fates.length, 4),
    orphans: machines.filter(({ alive }) => alive).length,
    outlived: machines.filter((machine) => outlives(machine, world)).length,
    longestUnused: round(
      Math.max(0, ...machines.filter(({ worked }) => !worked).map((one) => lifeOf(one, world.clock.now))) /
        1000,
      0,
    ),
    ...leftIn(world),
    recordsLeft: runnersIn(world).length,
    waitP50: quantile(waits, 0.5),
    waitP95: quantile(waits, 0.95),
    waitP99: quantile(waits, 0.99),
    machines: machines.length,
    unusedMachines: unused.count,
    unusedExplained: unused.explained,
    relaunches: Math.max(machines.length - fates.length, 0),
    cancelled: cancelled.length,
    takenElsewhere: fates.filter(({ takenElsewhere }) => takenElsewhere).length,
    ghosts: ghosts.length,
    longestGhost: round(Math.max(0, ...ghosts.map((one) => hauntOf(one, world.clock.now))) / 1000, 0),
    notices: world.notices,
    interruptedAtWork: sum(fates.map(({ losses }) => losses)),
    reruns: sum(fates.map(reruns)),
    needlessReruns: needless.count("of others"),
    rerunsOfCancelled: needless.count("of cancelled jobs"),
    rerunsOfCancelledRuns: needless.count("of cancelled runs"),
    rerunsNotTold: needless.count("not told apart"),
    cancelledByLoss: sum(fates.map((fate) => fate.cancelledByLoss)),
    lateFailures: machines.filter(isLateFailure).length,
    deadLetters: dead.missed,
    deadMadeUpFor: dead.madeUpFor,
    poison: world.queue.dead.filter((body) => body === POISON).length,
    killedFunctions: sum(world.functions.all.map(({ died, timedOut }) => died - timedOut)),
    timedOutFunctions: sum(world.functions.all.map(({ timedOut }) => timedOut)),
    revocations: world.revocations,
    ...troubleFiguresOf(world, fates),
    alarms: sorted(world.alarms),
    events: { ...world.events.counts },
    faults: sorted(world.wire.faults),
    timedOut: sorted(new Map(world.functions.all.map(({ name, timedOut }) => [name, timedOut]))),
    callsPerJob: sorted(world.wire.calls, (count) => round(count / fates.length, 2)),
    unusedBecause: unused.because,
    lostJobs: lost.map(nameOf),
    needlessJobs: [...needless.of("of others"), ...needless.of("of cancelled runs")].map(nameOf),
    seconds: round((doneAt - from) / 1000, 0),
    happenings: world.clock.events,
  };
};

/**
 * The notice and GitHub both give whole seconds. So a job that fails by itself in the second before its machine is taken
 * looks like one whose step the shutdown killed; and what is cancelled as a machine is lost, like what its loss cancels.
 */
const TOLD_FROM_MS = 1000;
const TOLD_FROM_CANCELLED_MS = 60_000;

type Needless = "of others" | "of cancelled jobs" | "of cancelled runs" | "not told apart";

/** Re-runs of jobs that had lost neither their machine nor a job of their matrix to such a loss. */
const needlessOf = ({ ec2 }: World, fates: readonly Fate[]) => {
  const kindOf = ({ ranAt, cancelledAt, cancelledWithRun, machines, mates }: Fate): Needless => {
    const near = ({ lostAt = 0 }: Fate): boolean =>
      Math.abs((cancelledAt ?? Infinity) - lostAt) < TOLD_FROM_CANCELLED_MS;
    if (cancelledAt !== undefined) {
      if (!cancelledWithRun) return "of cancelled jobs";
      return mates.some(near) ? "not told apart" : "of cancelled runs";
    }
    const endedAt = machines.flatMap((id) => ec2.instances.get(id)?.endedAt ?? []);
    const isLast = endedAt.some((at) => at >= (ranAt ?? at) && at - (ranAt ?? 0) < TOLD_FROM_MS);
    return isLast ? "not told apart" : "of others";
  };
  const all = fates.flatMap((fate) => {
    const count = fate.tries.length - 1 - fate.losses - fate.cancelledByLoss;
    return count > 0 ? [{ fate, count, kind: kindOf(fate) }] : [];
  });
  const of = (kind: Needless) => all.filter((one) => one.kind === kind);
  return {
    of: (kind: Needless): Fate[] => of(kind).map(({ fate }) => fate),
    count: (kind: Needless): number => sum(of(kind).map(({ count }) => count)),
  };
};

/** With the ids that GitHub gave it, one after the other. */
const nameOf = ({ wanted, tries }: Fate): string =>
  `${wanted.name} (${tries.map(({ id }) => id).join(", ")})`;

/** To ship the logs and power off. */
const AFTER_A_JOB_MS = 60_000;
/** The wait for a registration, and the machine's own backstop after it. */
const WITHOUT_A_JOB_MS = 21 * 60_000;

const lifeOf = ({ launchedAt, endedAt }: Instance, now: number): number => (endedAt ?? now) - launchedAt;

const hauntOf = ({ ghostSince = 0, endedAt }: Instance, now: number): number => (endedAt ?? now) - ghostSince;

const outlives = (machine: Instance, { clock, skew }: World): boolean => {
  const { worked, job, endedAt = clock.now } = machine;
  if (!worked) return lifeOf(machine, clock.now) > WITHOUT_A_JOB_MS;
  const over = Date.parse(job?.completed_at ?? "") - skew;
  return endedAt - over > AFTER_A_JOB_MS;
};

const isLateFailure = ({ reason }: Instance): boolean => reason === "Server.InsufficientInstanceCapacity";

/**
 * Machines that never had a job, less those that were taken away before they could (interrupted, dead at boot, or a
 * launch that failed late) or whose runner lost the job that it was given, and less one for each job that was gone when
 * its machine came: cancelled before its start, or taken by
 * somebody else's runner. What is left over is surplus.
 */
const unusedOf = (fates: readonly Fate[], machines: readonly Instance[]) => {
  const unused = machines.filter(
    (machine) =>
      !machine.worked &&
      machine.noticedAt === undefined &&
      machine.ghostSince === undefined &&
      machine.spell === undefined &&
      !isLateFailure(machine),
  );
  const explained = fates.filter(
    ({ cancelledAt, startedAt, takenElsewhere }) =>
      takenElsewhere === true || (cancelledAt !== undefined && startedAt === undefined),
  ).length;
  const because = new Map<string, number>();
  for (const { endedBecause = "alive" } of unused)
    because.set(endedBecause, (because.get(endedBecause) ?? 0) + 1);
  const count = unused.length;
  return { count, explained, surplus: Math.max(count - explained, 0), because: sorted(because) };
};

/** One try of a job started twice, one registration taken twice, or one launch that brought more than it asked for. */
const doubledOf = (world: World, fates: readonly Fate[], machines: readonly Instance[]): number => {
  const jobs = fates.filter(({ starts, tries }) => starts > tries.length).length;
  const registrations = [...world.taken.values()].filter((count) => count > 1).length;
  const asked = new Map([...world.ec2.launches].map(([id, { wanted }]) => [id, wanted]));
  for (const { launched } of machines) asked.set(launched.launchId, (asked.get(launched.launchId) ?? 0) - 1);
  return jobs + registrations + [...asked.values()].filter((left) => left < 0).length;
};

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

const round = (value: number, digits: number): number => Number(value.toFixed(digits));

const quantile = (values: readonly number[], share: number): number => {
  const ordered = [...values].sort((a, b) => a - b);
  return round(ordered[Math.min(Math.floor(share * ordered.length), ordered.length - 1)] ?? 0, 1);
};

const sorted = (
  counts: ReadonlyMap<string, number>,
  shown: (count: number) => number = (count) => count,
): Record<string, number> =>
  Object.fromEntries(
    [...counts].sort(([one], [other]) => (one < other ? -1 : 1)).map(([name, count]) => [name, shown(count)]),
  );
