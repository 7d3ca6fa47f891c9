import { isServerError, isThrottlingError, isTransientError } from "@smithy/core/retry";
import { GithubError } from "./github";

/** Trouble of the service that was called, which the next try may find gone: nobody can do anything about it. */
export const isPassing = (error: unknown): boolean => {
  if (error instanceof GithubError) return error.unclear;
  if (!(error instanceof Error)) return false;
  return [isThrottlingError, isTransientError, isServerError].some((is) =>
    is(error as Parameters<typeof is>[0]),
  );
};
