import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LambdaProcess } from "../../../__tests__/support/lambda-process";
import { environmentIn, functionOf, type FunctionName } from "../functions";
import { peakOf } from "../children/peak-memory";
import type { Ground } from "./ground";
import type { Processor } from "./processor";

/** Lambda gives a function one core at 1,769 MB: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
export const MB_OF_ONE_CORE = 1769;

/** How Lambda starts Node, as its image has it: https://github.com/lambci/node-custom-lambda/blob/master/v10.x/bootstrap */
const HEAP = { "--max-semi-space-size": 0.05, "--max-old-space-size": 0.9 } as const;

export interface SandboxOptions {
  readonly name: FunctionName;
  readonly memoryMb: number;
  /** Path of the Node that runs it. */
  readonly node: string;
  /** Folder of the unpacked bundle, and path of the compiled `lambda-sandbox.ts`. */
  readonly task: string;
  readonly bootstrap: string;
  readonly work: string;
  readonly processor: Processor;
  readonly ground: Ground;
}

/** One process of a function, with the share of a processor that its memory buys. */
export interface Sandbox {
  /** Milliseconds that the load of its code took. */
  readonly initMs: number;
  /** @returns milliseconds */
  invoke(event: unknown): Promise<number>;
  /** Most memory that it has had, in MB. */
  peakMb(): number;
  end(): Promise<void>;
}

export const startSandbox = async (options: SandboxOptions): Promise<Sandbox> => {
  const { name, memoryMb, processor, ground, bootstrap, task } = options;
  const one = { ...functionOf(name, ground.settingsFor(name)), memory: memoryMb };
  // While the code loads, all of one: https://serverlessland.com/content/service/lambda/guides/effectively-running-java-on-serverless/init-heavy-lifting
  processor.limit(1);
  let log = "";
  let ended: () => void = () => undefined;
  const end = new Promise<void>((done) => (ended = done));
  const lambda = new LambdaProcess(one, {
    node: nodeIn(options),
    bootstrap,
    environment: { ...environmentIn(one), ...ground.environment, LAMBDA_TASK_ROOT: task },
    log: (text) => (log += text),
    ended: () => ended(),
  });
  await lambda.ready();
  processor.limit(Math.min(memoryMb / MB_OF_ONE_CORE, 1));
  return {
    initMs: lambda.initMilliseconds,
    invoke: async (event) => {
      const begun = performance.now();
      const { kind, payload } = await lambda.invoke(event);
      const milliseconds = performance.now() - begun;
      if (kind === "error" || /"batchItemFailures":\[\{/.test(payload))
        throw new Error(`${name} failed: ${payload}\n${log}`);
      return milliseconds;
    },
    peakMb: () => {
      const [id = ""] = readFileSync(processor.door, "utf8").split("\n");
      return Number(peakOf(id)) / 1024;
    },
    end: () => {
      lambda.end();
      return end;
    },
  };
};

/** A Node that enters the group before it starts, with a heap for so much memory. */
const nodeIn = ({ node, memoryMb, processor, work }: SandboxOptions): string => {
  const file = join(work, `node-${memoryMb}`);
  const heap = Object.entries(HEAP).map(([option, share]) => `${option}=${Math.floor(memoryMb * share)}`);
  writeFileSync(file, `#!/bin/sh\necho $$ > ${processor.door}\nexec ${node} ${heap.join(" ")} "$@"\n`);
  chmodSync(file, 0o755);
  return file;
};
