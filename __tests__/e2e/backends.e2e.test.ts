/** The real terraform on what the reference app writes for each place of the state. */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TerraformStack, Testing } from "cdktf";
import { BACKEND, createBackend, type BackendContext } from "../../scripts/app/backend";
import { openKeys, type Json, type Node } from "../../constructs/schema/node";
import { emulatorCredentials, startMoto, type Moto } from "../support/moto";

const work = mkdtempSync(join(tmpdir(), "backends-"));
let moto: Moto;
let keeper: StateKeeper;

beforeAll(async () => {
  moto = await startMoto();
  keeper = await StateKeeper.start();
});

afterAll(async () => {
  keeper.server.close();
  await moto.stop();
  rmSync(work, { recursive: true, force: true });
});

/** What Terraform's http backend talks to: https://developer.hashicorp.com/terraform/language/backend/http */
class StateKeeper {
  state = "";
  lock = "";

  private constructor(
    readonly server: Server,
    readonly url: string,
  ) {}

  static async start(): Promise<StateKeeper> {
    const server = createServer();
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const keeper = new StateKeeper(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on("request", (request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const [status, body] = keeper.answer(request.method ?? "", Buffer.concat(chunks).toString());
        response.writeHead(status).end(body);
      });
    });
    return keeper;
  }

  private answer(method: string, body: string): [status: number, body: string] {
    if (method === "GET") return [this.state === "" ? 404 : 200, this.state];
    if (method === "LOCK" && this.lock !== "") return [423, this.lock];
    if (method === "LOCK") this.lock = body;
    if (method === "UNLOCK") this.lock = "";
    if (method === "POST") this.state = body;
    return [200, ""];
  }
}

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

const terraform = (folder: string, ...words: string[]): Promise<Ended> => {
  const child = spawn("terraform", [...words, "-no-color", "-input=false"], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      CHECKPOINT_DISABLE: "1",
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_ENDPOINT_URL: moto.endpoint,
      AWS_ACCESS_KEY_ID: emulatorCredentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: emulatorCredentials.secretAccessKey,
    },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  return new Promise((ended) => child.once("close", (code) => ended({ code, output })));
};

/** A stack with that backend, and with one resource that needs no provider. */
const stackWith = (name: string, backend: BackendContext, more: Json = {}): string => {
  const stack = new TerraformStack(Testing.app(), name);
  createBackend(stack, { ...backend, ...more });
  stack.addOverride("resource.terraform_data.one", { input: "remembered" });
  const folder = join(work, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "cdk.tf.json"), Testing.synth(stack));
  return folder;
};

const exampleOf = (node: Node): unknown => {
  if (typeof node === "string")
    return { "a number": 1, "true or false": false, "a list of texts": ["x"] }[node as "a number"] ?? "x";
  if ("oneOf" in node) return node.oneOf[0];
  return "keys" in node ? everyKey(node.keys) : {};
};

const everyKey = (keys: Readonly<Record<string, Node>>): Json =>
  Object.fromEntries(openKeys(keys).map((key) => [key, exampleOf(keys[key]!)]));

/** Of two forms of workspaces one is given. */
const WORKSPACES = { cloud: { name: "x", project: "x" }, remote: { prefix: "x" } } as Readonly<
  Record<string, Json>
>;

/** What Terraform says of a key in JSON that it does not know. */
const UNKNOWN_KEY = /Extraneous JSON object property|Unsupported argument|No argument or block type/;

describe("every key of a backend", () => {
  it.each(Object.entries(BACKEND.variants))("is one that Terraform knows: %s", async (type, { keys }) => {
    const given = { ...everyKey(keys), ...(WORKSPACES[type] && { workspaces: WORKSPACES[type] }) };
    const folder = stackWith(`keys-${type}`, given as BackendContext);

    expect((await terraform(folder, "init")).output).not.toMatch(UNKNOWN_KEY);
  });

  it("would be told if it were not", async () => {
    const folder = stackWith("keys-wrong", { type: "gcs", bucket: "b", storeageCustomEndpoint: "x" });

    expect((await terraform(folder, "init")).output).toMatch(UNKNOWN_KEY);
  });
});

describe("a state that is kept", () => {
  const apply = async (folder: string): Promise<Ended> => {
    expect(await terraform(folder, "init")).toMatchObject({ code: 0 });
    return terraform(folder, "apply", "-auto-approve");
  };

  it("is kept in a file", async () => {
    const folder = stackWith("local", { type: "local" });
    const deep = join(work, "project", "cdktf.out", "stacks", "local");
    mkdirSync(deep, { recursive: true });
    writeFileSync(join(deep, "cdk.tf.json"), readFileSync(join(folder, "cdk.tf.json")));

    expect(await apply(deep)).toMatchObject({ code: 0 });
    expect(readFileSync(join(work, "project", "terraform.local.tfstate"), "utf8")).toContain("remembered");
  });

  it("is kept by an HTTP server, one writer at a time", async () => {
    const folder = stackWith("http", {
      type: "http",
      address: `${keeper.url}/state`,
      lockAddress: `${keeper.url}/state`,
      unlockAddress: `${keeper.url}/state`,
    });

    expect(await apply(folder)).toMatchObject({ code: 0 });
    expect(keeper.state).toContain("remembered");
    expect(keeper.lock).toBe("");

    keeper.lock = JSON.stringify({ ID: "somebody" });
    const second = await terraform(folder, "apply", "-auto-approve");
    expect(second).toMatchObject({
      code: 1,
      output: expect.stringContaining("Error acquiring the state lock") as string,
    });
  });

  it("is kept in S3, one writer at a time by a lock file there", async () => {
    const region = "us-east-1";
    // moto checks no signature, and takes who shows none for a stranger.
    const authorization = `AWS4-HMAC-SHA256 Credential=${emulatorCredentials.accessKeyId}/20260101/${region}/s3/aws4_request, SignedHeaders=host, Signature=x`;
    const at = (path: string, init?: RequestInit): Promise<Response> =>
      fetch(`${moto.endpoint}/acme-state${path}`, { ...init, headers: { authorization } });
    await at("", { method: "PUT" });
    const folder = stackWith("s3", {
      type: "s3",
      bucket: "acme-state",
      key: "runners.tfstate",
      region,
      useLockfile: true,
      usePathStyle: true,
      skipCredentialsValidation: true,
      skipRequestingAccountId: true,
    });

    expect(await apply(folder)).toMatchObject({ code: 0 });
    expect(await (await at("/runners.tfstate")).text()).toContain("remembered");
    expect((await at("/runners.tfstate.tflock")).status).toBe(404);

    await at("/runners.tfstate.tflock", { method: "PUT", body: JSON.stringify({ ID: "somebody" }) });
    const second = await terraform(folder, "apply", "-auto-approve");
    expect(second).toMatchObject({
      code: 1,
      output: expect.stringContaining("Error acquiring the state lock") as string,
    });
  });
});
