/**
 * A local Lambda: runs bundles, with the settings that were applied, in processes of their own, and answers the
 * Invoke API. Like the real one it runs one event at a time in a sandbox, keeps sandboxes warm, and starts another
 * when all are busy.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { unzipSync } from "fflate";
import { compile } from "./compile";
import { environmentOf, LambdaProcess, type LambdaFunction } from "./lambda-process";
import { describeAwsCall, readAll, type Call } from "./proxy";

export interface InvocationResult {
  readonly payload: unknown;
  /** The handler threw, or ran out of time. */
  readonly failed: boolean;
  readonly milliseconds: number;
  /** Present when a new sandbox was started for it: the time to load the bundle. */
  readonly initMilliseconds?: number;
  /** With it: epoch milliseconds at which the loading began, when the process had started. */
  readonly loadedFrom?: number;
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
  /** Milliseconds by which the functions' clock is ahead of this one, at any time. Default: 0 */
  readonly clock?: { readonly ahead: number };
}

export class LambdaRuntime {
  readonly invocations: Logged[] = [];
  /** Who asked for an invocation, as a call to AWS. */
  readonly calls: Call[] = [];
  /** What the functions wrote to their logs, by function. */
  readonly logs = new Map<string, string>();
  private readonly idle = new Map<string, LambdaProcess[]>();
  private readonly sandboxes = new Set<LambdaProcess>();
  private readonly functions = new Map<string, LambdaFunction>();
  private readonly background = new Set<Promise<unknown>>();
  private readonly server = createServer((request, response) => {
    this.answer(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  private readonly bootstrap: string;
  /** What a function is at this moment, asked for before each of its invocations. Default: as it was deployed. */
  source?: (name: string) => Promise<LambdaFunction | undefined>;

  private constructor(private readonly options: LambdaOptions) {
    mkdirSync(options.work, { recursive: true });
    this.bootstrap = compile(join(__dirname, "lambda-sandbox.ts"), join(options.work, "sandbox.js"));
    process.once("exit", this.cold);
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
    for (const one of functions) this.put(one);
  }

  private put(one: LambdaFunction): void {
    this.functions.set(one.name, one);
    const folder = this.folderOf(one.name);
    mkdirSync(folder, { recursive: true });
    for (const [file, bytes] of Object.entries(unzipSync(readFileSync(one.zip))))
      writeFileSync(join(folder, file), bytes);
  }

  /** As Lambda does with a function that was changed: what runs ends as it was, the next event meets the new one. */
  private async renew(name: string): Promise<LambdaFunction | undefined> {
    const known = this.find(name);
    if (!this.source) return known;
    const now = await this.source(plainName(name));
    if (JSON.stringify(now) === JSON.stringify(known)) return known;
    for (const sandbox of this.idle.get(plainName(name)) ?? []) sandbox.end();
    this.idle.delete(plainName(name));
    if (now) this.put(now);
    else this.functions.delete(plainName(name));
    return now;
  }

  /** Ends every sandbox, so that the next invocation starts cold. */
  readonly cold = (): void => {
    for (const sandbox of this.sandboxes) sandbox.end();
    this.sandboxes.clear();
    this.idle.clear();
  };

  /** Every function starts cold with its next event; what runs ends in order. */
  retire(): void {
    for (const [name, one] of this.functions) this.functions.set(name, { ...one });
    for (const sandbox of [...this.idle.values()].flat()) sandbox.end();
    this.idle.clear();
  }

  /** Waits for what was invoked without waiting for its answer. */
  async settle(): Promise<void> {
    while (this.background.size > 0) await Promise.all(this.background);
  }

  async stop(): Promise<void> {
    this.cold();
    process.off("exit", this.cold);
    const closed = new Promise((done) => this.server.close(done));
    this.server.closeAllConnections();
    await closed;
  }

  async invoke(name: string, event: unknown): Promise<InvocationResult> {
    const one = await this.renew(name);
    if (!one) throw new Error(`There is no function ${name}: ${[...this.functions.keys()].join(", ")}`);
    const start = Date.now();
    const warm = this.idle.get(one.name)?.pop();
    const ran = await this.run(one, event, warm).catch((error: unknown) => ({
      payload: { errorType: "Runtime.ExitError", errorMessage: String(error) },
      failed: true,
    }));
    const result = { ...ran, milliseconds: Date.now() - start };
    this.invocations.push({ ...result, name: one.name, event });
    return result;
  }

  private find(name: string): LambdaFunction | undefined {
    return this.functions.get(plainName(name));
  }

  private folderOf(name: string): string {
    return join(this.options.work, name);
  }

  private async run(
    one: LambdaFunction,
    event: unknown,
    warm: LambdaProcess | undefined,
  ): Promise<Omit<InvocationResult, "milliseconds">> {
    const sandbox = warm ?? (await this.startSandbox(one));
    const { kind, payload } = await sandbox.invoke(event, this.options.clock?.ahead);
    if (this.functions.get(one.name) !== one) sandbox.end();
    else if (this.sandboxes.has(sandbox))
      this.idle.set(one.name, [...(this.idle.get(one.name) ?? []), sandbox]);
    return {
      payload: JSON.parse(payload) as unknown,
      failed: kind === "error",
      ...(!warm && { initMilliseconds: sandbox.initMilliseconds, loadedFrom: sandbox.loadedFrom }),
    };
  }

  private startSandbox(one: LambdaFunction): Promise<LambdaProcess> {
    const { region, endpoint, node } = this.options;
    const sandbox = new LambdaProcess(one, {
      node,
      bootstrap: this.bootstrap,
      environment: {
        ...environmentOf(one, region),
        LAMBDA_TASK_ROOT: this.folderOf(one.name),
        AWS_ENDPOINT_URL: endpoint,
        AWS_ENDPOINT_URL_LAMBDA: this.url,
      },
      log: (text) => this.logs.set(one.name, `${this.logs.get(one.name) ?? ""}${text}`),
      ended: () => this.sandboxes.delete(sandbox),
    });
    this.sandboxes.add(sandbox);
    return sandbox.ready();
  }

  /** https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readAll(request);
    const name = /^\/2015-03-31\/functions\/([^/]+)\/invocations/.exec(request.url ?? "")?.[1];
    const one = name && (await this.renew(decodeURIComponent(name)));
    if (request.method !== "POST" || !one) {
      response.writeHead(404, {
        "content-type": "application/json",
        "x-amzn-errortype": "ResourceNotFoundException",
      });
      response.end(JSON.stringify({ Message: `Function not found: ${name ?? request.url}` }));
      return;
    }
    const { method, url: path = "", headers: asked } = request;
    this.calls.push({
      caller: describeAwsCall({ method, path, headers: asked, body }).caller,
      name: "lambda:Invoke",
      body: JSON.stringify({ FunctionName: one.arn }),
      time: Date.now(),
      end: Date.now(),
      status: 200,
    });
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

const plainName = (name: string): string => name.replace(/^arn:[^/]*:function:/, "").replace(/[:/].*$/, "");
