/** Stands in front of a service, counts what is asked of it, and does to calls and answers what it is told to. */
import { Agent, createServer, request as send } from "node:http";
import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { refusalOf } from "./aws-refusals";

export interface Call {
  /** What the caller's signature or token tells of it; for AWS the access key. */
  readonly caller: string;
  /** E.g. `dynamodb:UpdateItem`, or `POST /orgs/acme/actions/runners/generate-jitconfig`. */
  readonly name: string;
  readonly body: string;
  /** Epoch milliseconds */
  readonly time: number;
  /** Epoch milliseconds at which it was answered; 0 until then. */
  end: number;
  status: number;
}

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Reply {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: string;
}

/** What becomes of a call instead of being passed on, or beside it. */
export interface Interception {
  /** Is answered at once; the call goes no further. */
  readonly reply?: Reply;
  /** Is sent on instead of what was asked. */
  readonly body?: string;
  /** Changes the answer on its way back. */
  readonly rewrite?: (reply: Reply) => Reply;
  /** The connection is cut, before the call goes on or when it has taken effect. */
  readonly cut?: "before" | "after";
  /** Runs as the connection is cut. */
  readonly atCut?: () => void;
}

export interface Proxy {
  readonly url: string;
  readonly calls: Call[];
  /** Milliseconds added to every call. */
  latency: number;
  /** Calls, by name, that are answered with a refusal and go no further. */
  refused: readonly string[];
  /** Looks at every call before it goes on. */
  intercept?: (call: Call) => Interception | undefined | Promise<Interception | undefined>;
  stop(): Promise<void>;
}

export async function startProxy(
  target: string,
  describe: (asked: Asked) => Pick<Call, "caller" | "name">,
): Promise<Proxy> {
  const agent = new Agent({ keepAlive: true });
  const server = createServer((incoming, outgoing) => {
    forward(incoming, outgoing).catch((error: unknown) => outgoing.destroy(error as Error));
  });
  const forward = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const { method = "GET", url: path = "/", headers } = incoming;
    const time = Date.now();
    const body = await readAll(incoming);
    const call: Call = {
      ...describe({ method, path, headers, body }),
      body: body.toString(),
      time,
      end: 0,
      status: 0,
    };
    proxy.calls.push(call);
    if (proxy.latency > 0) await wait(proxy.latency);
    const { reply, body: instead, rewrite, cut, atCut } = await interceptionOf(call);
    const end = (): void => {
      atCut?.();
      outgoing.destroy();
    };
    if (cut === "before") return end();
    const sent = instead === undefined ? body : Buffer.from(instead);
    const answer = reply ?? (await passOn(target, agent, { method, path, headers, body: sent }));
    const last = rewrite ? rewrite({ ...answer, body: answer.body.toString() }) : answer;
    call.status = last.status;
    if (cut === "after") return end();
    outgoing.writeHead(last.status, withLength(last.headers, last.body));
    outgoing.end(last.body);
    call.end = Date.now();
  };
  const interceptionOf = async (call: Call): Promise<Interception> =>
    proxy.refused.includes(call.name)
      ? { reply: refusalOf(call.name, "refusal") }
      : ((await proxy.intercept?.(call)) ?? {});
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const proxy: Proxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls: [],
    latency: 0,
    refused: [],
    stop: async () => {
      const closed = new Promise((done) => server.close(done));
      server.closeAllConnections();
      agent.destroy();
      await closed;
    },
  };
  return proxy;
}

const passOn = async (
  target: string,
  agent: Agent,
  { method, path, headers, body }: Asked,
): Promise<Omit<Reply, "body"> & { readonly body: Buffer }> => {
  const answer = await new Promise<IncomingMessage>((answered, failed) => {
    send(new URL(path, target), { method, headers: withLength(headers, body), agent }, answered)
      .once("error", failed)
      .end(body);
  });
  return { status: answer.statusCode ?? 0, headers: answer.headers, body: await readAll(answer) };
};

/** The whole is at hand, so its length is told. */
const withLength = (headers: OutgoingHttpHeaders, body: string | Buffer): OutgoingHttpHeaders => {
  const rest = { ...headers };
  delete rest["transfer-encoding"];
  delete rest["content-length"];
  return body.length > 0 ? { ...rest, "content-length": Buffer.byteLength(body) } : rest;
};

export async function readAll(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** The service stands in the signature; the action in a header, in the body, or in method and path. */
export function describeAwsCall({ method, path, headers, body }: Asked): Pick<Call, "caller" | "name"> {
  const [, caller = "unknown", service = "unknown"] =
    /Credential=([^/]+)\/[^/]+\/[^/]+\/([^/]+)\//.exec(headers.authorization ?? "") ?? [];
  const target = String(headers["x-amz-target"] ?? "").split(".")[1];
  const action =
    target ?? /(?:^|&)Action=(\w+)/.exec(body.toString())?.[1] ?? `${method} ${path.split("?")[0]}`;
  return { caller, name: `${service}:${action}` };
}

export function describeGithubCall({ method, path }: Asked): Pick<Call, "caller" | "name"> {
  const plain = path
    .split("?")[0]!
    .replace(/^\/api\/v3/, "")
    .replace(/\/\d+(?=\/|$)/g, "/{id}");
  return { caller: "github", name: `${method} ${plain}` };
}

export function countByName(calls: readonly Call[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { name } of calls) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
