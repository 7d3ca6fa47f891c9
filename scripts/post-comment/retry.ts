import { setTimeout as sleep } from "node:timers/promises";

/**
 * Tries again after each of the waits, while what fails may pass by itself.
 *
 * @throws the last error
 */
export const retry = async <Result>(
  task: () => Promise<Result>,
  mayPass: (error: unknown) => boolean,
  [wait, ...waits]: readonly number[],
): Promise<Result> => {
  try {
    return await task();
  } catch (error) {
    if (wait === undefined || !mayPass(error)) throw error;
    await sleep(wait);
    return retry(task, mayPass, waits);
  }
};
