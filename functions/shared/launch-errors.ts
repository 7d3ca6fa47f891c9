import {
  classes,
  LASTING_SETBACKS,
  unknown,
  type ErrorClass,
  type Next,
  type Rings,
} from "./launch-error-classes";

export { NO_ANSWER, type Next } from "./launch-error-classes";

/** One instance type in one subnet. */
export interface Pool {
  readonly type: string;
  readonly subnetId: string;
}

export interface LaunchError {
  readonly code: string;
  readonly message: string;
  /** Where it happened; absent: everywhere. */
  readonly pool?: Pool;
}

/** By the whole code, or by what stands before its dot. */
export const classOf = (code: string): ErrorClass =>
  classes[code] ?? classes[code.split(".")[0] ?? ""] ?? unknown;

/**
 * What follows from all errors of one launch together. The pools of a fleet fail each for itself: a throttle means
 * all of them; else one pool that only lacks capacity is reason enough to go on. Fewer machines than asked for and
 * no error at all is a lack of capacity.
 */
export const judge = (errors: readonly LaunchError[]): Next => {
  const says = (next: Next): boolean => errors.some(({ code }) => classOf(code).next === next);
  if (says("wait")) return "wait";
  if (says("elsewhere")) return "elsewhere";
  return (["stop", "again"] as const).find(says) ?? "elsewhere";
};

/**
 * Of the errors of a whole round, those that a person has to know of: one of each code.
 *
 * @param had machines that the round brought
 * @param wanted machines that it should have brought
 * @param setbacks launches in a row that had brought nothing before
 */
export const alarmsOf = <E extends LaunchError>(
  errors: readonly E[],
  had: number,
  wanted: number,
  setbacks: number,
): E[] => {
  const notHad = (code: string): boolean => classOf(code).rings === "everywhere";
  const rings: Readonly<Record<Rings, boolean>> = {
    always: true,
    missing: had < wanted,
    lasting: had < wanted && setbacks >= LASTING_SETBACKS,
    fruitless: had === 0,
    everywhere: had === 0 && errors.every(({ code }) => notHad(code)),
    never: false,
  };
  const firstOfEach = new Map([...errors].reverse().map((error) => [error.code, error]));
  return [...firstOfEach.values()].reverse().filter(({ code }) => rings[classOf(code).rings]);
};

/**
 * Milliseconds until a launch is tried again, once nothing else is left to try. Throttles of EC2 refill within seconds;
 * a lack of capacity takes longer to pass, and a mistake somebody to mend it.
 */
const FIRST_WAIT_MS: Readonly<Record<Next, number>> = {
  wait: 5_000,
  again: 5_000,
  elsewhere: 15_000,
  stop: 60_000,
};
const LONGEST_WAIT_MS = 2 * 60_000;

/** @param setbacks launches in a row that had brought nothing before */
export const waitAfter = (next: Next, setbacks: number): number =>
  Math.min(FIRST_WAIT_MS[next] * 2 ** setbacks, LONGEST_WAIT_MS);
