import pLimit from "p-limit";
import { ringAlarm } from "../shared/alarm";
import { LimitedError } from "../shared/github-access";
import { logger } from "../shared/logger";
import { isPassing } from "../shared/passing";
import { inTurn } from "./notes";
import type { Sweep } from "./parts";

/** What is being done, for the log. */
export interface Part {
  readonly part: string;
  readonly fleet?: string;
}

/**
 * Far below the 100 that GitHub allows at once, for all that uses the same App.
 * https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits
 */
const CALLS_AT_ONCE = 10;

/** What fails in one part of the sweep is told, and is no matter of the others. */
export const attempt = async <T>(sweep: Sweep, part: Part, run: () => Promise<T>): Promise<T | undefined> => {
  try {
    return await run();
  } catch (error) {
    report(sweep, part, [error]);
    return undefined;
  }
};

/**
 * Does something for each, some at a time, for as long as there is time. What fails for one is no matter of the
 * others, unless GitHub asks for patience: then the rest is left to the next sweep, which begins with it.
 *
 * @returns what became of those for which it was done
 */
export const each = async <T, R>(
  sweep: Sweep,
  part: Part,
  items: readonly T[],
  run: (item: T) => Promise<R>,
): Promise<R[]> => {
  const { notes } = sweep.parts;
  const place = `${part.part}/${part.fleet ?? ""}`;
  const first = notes.get(place);
  const { results, begun } = await eachInOrder(sweep, part, inTurn(items, first), run);
  if (items.length > 0) notes.set(place, begun < items.length ? (first + begun) % items.length : 0);
  return results;
};

/** The same, from the first item on, in every sweep. */
export const eachInOrder = async <T, R>(
  sweep: Sweep,
  part: Part,
  items: readonly T[],
  run: (item: T) => Promise<R>,
): Promise<{ readonly results: R[]; readonly begun: number }> => {
  const atOnce = pLimit(CALLS_AT_ONCE);
  const results: R[] = [];
  const errors: unknown[] = [];
  let begun = 0;
  const goesOn = (): boolean => sweep.hasTime() && !errors.some(isLimited);
  const runOne = async (item: T): Promise<void> => {
    if (!goesOn()) return;
    begun++;
    try {
      results.push(await run(item));
    } catch (error) {
      errors.push(error);
    }
  };
  await Promise.all(items.map((item) => atOnce(runOne, item)));
  report(sweep, part, errors);
  return { results, begun };
};

const isLimited = (error: unknown): boolean => error instanceof LimitedError;

const report = ({ parts, limits }: Sweep, part: Part, errors: readonly unknown[]): void => {
  const limited = errors.find(isLimited);
  if (limited) {
    limits.met++;
    logger.warn("sweep limited", { ...part, error: limited });
  }
  const failures = errors.filter((error) => !isLimited(error));
  const [error] = failures.filter((one) => !isPassing(one));
  const fields = { ...part, failures: failures.length };
  if (error) ringAlarm(parts.installation, "sweep failed", { ...fields, error });
  else if (failures.length > 0) logger.warn("sweep met trouble", { ...fields, error: failures[0] });
};
