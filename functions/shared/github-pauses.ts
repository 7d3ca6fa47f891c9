import type { GithubLimits } from "./github";
import { skewOf } from "./github-clock";
import { logger } from "./logger";
import type { Permits } from "./permits";

/**
 * What GitHub asks for when it does not say how long, and twice as much each time that was not enough. More than a
 * quarter of an hour makes no sense for a limit by the minute.
 * https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
 */
const PATIENCE_MS = 60_000;
const MOST_PATIENCE_MS = 16 * 60_000;

/**
 * The time from which GitHub may be called again, in epoch milliseconds.
 *
 * @param limits of the answer that asks for patience
 * @param setbacks how often waiting was not enough
 */
export const patienceOf = (
  { retryAfter, remaining, resetAt, date }: GithubLimits,
  now: number,
  setbacks = 0,
): number => {
  if (retryAfter !== undefined) return now + retryAfter * 1000;
  // By a clock that is a little ahead of GitHub's, the reset is over before it was.
  if (remaining === 0 && resetAt !== undefined) return Math.max(resetBy(resetAt, date, now), now + 1000);
  return now + Math.min(PATIENCE_MS * 2 ** setbacks, MOST_PATIENCE_MS);
};

/** A reset by our clock, in epoch milliseconds. */
const resetBy = (resetAt: number, date: string | undefined, now: number): number =>
  resetAt * 1000 - skewOf(date, now);

/**
 * So many calls of an hour's 5,000 are left to those that need no permit: to remove records, to look up jobs. And
 * those whose permits were given a moment ago still find theirs.
 */
const RESERVE = 250;

/** With fewer than these, nothing is asked that can wait: they are what registrations are made with. */
const SHORT = 1500;

/** A bucket beside the common one is used up, such as one for registrations: other calls go on. */
const isOfOneKind = ({ retryAfter, remaining, resource }: GithubLimits): boolean =>
  retryAfter === undefined && remaining === 0 && resource !== undefined && resource !== "core";

/** What a sandbox knows of a token. */
interface Pause {
  /** Epoch milliseconds */
  readonly until: number;
  /** Since GitHub last did what it was asked. */
  readonly setbacks: number;
}

/** Which tokens are not to be used for some time: kept for this sandbox, and written down where permits are given. */
export interface GithubPauses {
  /** Epoch milliseconds; in the past: the token can be used. */
  untilOf(name: string): number;
  /** GitHub asks for patience, or will at the next call. Returns until when. */
  limited(name: string, limits: GithubLimits): Promise<number>;
  /** Notes how many calls are left. Of the last few until the reset, permits are given for none. */
  left(name: string, limits: GithubLimits): Promise<void>;
  isShort(name: string): boolean;
  pause(name: string, until: number): Promise<void>;
  /** GitHub did what it was asked. */
  over(name: string): void;
}

export const createGithubPauses = (permits: Pick<Permits, "postpone">, now: () => number): GithubPauses => {
  const pauses = new Map<string, Pause>();
  const untilOf = (name: string): number => pauses.get(name)?.until ?? 0;
  /** Before this one: calls that were under way together are one setback. */
  const setbacksOf = (name: string): number => {
    const { until, setbacks } = pauses.get(name) ?? { until: 0, setbacks: 0 };
    return until > now() ? setbacks - 1 : setbacks;
  };

  const writeDown = async (name: string, until: number): Promise<void> => {
    logger.warn("github paused", { app: name, until: new Date(until).toISOString() });
    // Others will find out by themselves, and what GitHub did is done all the same.
    await permits
      .postpone(name, until)
      .catch((error: unknown) => logger.warn("pause not written down", { app: name, error }));
  };
  const pause = async (name: string, until: number): Promise<void> => {
    if (until <= untilOf(name)) return;
    pauses.set(name, { until, setbacks: setbacksOf(name) + 1 });
    await writeDown(name, until);
  };

  /** Resets: before which permits are stopped (as GitHub says it), and before which calls are short (epoch milliseconds). */
  const stopped = new Map<string, number>();
  const short = new Map<string, number>();

  return {
    untilOf,
    pause,
    isShort: (name) => (short.get(name) ?? 0) > now(),
    left: async (name, { remaining = Infinity, resetAt, date }) => {
      if (remaining >= SHORT || resetAt === undefined) return;
      const until = resetBy(resetAt, date, now());
      short.set(name, until);
      if (remaining >= RESERVE || stopped.get(name) === resetAt) return;
      stopped.set(name, resetAt);
      await writeDown(name, until);
    },
    limited: async (name, limits) => {
      const until = patienceOf(limits, now(), setbacksOf(name));
      await (isOfOneKind(limits) ? writeDown(name, until) : pause(name, until));
      return until;
    },
    over: (name) => {
      if (untilOf(name) <= now()) pauses.delete(name);
    },
  };
};
