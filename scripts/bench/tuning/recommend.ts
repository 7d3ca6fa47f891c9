import type { Figure } from "../figure";
import type { FunctionName } from "../functions";
import { COLD, hasRoomFor, memories, memoryName, PEAK, scenarioOf, WORST } from "./memory";
import {
  ALONE,
  concurrencies,
  concurrencyName,
  COST,
  HUNDRED,
  LAST,
  readingName,
  readings,
  SPREAD,
  THOUSAND,
  WAIT,
  type Reading,
} from "./queue";

/** The rules of docs/scale.md by which defaults follow from figures. */

/** A job waits for these when they start cold. */
const WAITED_FOR: readonly FunctionName[] = ["webhook", "launch"];
/** How many times as long as with a whole processor their first invocation may take. */
const OF_QUICKEST = 1.25;
/** Within which ways to read the queue are the same: CreateFleet takes 2 to 4 s by chance, and many calls level that out. */
export const SAME = { aloneS: 0.5, hundredS: 2, thousand: 1.1, cost: 1.05, spread: 1.25 } as const;

export class Figures {
  private readonly byName: ReadonlyMap<string, Figure>;

  constructor(figures: readonly Figure[]) {
    this.byName = new Map(figures.map((figure) => [figure.name, figure]));
  }

  has(name: string): boolean {
    return this.byName.has(name);
  }

  /** @throws Error when it was not measured */
  valueOf(name: string): number {
    const figure = this.byName.get(name);
    if (!figure)
      throw new Error(`The results have no "${name}" in tuning: run all of the benchmark, as root.`);
    return figure.value;
  }
}

/** The smallest with room enough that makes no job wait. */
export const recommendedMemory = (figures: Figures, name: FunctionName): number => {
  const cold = (memoryMb: number): number =>
    figures.valueOf(`${memoryName(name, memoryMb)}: ${COLD}, ${scenarioOf(name)}`);
  const quickest = cold(memories.at(-1)!);
  const found = memories.find(
    (memoryMb) =>
      hasRoom(figures, name, memoryMb) &&
      (!WAITED_FOR.includes(name) || cold(memoryMb) <= quickest * OF_QUICKEST),
  );
  if (found === undefined) throw new Error(`No memory that was measured is enough for ${name}.`);
  return found;
};

const hasRoom = (figures: Figures, name: FunctionName, memoryMb: number): boolean => {
  const peak = (what: string): number => figures.valueOf(`${memoryName(name, memoryMb)}: ${what}`);
  return hasRoomFor(peak(PEAK), memoryMb, "ordinary") && hasRoomFor(peak(WORST), memoryMb, "worst");
};

/** Of those with which neither a job alone nor one of many waits longer, the cheapest; of equals the largest batch. */
export const recommendedReading = (figures: Figures): Reading => {
  const value = (reading: Reading, load: string, what: string): number =>
    figures.valueOf(`${readingName(reading)}, ${load}: ${what}`);
  const least = (load: string, what: string): number =>
    Math.min(...readings.map((reading) => value(reading, load, what)));
  const quick = readings.filter(
    (one) =>
      value(one, ALONE, WAIT) <= least(ALONE, WAIT) + SAME.aloneS &&
      value(one, HUNDRED, LAST) <= least(HUNDRED, LAST) + SAME.hundredS &&
      value(one, THOUSAND, LAST) <= least(THOUSAND, LAST) * SAME.thousand,
  );
  const cheapest = Math.min(...quick.map((one) => value(one, THOUSAND, COST)));
  const found = quick
    .filter((one) => value(one, THOUSAND, COST) <= cheapest * SAME.cost)
    .sort((one, other) => other.batchSize - one.batchSize)[0];
  if (!found) throw new Error("No reading of the queue is as quick as the others for one job and for many.");
  return found;
};

/** The fewest invocations at a time, of those that were tried, with which jobs of so many fleets wait no longer. */
export const recommendedConcurrency = (figures: Figures, fleets: number): number => {
  const wait = (concurrency: number): number =>
    figures.valueOf(`${concurrencyName(fleets, concurrency)}, ${SPREAD}: ${WAIT}`);
  const least = Math.min(...concurrencies.map(wait));
  return concurrencies.find((one) => wait(one) <= least * SAME.spread)!;
};
