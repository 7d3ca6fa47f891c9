import { fork } from "node:child_process";
import { join, resolve } from "node:path";
import { newDatabase } from "../../../__tests__/support/fleet-world";
import { SECRET } from "../../../__tests__/functions/webhook/support";
import { compile } from "../../../__tests__/support/compile";
import { startLocalAws } from "../../../__tests__/support/local-aws";
import { atMost, figureOf, NONE, type Figure, type Part } from "../figure";
import { benchWebhookSettings, environmentIn, functionOf, unpack } from "../functions";
import { nodeOf } from "../nodes";
import peers from "../peers.json";
import { quantile } from "../statistics";
import { withFolder } from "../with-folder";

/** What `children/webhook.ts` tells of a block of deliveries. */
export interface Answered {
  /** Milliseconds of each. */
  readonly whole: readonly number[];
  /** The same, less the wait for SQS. */
  readonly own: readonly number[];
  /** Answered with 202. */
  readonly taken: number;
  readonly seconds: number;
}

const BLOCKS = 5;
const BLOCK_SIZE = 2000;
const QUICK_BLOCK_SIZE = 200;
/** Deliveries before the first block. */
const WARM_UP = 200;
const WARM_P50_MS = 1;

/** The bundled webhook function, warm, with an SQS and an SSM beside it. */
export const webhook: Part = ({ quick, tell }) =>
  withFolder("bench-webhook", async (work) => {
    const blockSize = quick ? QUICK_BLOCK_SIZE : BLOCK_SIZE;
    tell(`${BLOCKS * blockSize} deliveries`);
    let queued = 0;
    const aws = await startLocalAws({
      database: newDatabase(),
      parameters: new Map([[benchWebhookSettings.secretParameter, JSON.stringify({ current: SECRET })]]),
      send: () => void queued++,
    });
    try {
      const blocks = await answerAll(work, aws.url, blockSize);
      return { figures: webhookFigures(blocks, queued - WARM_UP) };
    } finally {
      await aws.stop();
    }
  });

const answerAll = async (work: string, endpoint: string, blockSize: number): Promise<Answered[]> => {
  const one = functionOf("webhook");
  const program = unpack(one.zip, join(work, "webhook"));
  const child = compile(resolve(__dirname, "../children/webhook.ts"), join(work, "child.js"));
  return runChild(child, [program, ...[BLOCKS, blockSize, WARM_UP].map(String)], {
    execPath: await nodeOf("22"),
    env: { ...environmentIn(one), AWS_ENDPOINT_URL: endpoint },
  });
};

const runChild = (
  program: string,
  words: readonly string[],
  options: { readonly execPath: string; readonly env: NodeJS.ProcessEnv },
): Promise<Answered[]> =>
  new Promise((done, failed) => {
    const child = fork(program, words, {
      ...options,
      execArgv: [],
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    child.once("message", (answered) => done(answered as Answered[]));
    child.once("exit", (code) =>
      failed(new Error(`The process of the webhook function ended with ${code}.`)),
    );
  });

/** @param queued messages that came to the queue */
export const webhookFigures = (blocks: readonly Answered[], queued: number): Figure[] => {
  const sum = (read: (block: Answered) => number): number => blocks.reduce((all, one) => all + read(one), 0);
  const delivered = sum(({ whole }) => whole.length);
  const each = (read: (block: Answered) => number): number[] => blocks.map(read);
  return [
    figureOf(
      "requests a second, one sandbox",
      "1/s",
      each(({ whole, seconds }) => whole.length / seconds),
      {
        better: "higher",
      },
    ),
    figureOf(
      "P50",
      "ms",
      each(({ whole }) => quantile(whole, 0.5)),
    ),
    figureOf(
      "P99",
      "ms",
      each(({ whole }) => quantile(whole, 0.99)),
    ),
    figureOf(
      "P50 of own time",
      "ms",
      each(({ own }) => quantile(own, 0.5)),
      {
        yardstick: { name: "peer, warm P50", value: peers.webhook.warmP50Ms },
        target: atMost(WARM_P50_MS, "ms"),
      },
    ),
    figureOf(
      "P99 of own time",
      "ms",
      each(({ own }) => quantile(own, 0.99)),
    ),
    figureOf("deliveries not taken", "deliveries", [delivered - sum(({ taken }) => taken)], { target: NONE }),
    figureOf("deliveries not queued", "deliveries", [delivered - queued], { target: NONE }),
  ];
};
