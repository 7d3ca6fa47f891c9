import { RunnersError } from "./errors";
import { GithubError, githubClient, limitsOf, type GithubClient } from "./github";
import { skewOf } from "./github-clock";
import { createGithubPauses, type GithubPauses } from "./github-pauses";
import { logger } from "./logger";
import type { Permits } from "./permits";
import { NoTokenError, RotationError, type TokenSource } from "./token";

/**
 * A token is not to be used for some time: GitHub asks for patience, or, where there are other tokens, this one cannot
 * be had. Nothing was done.
 */
export class LimitedError extends RunnersError {
  constructor(
    /** The token that it holds for (`GithubTokenSettings`). */
    readonly token: string,
    /** Epoch milliseconds */
    readonly until: number,
    options?: ErrorOptions,
  ) {
    super(`GitHub is not to be called as ${token} before ${new Date(until).toISOString()}.`, options);
  }
}

/** Calls to GitHub's REST API on behalf of the Apps that share the load. */
export interface GithubAccess {
  /** Resolves when there is a usable token. @throws RotationError, NoTokenError */
  ready(): Promise<void>;
  /**
   * Runs calls with a token. When GitHub refuses the token (401), another is got and `run` runs once more, from its
   * beginning. When GitHub's limit is met, that is written down for all who use the token.
   *
   * @param token name of the token to use. Default: the first that is not known to be limited; if it turns out to be,
   * `run` runs with the next
   * @throws LimitedError, GithubError, RotationError, NoTokenError
   */
  call<T>(run: (octokit: GithubClient) => Promise<T>, token?: string): Promise<T>;
  /** Few calls of the hour are left: what can wait should. As far as this sandbox was told. */
  isShort(): boolean;
  /** Milliseconds by which GitHub's clock is ahead of ours, by its last answer; 0 before the first. */
  skew(): number;
}

export interface AccessToken {
  /** As in `GithubTokenSettings`. */
  readonly name: string;
  readonly source: TokenSource;
}

export interface GithubAccessOptions {
  /** `https://api.github.com`, or `https://HOST/api/v3` */
  readonly apiUrl: string;
  /** None: every call fails. */
  readonly tokens: readonly AccessToken[];
  readonly permits: Pick<Permits, "postpone">;
  /** Epoch milliseconds. Default: the clock */
  readonly now?: () => number;
  /** Milliseconds a call may take. Default: as for `githubClient` */
  readonly timeout?: number;
  /** Default: the runtime's own. */
  readonly fetch?: typeof fetch;
}

/** How long the others do without a token that cannot be had, until it is asked for again. */
const UNUSABLE_MS = 2 * 60_000;

/** Make one for each sandbox of a function, outside the handler. */
export const createGithubAccess = (options: GithubAccessOptions): GithubAccess => {
  const { tokens, permits, now = Date.now } = options;
  const pauses = createGithubPauses(permits, now);
  const isAlone = tokens.length === 1;
  let skew = 0;
  const noteClock = (date: string | undefined): void => void (skew = skewOf(date, now()));

  const putAside = async (name: string, error: unknown): Promise<number> => {
    logger.error("token unusable, others are used", { app: name, error });
    await pauses.pause(name, now() + UNUSABLE_MS);
    return pauses.untilOf(name);
  };

  const callAs = async <T>(one: AccessToken, run: (octokit: GithubClient) => Promise<T>): Promise<T> => {
    const { name } = one;
    if (pauses.untilOf(name) > now()) throw new LimitedError(name, pauses.untilOf(name));
    try {
      return await runWith(one, (token) => run(clientOf(options, pauses, noteClock, name, token)));
    } catch (error) {
      if (error instanceof GithubError && error.limited) {
        throw new LimitedError(name, await pauses.limited(name, error.limits), { cause: error });
      }
      if (isAlone || !isUnusable(error)) throw error;
      throw new LimitedError(name, await putAside(name, error), { cause: error });
    }
  };

  return {
    isShort: () => tokens.length > 0 && tokens.every(({ name }) => pauses.isShort(name)),
    skew: () => skew,
    ready: async () => {
      const errors: unknown[] = [];
      const inOrder = [...tokens].sort((one, other) => pauses.untilOf(one.name) - pauses.untilOf(other.name));
      for (const { name, source } of inOrder) {
        try {
          await source.get();
          return;
        } catch (error) {
          if (!isUnusable(error)) throw error;
          errors.push(error);
          if (!isAlone) await putAside(name, error);
        }
      }
      if (errors.length > 0) throw errors[0];
    },
    call: async (run, name) => {
      const usable = tokens.filter((one) => name === undefined || one.name === name);
      if (usable.length === 0) {
        throw new NoTokenError(`The settings name no token ${name ?? "for GitHub's API"}: deploy again.`);
      }
      const limits: LimitedError[] = [];
      for (const one of usable) {
        try {
          return await callAs(one, run);
        } catch (error) {
          if (!(error instanceof LimitedError)) throw error;
          limits.push(error);
        }
      }
      throw limits.reduce((earliest, other) => (other.until < earliest.until ? other : earliest));
    },
  };
};

/** Notes what GitHub says of its limits and its clock in answers that are good, too: after the last call left, none is made. */
const clientOf = (
  { apiUrl, timeout, fetch }: GithubAccessOptions,
  pauses: GithubPauses,
  noteClock: (date: string | undefined) => void,
  name: string,
  token: string,
): GithubClient => {
  const client = githubClient({ apiUrl, token, timeout, fetch });
  client.hook.after("request", async ({ headers }) => {
    const limits = limitsOf(headers);
    noteClock(limits.date);
    if (limits.remaining === 0) return void (await pauses.limited(name, limits));
    pauses.over(name);
    await pauses.left(name, limits);
  });
  return client;
};

const runWith = async <T>({ source }: AccessToken, run: (token: string) => Promise<T>): Promise<T> => {
  const token = await source.get();
  try {
    return await run(token);
  } catch (error) {
    if (!isRefused(error)) throw error;
    return run(await source.refused(token));
  }
};

const isRefused = (error: unknown): boolean => error instanceof GithubError && error.status === 401;

/** There is no token, or not even a new one is taken. */
const isUnusable = (error: unknown): boolean =>
  error instanceof RotationError || error instanceof NoTokenError || isRefused(error);
