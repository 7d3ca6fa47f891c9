import { setTimeout as pause } from "node:timers/promises";
import type { JobMessage } from "../../functions/shared/contract";
import { event } from "../../__tests__/support/fleet-world";
import { LambdaRuntime, type Logged } from "../../__tests__/support/lambda-runtime";
import type { Call } from "../../__tests__/support/proxy";
import { functionOf } from "./functions";
import { layGround, type Ground, type GroundOptions } from "./launch-ground";
import { LaunchQueue } from "./launch-queue";

export interface LaunchBenchOptions extends GroundOptions {
  /** Functions that the queue runs at a time. */
  readonly concurrency: number;
  /** The Node that runs the function. Default: the one that runs this */
  readonly node?: string;
}

/** Epoch milliseconds */
export interface LaunchOutcome {
  /** The function's code began to load, or, warm, the function was called. */
  readonly from: number;
  readonly launched: readonly number[];
  readonly registered: readonly number[];
  /** Calls to AWS and to GitHub. */
  readonly calls: readonly Call[];
}

const PATIENCE_MS = 120_000;
const LOOK_EVERY_MS = 5;

/** The bundled launch function, in processes of its own, between an AWS and a GitHub that keep to their limits. */
export class LaunchBench {
  private readonly launched: number[] = [];
  private readonly registered: number[] = [];
  private nextJob = 1;
  private startsCold = true;

  private constructor(
    private readonly ground: Ground,
    private readonly runtime: LambdaRuntime,
    private readonly queue: LaunchQueue,
  ) {
    const { stage } = ground;
    stage.launched = (count) => this.launched.push(...Array.from({ length: count }, Date.now));
    stage.registered = () => this.registered.push(Date.now());
    stage.send = (body, delaySeconds) => queue.later(body, delaySeconds);
  }

  static async start(options: LaunchBenchOptions): Promise<LaunchBench> {
    const ground = await layGround(options);
    const { work, aws, settings } = ground;
    const runtime = await LambdaRuntime.start({
      work,
      region: "eu-central-1",
      endpoint: aws.url,
      node: options.node,
    });
    runtime.deploy([functionOf("launch", settings)]);
    return new LaunchBench(ground, runtime, new LaunchQueue(runtime, options.concurrency));
  }

  /**
   * Queues so many jobs, and waits until each has its machine and its registration.
   *
   * @throws Error when they are not there in time, or a message was not taken
   */
  async run(jobs: number): Promise<LaunchOutcome> {
    const { aws, github } = this.ground;
    for (const list of [this.launched, this.registered, aws.calls, github.calls, this.runtime.invocations]) {
      list.length = 0;
    }
    const begun = Date.now();
    this.queue.put(Array.from({ length: jobs }, () => JSON.stringify(queued(this.nextJob++))));
    while (this.registered.length < jobs || !this.queue.isIdle) {
      if (Date.now() > begun + PATIENCE_MS) {
        throw new Error(`${this.registered.length} of ${jobs} machines are ready after ${PATIENCE_MS} ms.`);
      }
      await pause(LOOK_EVERY_MS);
    }
    // Beside a warm function others may start cold, later.
    const from = this.startsCold ? loadedFrom(this.runtime.invocations) : begun;
    this.startsCold = false;
    return {
      from,
      launched: [...this.launched],
      registered: [...this.registered],
      calls: [...aws.calls, ...github.calls],
    };
  }

  /** The next function to be called starts cold. */
  cold(): void {
    this.runtime.cold();
    this.startsCold = true;
  }

  async stop(): Promise<void> {
    this.queue.stop();
    await this.runtime.stop();
    await this.ground.clear();
  }
}

/** What comes before the loading of the code is Node's own start, and Lambda's. */
const loadedFrom = (invocations: readonly Logged[]): number =>
  Math.min(...invocations.flatMap((one) => one.loadedFrom ?? []));

const queued = (jobId: number): JobMessage => {
  const now = new Date().toISOString();
  return event("queued", jobId, 0, { createdAt: now, receivedAt: now });
};
