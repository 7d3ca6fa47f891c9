/** The process that a Lambda function runs in: loads the bundle once and runs one event at a time. */
import type { Context } from "aws-lambda";

export interface Invocation {
  readonly id: string;
  readonly event: unknown;
  /** Epoch milliseconds */
  readonly deadline: number;
  /** Milliseconds by which the clock of this process goes ahead. */
  readonly ahead?: number;
}

export type SandboxMessage =
  | { readonly kind: "ready"; readonly loadedFrom: number; readonly initMilliseconds: number }
  | { readonly kind: "result"; readonly payload: string }
  | { readonly kind: "error"; readonly payload: string };

type Handler = (event: unknown, context: Context) => Promise<unknown>;

const tell = (message: SandboxMessage): void => void process.send?.(message);

const describe = (error: unknown): string => {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  return JSON.stringify({ errorType: name, errorMessage: message, trace: stack?.split("\n") });
};

const contextOf = ({ id, deadline }: Invocation): Context =>
  ({
    awsRequestId: id,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: "$LATEST",
    invokedFunctionArn: process.env.SANDBOX_FUNCTION_ARN,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    getRemainingTimeInMillis: () => Math.max(0, deadline - clock()),
  }) as Context;

let ahead = 0;
const clock = Date.now;
const Real = Date;
globalThis.Date = class extends Real {
  constructor(...given: [] | [number]) {
    if (given.length === 0) super(clock() + ahead);
    else super(...given);
  }
  static override now(): number {
    return clock() + ahead;
  }
} as DateConstructor;

const loadedFrom = clock();
const start = process.hrtime.bigint();
const [file = "index", exported = "handler"] = (process.env._HANDLER ?? "").split(".");
try {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- the bundle is known only now
  const handler = (require(`${process.env.LAMBDA_TASK_ROOT}/${file}`) as Record<string, Handler>)[exported];
  if (!handler) throw new Error(`The bundle exports no ${exported}.`);
  process.on("message", (invocation: Invocation) => {
    ahead = invocation.ahead ?? 0;
    handler(invocation.event, contextOf(invocation)).then(
      (result) => tell({ kind: "result", payload: JSON.stringify(result ?? null) }),
      (error: unknown) => tell({ kind: "error", payload: describe(error) }),
    );
  });
  tell({ kind: "ready", loadedFrom, initMilliseconds: Number(process.hrtime.bigint() - start) / 1e6 });
} catch (error) {
  tell({ kind: "error", payload: describe(error) });
}
