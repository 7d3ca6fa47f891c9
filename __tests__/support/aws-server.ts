import { createHash, createHmac } from "node:crypto";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";

export interface AwsRequest {
  readonly headers: IncomingHttpHeaders;
  readonly path: string;
  readonly body: string;
  /** Epoch milliseconds */
  readonly at: number;
}

/** What the server does with a request: an answer, or never one, or the end of the connection. */
export type AwsReply =
  | {
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly json?: unknown;
      readonly text?: string;
    }
  | "hang"
  | "reset"
  | "half";

export interface AwsServer {
  readonly endpoint: string;
  readonly requests: AwsRequest[];
  /** By number of the request; the last one is repeated. */
  replies: (AwsReply | ((request: AwsRequest) => AwsReply))[];
  stop(): Promise<void>;
}

/** Something that speaks HTTP where AWS would be. */
export const startAwsServer = async (): Promise<AwsServer> => {
  const requests: AwsRequest[] = [];
  const server = createServer((message, response) => {
    const chunks: Buffer[] = [];
    message.on("data", (chunk: Buffer) => chunks.push(chunk));
    message.on("end", () => {
      const next = world.replies[Math.min(requests.length, world.replies.length - 1)] ?? {};
      const body = Buffer.concat(chunks).toString();
      const request = { headers: message.headers, path: message.url ?? "", body, at: Date.now() };
      requests.push(request);
      const reply = typeof next === "function" ? next(request) : next;
      if (reply === "hang") return;
      if (reply === "reset") return void message.socket.destroy();
      if (reply === "half") {
        response.writeHead(200, { "content-length": "100" });
        response.write("{");
        return;
      }
      response.writeHead(reply.status ?? 200, {
        "x-amzn-requestid": `request-${requests.length}`,
        ...reply.headers,
      });
      response.end(reply.text ?? JSON.stringify(reply.json ?? {}));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const world: AwsServer = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    replies: [],
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return world;
};

/**
 * The `Authorization` that AWS would expect, reckoned from what arrived.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export const expectedAuthorization = (
  { headers, path, body }: AwsRequest,
  { id, secret, region, service }: { id: string; secret: string; region: string; service: string },
): string => {
  const time = String(headers["x-amz-date"]);
  const signed = Object.keys(headers)
    .filter((name) => /^(content-type|host|x-amz-.*)$/.test(name))
    .sort();
  const canonical = [
    "POST",
    path.split("/").map(encodeURIComponent).join("/"),
    "",
    ...signed.map((name) => `${name}:${String(headers[name])}`),
    "",
    signed.join(";"),
    createHash("sha256").update(body).digest("hex"),
  ].join("\n");
  const scope = `${time.slice(0, 8)}/${region}/${service}/aws4_request`;
  const toSign = ["AWS4-HMAC-SHA256", time, scope, createHash("sha256").update(canonical).digest("hex")].join(
    "\n",
  );
  const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();
  const key = scope.split("/").reduce<string | Buffer>(hmac, `AWS4${secret}`);
  const signature = hmac(key, toSign).toString("hex");
  return `AWS4-HMAC-SHA256 Credential=${id}/${scope}, SignedHeaders=${signed.join(";")}, Signature=${signature}`;
};
