import type { Random } from "./random";

/** What somebody wants to have run. Tries of it at GitHub carry its name. */
export interface WantedJob {
  readonly name: string;
  /** Milliseconds after the beginning at which it is queued. */
  readonly at: number;
  readonly repository: string;
  readonly labels: readonly string[];
  /** Milliseconds that it runs. */
  readonly duration: number;
  /** Milliseconds for which it waits behind an environment gate. */
  readonly gate?: number;
  /** Cancelled so many milliseconds after it was queued, or after it was started. */
  readonly cancelled?: { readonly from: "queued" | "started"; readonly after: number };
  /** It fails by itself, as jobs do. */
  readonly fails: boolean;
  /** Nobody's that is served here, though its labels fit: it can only take somebody else's machine. */
  readonly stranger: boolean;
}

/** What is to become of a run as a whole. */
export interface RunLot {
  /** Its jobs are one matrix with `fail-fast`, of this name. */
  readonly matrix?: string;
  /** Milliseconds after the beginning at which it is cancelled, by a person or its concurrency group. */
  readonly cancelledAt?: number;
}

export interface WorkloadRules {
  /** Milliseconds in which all bursts begin. */
  readonly span: number;
  readonly cancelled: number;
  readonly gated: number;
  readonly failing: number;
  /** Jobs of strangers, as a share of the jobs. */
  readonly strangers: number;
  /** Share of the runs of several jobs that are a matrix with `fail-fast`, which is GitHub's default. */
  readonly matrices: number;
  /** Share of the runs that are cancelled as a whole. */
  readonly cancelledRuns: number;
}

export const OWNER = "acme";
export const REPOSITORIES = ["acme/app", "acme/site", "acme/tools"] as const;
export const STRANGER_REPOSITORY = "acme/elsewhere";

/** A job with the plain labels fits machines of both fleets, so it can take one that was launched for the other. */
export const PLAIN = ["self-hosted", "linux", "x64"] as const;
export const LARGE = [...PLAIN, "large"] as const;

const DURATION_MS = [20_000, 10 * 60_000] as const;
const GATE_MS = [20_000, 8 * 60_000] as const;
const CANCELLED_AFTER_MS = 60_000;
const CANCELLED_RUN_AFTER_MS = [0, 10 * 60_000] as const;
/** Jobs of one run: a burst of a matrix, or the few of a small workflow. */
const RUN_SIZES = [1, 1, 2, 3, 4, 6, 10, 30] as const;

/** Runs with their jobs, in bursts: most of the jobs come in few moments. */
export const makeRuns = (random: Random, jobs: number, rules: WorkloadRules): WantedJob[][] => {
  const strangers = Math.round(jobs * rules.strangers);
  const bursts = Array.from({ length: Math.max(Math.round(jobs / 60), 2) }, () => random.next() * rules.span);
  const runs: WantedJob[][] = [];
  let made = 0;
  const add = (count: number, prefix: string): void => {
    const inBurst = random.chance(0.8);
    const at = inBurst ? random.pick(bursts) + random.next() * 10_000 : random.next() * rules.span;
    const repository = prefix === "stranger" ? STRANGER_REPOSITORY : random.pick(REPOSITORIES);
    const one = (): WantedJob =>
      wantedJob(random, rules, `${prefix}-${++made}`, at + random.next() * 3000, repository);
    runs.push(Array.from({ length: count }, one));
  };
  while (made < jobs) add(Math.min(random.pick(RUN_SIZES), jobs - made), "job");
  for (let count = 0; count < strangers; count++) add(1, "stranger");
  return runs;
};

export const lotOf = (random: Random, run: readonly WantedJob[], rules: WorkloadRules): RunLot => {
  const own = random.of(run[0]?.name ?? "");
  const [isMatrix, isCancelled] = [own.chance(rules.matrices), own.chance(rules.cancelledRuns)];
  const at = Math.max(0, ...run.map((job) => job.at)) + own.between(CANCELLED_RUN_AFTER_MS);
  return {
    matrix: isMatrix && run.length > 1 ? "matrix" : undefined,
    cancelledAt: isCancelled && run[0]?.stranger === false ? at : undefined,
  };
};

const wantedJob = (
  random: Random,
  rules: WorkloadRules,
  name: string,
  at: number,
  repository: string,
): WantedJob => {
  const stranger = repository === STRANGER_REPOSITORY;
  const [from, to] = DURATION_MS;
  // Most jobs are short.
  const duration = from + (to - from) * random.next() ** 2;
  const cancelledFrom = random.pick(["queued", "started"] as const);
  const after = random.next() * (cancelledFrom === "queued" ? CANCELLED_AFTER_MS : duration);
  return {
    name,
    at,
    repository,
    labels: random.chance(0.75) ? PLAIN : LARGE,
    duration,
    gate: !stranger && random.chance(rules.gated) ? random.between(GATE_MS) : undefined,
    cancelled: !stranger && random.chance(rules.cancelled) ? { from: cancelledFrom, after } : undefined,
    fails: random.chance(rules.failing),
    stranger,
  };
};
