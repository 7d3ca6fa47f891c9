import { logger } from "../../functions/shared/logger";
import { START } from "../support/fleet-world";
import { replaceNature } from "./nature";
import { Random } from "./random";
import type { Rules } from "./rules";
import { webOf } from "./web";
import { World } from "./world";

export interface SimulationOptions {
  readonly seed: number;
  readonly rules: Rules;
  /** Told of everything that happens: seconds since the beginning, of whom, and what. */
  readonly tell?: (second: number, subject: string, what: string) => void;
}

/**
 * Sets up a world, and lets `work` happen in it while its clock, its chance and its network stand in the place of
 * Node's own.
 *
 * @param work given the world and the time, in epoch milliseconds, at which it was ready
 */
export const simulate = async <T>(
  { seed, rules, tell }: SimulationOptions,
  work: (world: World, from: number) => Promise<T>,
): Promise<T> => {
  const random = new Random(`seed ${seed}`);
  let from = START;
  const world: World = new World(random, rules, (subject, what) =>
    tell?.((world.clock.now - from) / 1000, subject, what),
  );
  const restoreNature = replaceNature(world.clock, random.of("nature"));
  // Whoever is not given a way to GitHub finds this one, and never the real one.
  const restoreFetch = replaceFetch(webOf(world));
  const restoreLogger = redirectLogs(world);
  try {
    await world.setUp();
    from = world.clock.now;
    return await work(world, from);
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
const redirectLogs = (world: World): (() => void) => {
  const levels: readonly Level[] = ["debug", "info", "warn", "error"];
  for (const level of levels) {
    logger[level] = (message: unknown, ...extra: unknown[]) => {
      const fields = JSON.stringify(extra, (_, value: unknown) =>
        value instanceof Error ? `${value.name}: ${value.message}` : value,
      );
      world.tell(`log ${level}`, `${String(message)} ${fields}`);
      world.hear(String(message), (extra[0] ?? {}) as Readonly<Record<string, unknown>>);
    };
  }
  // The methods of its class show again.
  return () => levels.forEach((level) => Reflect.deleteProperty(logger, level));
};
