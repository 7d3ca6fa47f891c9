/** What a machine talks to: metadata service, AWS (moto behind a recorder), and a server with the runner's archive. */
import { createServer } from "node:http";
import type { IncomingMessage, RequestListener, Server } from "node:http";
import { text } from "node:stream/consumers";

export const region = "eu-central-1";

/** None of these may be seen anywhere but where it belongs. */
export const instanceCredentials = {
  AccessKeyId: "ASIABOOTTEST00000000",
  SecretAccessKey: "instance-secret-key-0f7e",
  Token: "instance-session-token-5b21",
};

const metadataToken = "metadata-session-token-91c4";

const metadataOf = (instanceId: string): Readonly<Record<string, string>> => ({
  "/latest/meta-data/instance-id": instanceId,
  "/latest/meta-data/placement/region": region,
  "/latest/meta-data/services/domain": "amazonaws.com",
  "/latest/meta-data/iam/security-credentials/": "runner-role",
  "/latest/meta-data/iam/security-credentials/runner-role": JSON.stringify({
    Code: "Success",
    ...instanceCredentials,
  }),
});

/** Version 2 only, as the launch template sets it. */
export const metadataService = (instanceId: string): RequestListener => {
  const paths = metadataOf(instanceId);
  return (request, response) => {
    const { method, url = "", headers } = request;
    if (method === "PUT" && url === "/latest/api/token" && headers["x-aws-ec2-metadata-token-ttl-seconds"])
      return response.end(metadataToken);
    if (headers["x-aws-ec2-metadata-token"] !== metadataToken) return response.writeHead(401).end();
    const found = paths[url];
    return found === undefined ? response.writeHead(404).end() : response.end(found);
  };
};

/** As it is, but for the first request, which is answered that much later. */
export const slowAtFirst = (listener: RequestListener, milliseconds: number): RequestListener => {
  let isFirst = true;
  return (request, response) => {
    setTimeout(() => void listener(request, response), isFirst ? milliseconds : 0);
    isFirst = false;
  };
};

export interface AwsCall {
  readonly target: string;
  readonly body: string;
}

/** Hands every call on to moto and keeps it, unless it is refused; `hang` tells the targets that never get an answer. */
export const recordedAws =
  (
    moto: string,
    calls: AwsCall[],
    hang: (target: string) => boolean,
    isAllowed: (call: AwsCall) => Promise<boolean>,
  ): RequestListener =>
  (request, response) =>
    void (async () => {
      const target = String(request.headers["x-amz-target"]);
      const body = await text(request);
      calls.push({ target, body });
      if (hang(target)) return;
      if (!(await isAllowed({ target, body })))
        return response.writeHead(400).end('{"__type":"AccessDeniedException"}');
      const answer = await fetch(moto, { method: "POST", body, headers: forwarded(request) });
      response.writeHead(answer.status, { "content-type": "application/x-amz-json-1.1" });
      return response.end(await answer.text());
    })();

const forwarded = ({ headers }: IncomingMessage): Record<string, string> =>
  Object.fromEntries(
    ["authorization", "content-type", "x-amz-target", "x-amz-date", "x-amz-security-token"].map((name) => [
      name,
      String(headers[name]),
    ]),
  );

/** Serves the runner's archive, by whatever path, which is noted, and takes what the stand-in runner tells. */
export const runnerServer =
  (
    archive: Buffer,
    told: (name: string, value: string) => void | Promise<void>,
    downloads: string[] = [],
  ): RequestListener =>
  (request, response) =>
    void (async () => {
      const { url = "" } = request;
      const name = /^\/tell\/(.+)$/.exec(url)?.[1];
      if (name === undefined) {
        downloads.push(url);
        return response.end(archive);
      }
      await told(name, (await text(request)).trim());
      return response.end();
    })();

export const listenOn = (socket: string, listener: RequestListener): Promise<Server> =>
  new Promise((listens) => {
    const server = createServer(listener);
    server.listen(socket, () => listens(server));
  });

/** A call to moto, unsigned but named: for what the tests themselves lay and look up. */
export const callMoto = async <T>(
  moto: string,
  service: string,
  target: string,
  input: object,
): Promise<T> => {
  const answer = await fetch(moto, {
    method: "POST",
    body: JSON.stringify(input),
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": target,
      authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/${region}/${service}/aws4_request, SignedHeaders=host, Signature=0`,
    },
  });
  if (!answer.ok) throw new Error(`moto refused ${target}: ${await answer.text()}`);
  return (await answer.json().catch(() => ({}))) as T;
};
