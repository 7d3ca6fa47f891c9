import pLimit from "p-limit";
import type { SQSBatchResponse } from "aws-lambda";
import { EVENT_SOURCE } from "../../constructs/tuning";
import type { LambdaRuntime } from "../../__tests__/support/lambda-runtime";

const BATCH = EVENT_SOURCE.batchSize;

/** Stands for the jobs queue and what reads it: full batches at once, and the wake-ups when their time has come. */
export class LaunchQueue {
  private readonly running = new Set<Promise<void>>();
  private readonly timers = new Set<NodeJS.Timeout>();
  private readonly atOnce;
  private problem?: Error;

  /** @param concurrency functions that it runs at a time */
  constructor(
    private readonly runtime: LambdaRuntime,
    concurrency: number,
  ) {
    this.atOnce = pLimit(concurrency);
  }

  /** @throws Error when a message was not taken, with the log of the function */
  get isIdle(): boolean {
    if (this.problem) throw this.problem;
    return this.running.size === 0;
  }

  put(bodies: readonly string[]): void {
    for (let at = 0; at < bodies.length; at += BATCH) this.read(bodies.slice(at, at + BATCH));
  }

  later(body: string, delaySeconds: number): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      this.read([body]);
    }, delaySeconds * 1000);
    this.timers.add(timer);
  }

  stop(): void {
    for (const timer of this.timers) clearTimeout(timer);
  }

  private read(bodies: readonly string[]): void {
    const one = this.atOnce(() => this.consume(bodies)).catch((error: unknown) => {
      this.problem = error as Error;
    });
    this.running.add(one);
    void one.finally(() => this.running.delete(one));
  }

  private async consume(bodies: readonly string[]): Promise<void> {
    const Records = bodies.map((body, index) => ({ messageId: `message-${index}`, body }));
    const { payload, failed } = await this.runtime.invoke("launch", { Records });
    if (failed || (payload as SQSBatchResponse).batchItemFailures.length > 0) {
      throw new Error(`launch took not all of its messages. Its log:\n${this.runtime.logs.get("launch")}`);
    }
  }
}
