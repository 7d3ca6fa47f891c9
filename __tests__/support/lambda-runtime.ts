/**
 * A local Lambda: runs bundles, with the settings that were applied, in processes of their own, and answers the
 * Invoke API. Like the real one it runs one event at a time in a sandbox, keeps sandboxes warm, and starts another
 * when all are busy.
 */
import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { unzipSync } from "fflate";
import { compile } from "./compile";
import type { Invocation, SandboxMessage } from "./lambda-sandbox";
import { readAll } from "./proxy";

export interface LambdaFunction {
  readonly name: string;
  readonly arn: string;
  readonly handler: string;
  /** Seconds */
  readonly timeout: number;
  /** MB */
  readonly memory: number;
  readonly environment: Readonly<Record<string, string>>;
  /** Path of the zip file. */
  readonly zip: string;
}

export interface InvocationResult {
  readonly payload: unknown;
  /** The handler threw, or ran out of time. */
  readonly failed: boolean;
  readonly milliseconds: number;
  /** Present when a new sandbox was started for it: the time to load the bundle. */
  readonly initMilliseconds?: number;
}

export interface Logged extends InvocationResult {
  readonly name: string;
  readonly event: unknown;
}

/** How a sandbox finds the world. */
export interface LambdaOptions {
  readonly work: string;
  readonly region: string;
  /** Base URL of everything AWS but Lambda. */
  readonly endpoint: string;
  /** Default: the Node that runs this */
  readonly node?: string;
}

interface Sandbox {
  readonly process: ChildProcess;
  readonly initMilliseconds: number;
}

export class LambdaRuntime {
  readonly invocations: Logged[] = [];
  /** What the functions wrote to their logs, by function. */
  readonly logs = new Map<string, string>();
  private readonly idle = new Map<string, Sandbox[]>();
  private readonly processes = new Set<ChildProcess>();
  private readonly functions = new Map<string, LambdaFunction>();
  private readonly background = new Set<Promise<unknown>>();
  private readonly server = createServer((request, response) => {
    this.answer(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  private readonly bootstrap: string;

  private constructor(private readonly options: LambdaOptions) {
    mkdirSync(options.work, { recursive: true });
    this.bootstrap = compile(join(__dirname, "lambda-sandbox.ts"), join(options.work, "sandbox.js"));
    process.once("exit", () => this.cold());
  }

  static async start(options: LambdaOptions): Promise<LambdaRuntime> {
    const runtime = new LambdaRuntime(options);
    await new Promise<void>((ready) => runtime.server.listen(0, "127.0.0.1", ready));
    return runtime;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Takes the functions as they are now; sandboxes of what was there before are dropped. */
  deploy(functions: readonly LambdaFunction[]): void {
    this.cold();
    this.functions.clear();
    for (const one of functions) {
      this.functions.set(one.name, one);
      const folder = this.folderOf(one.name);
      mkdirSync(folder, { recursive: true });
      for (const [file, bytes] of Object.entries(unzipSync(readFileSync(one.zip))))
        writeFileSync(join(folder, file), bytes);
    }
  }

  /** Ends every sandbox, so that the next invocation starts cold. */
  cold(): void {
    for (const child of this.processes) child.kill("SIGKILL");
    this.processes.clear();
    this.idle.clear();
  }

  /** Waits for what was invoked without waiting for its answer. */
  async settle(): Promise<void> {
    while (this.background.size > 0) await Promise.all(this.background);
  }

  async stop(): Promise<void> {
    this.cold();
    const closed = new Promise((done) => this.server.close(done));
    this.server.closeAllConnections();
    await closed;
  }

  async invoke(name: string, event: unknown): Promise<InvocationResult> {
    const one = this.find(name);
    if (!one) throw new Error(`There is no function ${name}: ${[...this.functions.keys()].join(", ")}`);
    const start = Date.now();
    const warm = this.idle.get(one.name)?.pop();
    const ran = await this.run(one, event, warm).catch((error: unknown) => ({
      payload: { errorType: "Runtime.ExitError", errorMessage: String(error) },
      failed: true,
      initMilliseconds: undefined,
    }));
    const result = { ...ran, milliseconds: Date.now() - start };
    this.invocations.push({ ...result, name: one.name, event });
    return result;
  }

  private find(name: string): LambdaFunction | undefined {
    const plain = name.replace(/^arn:[^/]*:function:/, "").replace(/:.*$/, "");
    return this.functions.get(plain);
  }

  private folderOf(name: string): string {
    return join(this.options.work, name);
  }

  private async run(
    one: LambdaFunction,
    event: unknown,
    warm: Sandbox | undefined,
  ): Promise<Omit<InvocationResult, "milliseconds">> {
    const sandbox = warm ?? (await this.startSandbox(one));
    const deadline = Date.now() + one.timeout * 1000;
    const answered = nextMessage(sandbox.process, one.timeout * 1000);
    const invocation: Invocation = { id: randomUUID(), event, deadline };
    sandbox.process.send(invocation);
    try {
      const message = await answered;
      if (this.processes.has(sandbox.process)) {
        this.idle.set(one.name, [...(this.idle.get(one.name) ?? []), sandbox]);
      }
      if (message.kind === "ready") throw new Error("The sandbox became ready twice.");
      return {
        payload: JSON.parse(message.payload) as unknown,
        failed: message.kind === "error",
        initMilliseconds: warm ? undefined : sandbox.initMilliseconds,
      };
    } catch (error) {
      sandbox.process.kill("SIGKILL");
      throw error;
    }
  }

  private async startSandbox(one: LambdaFunction): Promise<Sandbox> {
    const child = fork(this.bootstrap, [], {
      execPath: this.options.node ?? process.execPath,
      execArgv: [],
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      env: this.environmentOf(one),
    });
    this.processes.add(child);
    child.once("exit", () => this.processes.delete(child));
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (text: Buffer) =>
        this.logs.set(one.name, `${this.logs.get(one.name) ?? ""}${text.toString()}`),
      );
    }
    const message = await nextMessage(child, 10_000);
    if (message.kind !== "ready") throw new Error(`${one.name} does not load: ${message.payload}`);
    return { process: child, initMilliseconds: message.initMilliseconds };
  }

  /** https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime */
  private environmentOf({ name, arn, handler, memory, environment }: LambdaFunction): NodeJS.ProcessEnv {
    const { region, endpoint } = this.options;
    return {
      ...environment,
      _HANDLER: handler,
      TZ: ":UTC",
      AWS_EXECUTION_ENV: "AWS_Lambda_nodejs22.x",
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      // The key is how a proxy in front of AWS tells the callers apart.
      AWS_ACCESS_KEY_ID: name,
      AWS_SECRET_ACCESS_KEY: "test",
      AWS_SESSION_TOKEN: "test",
      AWS_LAMBDA_FUNCTION_NAME: name,
      AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memory),
      AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
      AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
      LAMBDA_TASK_ROOT: this.folderOf(name),
      SANDBOX_FUNCTION_ARN: arn,
      AWS_ENDPOINT_URL: endpoint,
      AWS_ENDPOINT_URL_LAMBDA: this.url,
    };
  }

  /** https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readAll(request);
    const name = /^\/2015-03-31\/functions\/([^/]+)\/invocations/.exec(request.url ?? "")?.[1];
    const one = name && this.find(decodeURIComponent(name));
    if (request.method !== "POST" || !one) {
      response.writeHead(404, {
        "content-type": "application/json",
        "x-amzn-errortype": "ResourceNotFoundException",
      });
      response.end(JSON.stringify({ Message: `Function not found: ${name ?? request.url}` }));
      return;
    }
    const invocation = this.invoke(one.name, body.length > 0 ? JSON.parse(body.toString()) : {});
    if (request.headers["x-amz-invocation-type"] === "Event") {
      this.background.add(invocation);
      void invocation.finally(() => this.background.delete(invocation));
      response.writeHead(202).end();
      return;
    }
    const { payload, failed } = await invocation;
    const headers = { "content-type": "application/json", "x-amz-executed-version": "$LATEST" };
    response.writeHead(200, { ...headers, ...(failed && { "x-amz-function-error": "Unhandled" }) });
    response.end(JSON.stringify(payload));
  }
}

function nextMessage(child: ChildProcess, within: number): Promise<SandboxMessage> {
  return new Promise((done, failed) => {
    const finish = (act: () => void): void => {
      clearTimeout(timer);
      child.off("message", onMessage).off("exit", onExit);
      act();
    };
    const onMessage = (message: SandboxMessage): void => finish(() => done(message));
    const onExit = (code: number | null): void =>
      finish(() => failed(new Error(`The sandbox ended with ${code}.`)));
    const timer = setTimeout(
      () => finish(() => failed(new Error(`Task timed out after ${(within / 1000).toFixed(2)} seconds`))),
      within,
    );
    child.once("message", onMessage).once("exit", onExit);
  });
}
