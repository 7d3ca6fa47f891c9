/** Stands in front of a service, counts what is asked of it, and answers later than it would when told to. */
import { Agent, createServer, request as send } from "node:http";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

export interface Call {
  /** What the caller's signature or token tells of it; for AWS the access key. */
  readonly caller: string;
  /** E.g. `dynamodb:UpdateItem`, or `POST /orgs/acme/actions/runners/generate-jitconfig`. */
  readonly name: string;
  readonly body: string;
  /** Epoch milliseconds */
  readonly time: number;
  status: number;
}

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Proxy {
  readonly url: string;
  readonly calls: Call[];
  /** Milliseconds added to every call. */
  latency: number;
  /** Calls, by name, that are answered with a refusal and go no further. */
  refused: readonly string[];
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
      status: 0,
    };
    proxy.calls.push(call);
    if (proxy.latency > 0) await wait(proxy.latency);
    if (proxy.refused.includes(call.name)) {
      call.status = 400;
      outgoing.writeHead(call.status, { "content-type": "application/x-amz-json-1.1" });
      outgoing.end(JSON.stringify({ __type: "AccessDeniedException", message: "Refused by a test." }));
      return;
    }
    await new Promise<void>((done, failed) => {
      const onward = send(new URL(path, target), { method, headers, agent }, (answer) => {
        call.status = answer.statusCode ?? 0;
        outgoing.writeHead(call.status, answer.headers);
        answer.pipe(outgoing).once("finish", done).once("error", failed);
      });
      onward.once("error", failed).end(body);
    });
  };
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
