import { Octokit } from "@octokit/core";
import type { OctokitOptions } from "@octokit/core/types";
import { paginateRest } from "@octokit/plugin-paginate-rest";
import { RequestError } from "@octokit/request-error";
import { RunnersError } from "./errors";

/**
 * A call to GitHub answers within a second or two, or it is stuck; ten seconds leave room for a slow answer and let
 * a function with a time-out of a minute try something else. GitHub itself gives up on a call after ten seconds:
 * https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api#timeouts
 */
export const GITHUB_TIMEOUT_MS = 10_000;

/** What GitHub says of its limits: https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api */
export interface GithubLimits {
  readonly limit?: number;
  readonly remaining?: number;
  /** Epoch seconds at which `remaining` is full again. */
  readonly resetAt?: number;
  /** The bucket that was drawn on, e.g. `core`. */
  readonly resource?: string;
  /** Seconds to wait, when GitHub asks for it. */
  readonly retryAfter?: number;
  /** What GitHub's clock showed, as its header `Date`: `resetAt` goes by that clock. */
  readonly date?: string;
}

/** Enterprise Server calls a secondary limit by its former name. */
const LIMIT = /rate limit|abuse detection/i;

/**
 * A call to GitHub failed. Holds what a decision needs and nothing of what was sent or answered: a request's body can
 * hold a secret.
 */
export class GithubError extends RunnersError {
  constructor(
    /** Method and path with its placeholders, e.g. `DELETE /orgs/{org}/actions/runners/{runner_id}`. */
    readonly route: string,
    /** HTTP status; 0: no answer came, and GitHub may or may not have done what was asked. */
    readonly status: number,
    readonly reason: string,
    readonly limits: GithubLimits = {},
  ) {
    super(`GitHub answered ${route} with ${status || "nothing"}: ${reason}`);
  }

  /** No answer, or trouble on GitHub's side: nobody can say whether it did what it was asked. */
  get unclear(): boolean {
    return this.status === 0 || this.status >= 500;
  }

  /** GitHub asks for patience: a primary or secondary limit was met, not a missing permission. */
  get limited(): boolean {
    if (this.status === 429) return true;
    if (this.status !== 403) return false;
    return this.limits.retryAfter !== undefined || this.limits.remaining === 0 || LIMIT.test(this.reason);
  }
}

export interface GithubClientOptions {
  /** `https://api.github.com`, or `https://HOST/api/v3` */
  readonly apiUrl: string;
  /** Installation token or personal access token. Absent: calls carry none, or one that a hook of the client gives them. */
  readonly token?: string;
  /** Milliseconds a call may take, if its own `request.timeout` says nothing else. Default: {@link GITHUB_TIMEOUT_MS} */
  readonly timeout?: number;
  /** Default: the runtime's own. */
  readonly fetch?: typeof fetch;
}

/**
 * Makes clients of GitHub's REST API that try nothing twice by themselves (the caller knows whether that is safe) and
 * log nothing. Every call that fails throws a {@link GithubError}.
 *
 * @param Client octokit with the plugins that are needed
 */
export const clientsOf =
  <Kit extends Octokit>(Client: new (options: OctokitOptions) => Kit) =>
  ({ apiUrl, token, timeout = GITHUB_TIMEOUT_MS, fetch: send = fetch }: GithubClientOptions): Kit => {
    const client = new Client({
      auth: token,
      baseUrl: apiUrl,
      userAgent: "cdktf-ephemeral-runners",
      log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
      request: { fetch: send, timeout },
    });
    client.hook.before("request", (options) => {
      const { request = {} } = options;
      // A new object: this one may be the client's, for all its calls.
      options.request = { ...request, signal: AbortSignal.timeout(Number(request.timeout)) };
    });
    client.hook.error("request", (error, { method, url }) => {
      throw toGithubError(`${method} ${url}`, error);
    });
    return client;
  };

/** Without the table of GitHub's thousand endpoints, which every cold start would load. */
export const githubClient = clientsOf(Octokit.plugin(paginateRest));
export type GithubClient = ReturnType<typeof githubClient>;

const quiet = (): void => undefined;

const toGithubError = (route: string, error: unknown): unknown => {
  if (!(error instanceof RequestError)) return error;
  // Octokit gives a call that got no answer the status 500.
  if (!error.response) return new GithubError(route, 0, error.message);
  return new GithubError(route, error.status, error.message, limitsOf(error.response.headers));
};

/** The limits in the headers of an answer, good or bad. */
export const limitsOf = (headers: Readonly<Record<string, string | number | undefined>>): GithubLimits => {
  const number = (name: string): number | undefined => {
    const value = Number(headers[name] ?? NaN);
    return Number.isFinite(value) ? value : undefined;
  };
  const { date, "x-ratelimit-resource": resource } = headers;
  return {
    limit: number("x-ratelimit-limit"),
    remaining: number("x-ratelimit-remaining"),
    resetAt: number("x-ratelimit-reset"),
    resource: resource === undefined ? undefined : String(resource),
    retryAfter: number("retry-after"),
    date: date === undefined ? undefined : String(date),
  };
};
