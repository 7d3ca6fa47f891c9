import { logger } from "../../functions/shared/logger";
import { START } from "../support/fleet-world";
import { figuresOf, type Figures } from "./figures";
import { replaceNature } from "./nature";
import { Random } from "./random";
import { rulesFor, type Rules } from "./rules";
import { webOf } from "./web";
import { makeRuns } from "./workload";
import { World } from "./world";

export interface ChaosOptions {
  readonly seed: number;
  readonly jobs: number;
  /** Told of everything that happens: seconds since the beginning, of whom, and what. */
  readonly tell?: (second: number, subject: string, what: string) => void;
  /** Default: {@link rulesFor} */
  readonly rules?: Rules;
}

const MINUTE = 60_000;
/** After the last job, nothing has a reason to be there any more. */
const AFTERWARDS_MS = 15 * MINUTE;
/** A job that has not run by then never will. */
const PATIENCE_MS = 4 * 60 * MINUTE;

/** Runs the functions in a world that goes wrong, from the first job until long after the last. */
export const runChaos = async ({
  seed,
  jobs,
  tell,
  rules = rulesFor(jobs),
}: ChaosOptions): Promise<Figures> => {
  const random = new Random(`seed ${seed}`);
  let from = START;
  const world: World = new World(random, rules, (subject, what) =>
    tell?.((world.clock.now - from) / 1000, subject, what),
  );
  const restoreNature = replaceNature(world.clock, random.of("nature"));
  // Whoever is not given a way to GitHub finds this one, and never the real one.
  const restoreFetch = replaceFetch(webOf(world));
  const restoreLogger = redirectLogs(world.tell);
  try {
    await world.setUp();
    from = world.clock.now;
    for (const run of makeRuns(random.of("workload"), jobs, rules.workload)) world.actions.begin(run);
    const wanted = [...world.actions.fates.values()].filter((fate) => !fate.wanted.stranger);
    const isOpen = ({ ranAt, cancelledAt }: (typeof wanted)[number]): boolean =>
      (ranAt ?? cancelledAt) === undefined;
    const last = from + rules.workload.span + PATIENCE_MS;
    await world.clock.runUntil(() => world.clock.now > last || !wanted.some(isOpen));
    const doneAt = world.clock.now;
    await world.clock.runUntil(() => world.clock.now > doneAt + AFTERWARDS_MS);
    return figuresOf(world, seed, from, doneAt);
  } finally {
    restoreLogger();
    restoreFetch();
    restoreNature();
  }
};

const replaceFetch = (instead: typeof fetch): (() => void) => {
  const own = globalThis.fetch;
  globalThis.fetch = instead;
  return () => (globalThis.fetch = own);
};

type Level = "debug" | "info" | "warn" | "error";

/** What the functions log becomes part of the story, and goes nowhere else. */
const redirectLogs = (tell: (subject: string, what: string) => void): (() => void) => {
  const levels: readonly Level[] = ["debug", "info", "warn", "error"];
  for (const level of levels) {
    logger[level] = (message: unknown, ...extra: unknown[]) => {
      const fields = JSON.stringify(extra, (_, value: unknown) =>
        value instanceof Error ? `${value.name}: ${value.message}` : value,
      );
      tell(`log ${level}`, `${String(message)} ${fields}`);
    };
  }
  // The methods of its class show again.
  return () => levels.forEach((level) => Reflect.deleteProperty(logger, level));
};
