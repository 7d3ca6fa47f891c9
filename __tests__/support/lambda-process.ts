/** One sandbox of a local Lambda: a process that loads a bundle once and runs one event at a time. */
import { fork, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import type { Invocation, SandboxMessage } from "./lambda-sandbox";

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

export interface LambdaProcessOptions {
  /** Default: the Node that runs this */
  readonly node?: string;
  /** Path of the compiled `lambda-sandbox.ts`. */
  readonly bootstrap: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly log: (text: string) => void;
  readonly ended: () => void;
}

type Answer = Exclude<SandboxMessage, { kind: "ready" }>;

/** https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html */
const LOAD_WITHIN_MS = 10_000;

export class LambdaProcess {
  initMilliseconds = 0;
  /** Epoch milliseconds at which it began to load the bundle. */
  loadedFrom = 0;
  private readonly child: ChildProcess;

  constructor(
    private readonly own: LambdaFunction,
    { node, bootstrap, environment, log, ended }: LambdaProcessOptions,
  ) {
    this.child = fork(bootstrap, [], {
      execPath: node ?? process.execPath,
      execArgv: [],
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      env: environment,
    });
    this.child.once("exit", ended);
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on("data", (text: Buffer) => log(text.toString()));
    }
  }

  /** @throws when the bundle does not load */
  async ready(): Promise<this> {
    const message = await nextMessage(this.child, LOAD_WITHIN_MS);
    if (message.kind !== "ready") throw new Error(`${this.own.name} does not load: ${message.payload}`);
    this.initMilliseconds = message.initMilliseconds;
    this.loadedFrom = message.loadedFrom;
    return this;
  }

  /** @throws when it runs out of time, or ends; its sandbox is gone then */
  async invoke(event: unknown, ahead = 0): Promise<Answer> {
    const within = this.own.timeout * 1000;
    const answered = nextMessage(this.child, within);
    const invocation: Invocation = { id: randomUUID(), event, deadline: Date.now() + within, ahead };
    this.child.send(invocation);
    try {
      const message = await answered;
      if (message.kind === "ready") throw new Error("The sandbox became ready twice.");
      return message;
    } catch (error) {
      this.end();
      throw error;
    }
  }

  end(): void {
    this.child.kill("SIGKILL");
  }
}

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime */
export function environmentOf(
  { name, arn, handler, memory, environment }: LambdaFunction,
  region: string,
): NodeJS.ProcessEnv {
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
    SANDBOX_FUNCTION_ARN: arn,
  };
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
