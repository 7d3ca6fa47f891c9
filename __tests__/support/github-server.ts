import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { covers, message, routes as standardRoutes, type Answer, type Route } from "./github-routes";
import { GithubState, type App, type Authorization, type AuthorizationKind } from "./github-state";

export interface GithubServerOptions {
  /** Absent: there is no App, and every JWT is refused. */
  readonly app?: App;
  /** Personal access tokens that are taken, with every permission. */
  readonly pats?: readonly string[];
  /** Routes in addition to `github-routes.ts`, tried first. */
  readonly routes?: readonly Route[];
  /** Epoch milliseconds. Default: the clock */
  readonly now?: () => number;
  /** Default: any free one */
  readonly port?: number;
}

export interface LoggedRequest {
  readonly method: string;
  readonly path: string;
  /** With placeholders, as in the table of routes; undefined: no such route. */
  readonly route?: string;
  readonly authorization: AuthorizationKind;
  /** Epoch milliseconds */
  readonly time: number;
  readonly body: Readonly<Record<string, unknown>>;
  status: number;
}

/** What a route does instead of its work, or before it. */
export interface Fault {
  /** As in the table of routes; absent: any route. */
  readonly route?: string;
  /** Answer this instead of doing the work. Absent with `latency`: only late. */
  readonly status?: number;
  readonly message?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Do the work, then cut the connection: the answer is lost. */
  readonly loseAnswer?: boolean;
  /** Milliseconds before the answer. */
  readonly latency?: number;
  /** How many calls it hits. Default: every call until {@link GithubServer.heal} */
  times?: number;
}

/**
 * A local GitHub with as much of its REST API as this project calls: it checks tokens, permissions and the App's
 * JWT, counts the rate limit, and fails on request.
 */
export class GithubServer {
  readonly requests: LoggedRequest[] = [];
  /** As the `x-ratelimit-*` headers say; with nothing remaining every call gets 403. */
  readonly rateLimit = { limit: 5000, remaining: 5000, resetAt: 0 };
  readonly state: GithubState;
  private faults: Fault[] = [];
  private readonly routes: readonly (Route & { readonly method: string; readonly pattern: RegExp })[];
  private readonly server = createServer((request, response) => {
    this.handle(request, response).catch((error: unknown) => response.destroy(error as Error));
  });

  private constructor(options: GithubServerOptions) {
    this.state = new GithubState(options.app, options.now ?? Date.now);
    for (const pat of options.pats ?? []) this.state.addPat(pat);
    this.routes = [...(options.routes ?? []), ...standardRoutes].map(compile);
    this.rateLimit.resetAt = Math.floor(this.state.now() / 1000) + 3600;
  }

  static async start(options: GithubServerOptions = {}): Promise<GithubServer> {
    const github = new GithubServer(options);
    await new Promise<void>((resolve, reject) => {
      github.server.once("error", reject).listen(options.port ?? 0, "127.0.0.1", resolve);
    });
    return github;
  }

  /** `apiUrl` of the settings. `<url>/api/v3` answers too, as on Enterprise Server. */
  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }

  inject(fault: Fault): void {
    this.faults.push({ ...fault });
  }

  heal(): void {
    this.faults = [];
  }

  /** Requests to one route of the table. */
  requestsTo(route: string): LoggedRequest[] {
    return this.requests.filter((request) => request.route === route);
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
    const path = pathname.replace(/^\/api\/v3(?=\/)/, "");
    const method = request.method ?? "GET";
    const body = await bodyOf(request);
    const route = this.routes.find((one) => one.method === method && one.pattern.test(path));
    const authorization = this.state.authorize(request.headers.authorization);
    const entry: LoggedRequest = {
      method,
      path,
      route: route?.route,
      authorization: authorization.kind,
      time: this.state.now(),
      body,
      status: 0,
    };
    this.requests.push(entry);

    const fault = this.takeFault(route?.route);
    if (fault?.latency) await wait(fault.latency);
    const refusal = this.refuse(route, authorization);
    const params = route?.pattern.exec(path)?.groups ?? {};
    const decoded = Object.fromEntries(
      Object.entries(params).map(([name, value]) => [name, decodeURIComponent(value)]),
    );
    const work = (): Answer =>
      refusal ??
      (route as Route).answer({
        state: this.state,
        authorization,
        params: decoded,
        query: searchParams,
        body,
      });
    const answer = fault?.status ? faultAnswer(fault) : work();
    entry.status = answer.status;
    if (fault?.loseAnswer) response.destroy();
    else this.send(response, answer);
  }

  private takeFault(route: string | undefined): Fault | undefined {
    const fault = this.faults.find((one) => one.route === undefined || one.route === route);
    if (fault?.times !== undefined && --fault.times <= 0)
      this.faults = this.faults.filter((one) => one !== fault);
    return fault;
  }

  private refuse(route: Route | undefined, { kind, permissions }: Authorization): Answer | undefined {
    if (kind === "none") return message(401, "Requires authentication");
    if (kind === "unknown") return message(401, "Bad credentials");
    if (this.rateLimit.remaining <= 0) return message(403, "API rate limit exceeded for installation ID 7.");
    this.rateLimit.remaining--;
    if (!route) return message(404, "Not Found");
    if (!route.allow.includes(kind)) {
      const text = "A JSON web token could not be decoded";
      return route.allow.includes("app")
        ? message(401, text)
        : message(403, "Resource not accessible by integration");
    }
    return covers(permissions, route.permissions ?? {})
      ? undefined
      : message(403, "Resource not accessible by integration");
  }

  private send(response: ServerResponse, { status, body, headers }: Answer): void {
    const { limit, remaining, resetAt } = this.rateLimit;
    response.writeHead(status, {
      ...(body === undefined ? {} : { "content-type": "application/json; charset=utf-8" }),
      "x-ratelimit-limit": limit,
      "x-ratelimit-remaining": remaining,
      "x-ratelimit-reset": resetAt,
      "x-ratelimit-used": limit - remaining,
      "x-ratelimit-resource": "core",
      ...headers,
    });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  }
}

const faultAnswer = ({ status = 500, message: text = "Injected", headers }: Fault): Answer => ({
  ...message(status, text),
  headers,
});

const compile = (route: Route): Route & { method: string; pattern: RegExp } => {
  const [method = "", path = ""] = route.route.split(" ");
  return { ...route, method, pattern: new RegExp(`^${path.replace(/\{(\w+)\}/g, "(?<$1>[^/]+)")}$`) };
};

const bodyOf = async (request: IncomingMessage): Promise<Record<string, unknown>> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  try {
    return JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
  } catch {
    return {};
  }
};
