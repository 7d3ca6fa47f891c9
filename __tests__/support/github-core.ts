import { setTimeout as wait } from "node:timers/promises";
import { covers, type App, type Authorization, type AuthorizationKind } from "./github-credentials";
import { RouteFaults, faultAnswer, type Fault } from "./github-faults";
import type { GithubLimits } from "./github-limits";
import { message, notFound, suspended, type Answer, type Route } from "./github-route";
import { routes as standardRoutes } from "./github-routes";
import { GithubState } from "./github-state";

export interface GithubOptions {
  /** Absent: there is no App, and every JWT is refused. */
  readonly app?: App;
  /** Further Apps, each with installations of its own. */
  readonly apps?: readonly App[];
  /** Personal access tokens that are taken, with every permission. */
  readonly pats?: readonly string[];
  /** Routes in addition to `github-routes.ts`, tried first. */
  readonly routes?: readonly Route[];
  /** Enforced for each caller by itself. Default: {@link Github.rateLimit} only, for all together */
  readonly limits?: GithubLimits;
  /** How long a call counts as one of those at once, beyond its work. Default: no longer */
  readonly underWay?: () => Promise<unknown>;
  /** Epoch milliseconds. Default: the clock */
  readonly now?: () => number;
  /** Lets milliseconds pass. Default: the clock's */
  readonly sleep?: (milliseconds: number) => Promise<unknown>;
}

/** One HTTP request. */
export interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly authorization?: string;
  readonly body: string;
}

export interface LoggedRequest {
  readonly method: string;
  readonly path: string;
  /** With placeholders, as in the table of routes; undefined: no such route. */
  readonly route?: string;
  readonly authorization: AuthorizationKind;
  /** Epoch milliseconds */
  readonly time: number;
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
  status: number;
}

type Compiled = Route & { readonly method: string; readonly pattern: RegExp };

/**
 * A GitHub in memory with as much of its REST API as this project calls: it checks tokens, permissions and the App's
 * JWT, counts the rate limit, and fails on request. {@link Github.fetch} reaches it without a socket.
 */
export class Github {
  readonly requests: LoggedRequest[] = [];
  /** As the `x-ratelimit-*` headers say; with nothing remaining every call gets 403. */
  readonly rateLimit = { limit: 5000, remaining: 5000, resetAt: 0 };
  readonly state: GithubState;
  private readonly faults = new RouteFaults();
  private readonly routes: readonly Compiled[];

  constructor(private readonly options: GithubOptions = {}) {
    const { app, apps = [], pats = [], routes = [], now = Date.now } = options;
    this.state = new GithubState([...(app ? [app] : []), ...apps], now);
    for (const pat of pats) this.state.addPat(pat);
    this.routes = [...routes, ...standardRoutes].map(compile);
    this.rateLimit.resetAt = Math.floor(now() / 1000) + 3600;
  }

  /** As the runtime's own. A lost answer is an error like that of a connection that was cut. */
  readonly fetch: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    const answer = await this.answer({
      method: request.method,
      url: new URL(request.url),
      authorization: request.headers.get("authorization") ?? undefined,
      body: await request.text(),
    });
    if (!answer) throw new TypeError("fetch failed", { cause: new Error("other side closed") });
    request.signal.throwIfAborted();
    const { status, body, headers } = answer;
    const response = new Response(body === undefined ? null : JSON.stringify(body), { status, headers });
    // Where it came from, which the constructor does not take and the client's pagination reads.
    return Object.defineProperty(response, "url", { value: request.url });
  };

  inject(fault: Fault): void {
    this.faults.inject(fault);
  }

  heal(): void {
    this.faults.heal();
  }

  /** Requests to one route of the table. */
  requestsTo(route: string): LoggedRequest[] {
    return this.requests.filter((request) => request.route === route);
  }

  /** Does what is asked for. Undefined: the answer is lost. */
  protected async answer(asked: Asked): Promise<Answer | undefined> {
    const path = asked.url.pathname.replace(/^\/api\/v3(?=\/)/, "");
    const route = this.routes.find(({ method, pattern }) => method === asked.method && pattern.test(path));
    const authorization = this.state.authorize(asked.authorization);
    const entry: LoggedRequest = {
      method: asked.method,
      path,
      route: route?.route,
      authorization: authorization.kind,
      time: this.state.now(),
      query: asked.url.searchParams,
      body: objectIn(asked.body),
      status: 0,
    };
    this.requests.push(entry);
    const fault = this.faults.take(route?.route);
    const admission = this.options.limits?.admit(authorization.name, asked.method, route?.route ?? path);
    if (fault?.latency) await (this.options.sleep ?? wait)(fault.latency);
    const refusal = this.refuse(route, path, authorization) ?? admission?.refusal;
    const answer = fault?.status
      ? faultAnswer(fault)
      : (refusal ?? this.work(route as Compiled, asked, path, authorization));
    if (this.options.underWay) void this.options.underWay().then(() => admission?.done());
    else admission?.done();
    entry.status = answer.status;
    const headers = {
      // https://www.rfc-editor.org/rfc/rfc9110#name-date
      date: new Date(this.state.now()).toUTCString(),
      ...(answer.body === undefined ? undefined : { "content-type": "application/json; charset=utf-8" }),
      ...(admission?.headers ?? this.limitHeaders()),
      ...answer.headers,
    };
    return fault?.loseAnswer ? undefined : { ...answer, headers };
  }

  private work(route: Compiled, { url, body }: Asked, path: string, authorization: Authorization): Answer {
    const placeholders = Object.entries(route.pattern.exec(path)?.groups ?? {});
    return route.answer({
      state: this.state,
      authorization,
      params: Object.fromEntries(placeholders.map(([name, value]) => [name, decodeURIComponent(value)])),
      query: url.searchParams,
      url,
      body: objectIn(body),
    });
  }

  private refuse(
    route: Compiled | undefined,
    path: string,
    authorization: Authorization,
  ): Answer | undefined {
    const { kind, name, permissions, installation, refusal = "Bad credentials" } = authorization;
    if (kind === "none") return message(401, "Requires authentication");
    if (kind === "unknown") return message(401, refusal);
    if (!this.options.limits) {
      if (this.rateLimit.remaining <= 0) return message(403, `API rate limit exceeded for ${name}.`);
      this.rateLimit.remaining--;
    }
    if (!route) return notFound;
    if (!route.allow.includes(kind)) {
      return route.allow.includes("app")
        ? message(401, "A JSON web token could not be decoded")
        : message(403, "Resource not accessible by integration");
    }
    if (installation && this.state.suspended.has(installation.id)) return suspended;
    return covers(permissions, route.permissions ?? {}) && isAtHome(route, path, installation)
      ? undefined
      : message(403, "Resource not accessible by integration");
  }

  private limitHeaders(): Record<string, string> {
    const { limit, remaining, resetAt } = this.rateLimit;
    return {
      "x-ratelimit-limit": String(limit),
      "x-ratelimit-remaining": String(remaining),
      "x-ratelimit-reset": String(resetAt),
      "x-ratelimit-used": String(limit - remaining),
      "x-ratelimit-resource": "core",
    };
  }
}

/**
 * An installation's token reaches what its account owns:
 * https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/authenticating-as-a-github-app-installation
 */
const isAtHome = (
  { pattern }: Compiled,
  path: string,
  installation: Authorization["installation"],
): boolean => {
  const { org, owner } = pattern.exec(path)?.groups ?? {};
  const asked = org ?? owner;
  if (installation?.owner === undefined || asked === undefined) return true;
  return decodeURIComponent(asked).toLowerCase() === installation.owner.toLowerCase();
};

const compile = (route: Route): Compiled => {
  const [method = "", path = ""] = route.route.split(" ");
  return { ...route, method, pattern: new RegExp(`^${path.replace(/\{(\w+)\}/g, "(?<$1>[^/]+)")}$`) };
};

const objectIn = (body: string): Record<string, unknown> => {
  try {
    return JSON.parse(body) as Record<string, unknown>;
  } catch {
    return {};
  }
};
