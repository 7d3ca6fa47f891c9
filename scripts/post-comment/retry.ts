import { setTimeout as sleep } from "node:timers/promises";

/** Milliseconds until the next try after so many failed ones; undefined where none would help. */
export type WaitAfter = (error: unknown, failures: number) => number | undefined;

/**
 * Tries again for as long as `waitAfter` says.
 *
 * @throws the last error
 */
export const retry = async <Result>(task: () => Promise<Result>, waitAfter: WaitAfter): Promise<Result> => {
  for (let failures = 1; ; failures += 1) {
    try {
      return await task();
    } catch (error) {
      const wait = waitAfter(error, failures);
      if (wait === undefined) throw error;
      await sleep(wait);
    }
  }
};
