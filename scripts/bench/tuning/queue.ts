import { concurrencyFor, EVENT_SOURCE, MEMORY_MB } from "../../../constructs/tuning";
import type { EventSource } from "../../../__tests__/chaos/queue";
import { PRICES } from "../../cost/prices";
import { figureOf, NONE, type Figure, type PartOptions, type Target } from "../figure";
import { median } from "../statistics";
import { tryQueue, type Trial, type TrialOutcome } from "./queue-trial";

export interface Reading {
  readonly batchSize: number;
  readonly windowSeconds: number;
}

/** A batch of more than ten needs a window: https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html */
export const readings: readonly Reading[] = [
  { batchSize: 1, windowSeconds: 0 },
  { batchSize: 5, windowSeconds: 0 },
  { batchSize: 10, windowSeconds: 0 },
  { batchSize: 10, windowSeconds: 1 },
  { batchSize: 10, windowSeconds: 2 },
  { batchSize: 10, windowSeconds: 5 },
  { batchSize: 100, windowSeconds: 1 },
];
export const concurrencies: readonly number[] = [2, 5, 6, 11];
export const fleetCounts: readonly number[] = [1, 5, 10];

export const readingName = ({ batchSize, windowSeconds }: Reading): string =>
  `batch ${batchSize}, window ${windowSeconds} s`;
export const concurrencyName = (fleets: number, concurrency: number): string =>
  `${fleets === 1 ? "1 fleet" : `${fleets} fleets`}, ${concurrency} at a time`;

export const ALONE = "1 job";
export const HUNDRED = "100 jobs";
export const THOUSAND = "1000 jobs";
export const STEADY = "90 % of what is sustained";
export const SPREAD = "300 jobs";
export const WAIT = "P50 from message to registration";
export const LAST = "last registration";
export const EC2_CALLS = "EC2 calls";
export const DYNAMODB_CALLS = "DynamoDB calls";
export const COLLISIONS = "marks and refused writes";
export const COST = "cost of 1000 jobs";
export const INVOCATIONS = "invocations of launch";
export const PAID = "seconds of launch in 1000 jobs";

type Load = Pick<Trial, "queuedAt" | "apps" | "until">;

const HOUR_S = 3600;
/** 3,602 jobs an hour with one App: the part `sustained`. */
const STEADY_RATE = 3240;
export const STEADY_JOBS = 270;
/** Far enough apart that each finds the queue empty. */
const ALONE_EVERY_S = 600;
const ALONE_JOBS = 10;
/** So many that it is not GitHub that makes jobs wait. */
const ENOUGH_APPS = 6;

const atOnce = (jobs: number): Load => ({
  queuedAt: Array.from({ length: jobs }, () => 0),
  apps: ENOUGH_APPS,
  until: "registered",
});
const every = (seconds: number, jobs: number): Load => ({
  queuedAt: Array.from({ length: jobs }, (_, index) => index * seconds),
  apps: 1,
  until: "over",
});

const loads: Readonly<Record<string, Load>> = {
  [ALONE]: every(ALONE_EVERY_S, ALONE_JOBS),
  [HUNDRED]: atOnce(100),
  [THOUSAND]: atOnce(1000),
  [STEADY]: every(HOUR_S / STEADY_RATE, STEADY_JOBS),
};
const quickLoads = [ALONE, HUNDRED];
const spread = atOnce(300);

export const queueFigures = async ({ quick, tell }: PartOptions): Promise<Figure[]> => {
  const figures: Figure[] = [];
  for (const reading of quick ? readings.slice(2, 4) : readings) {
    for (const [name, load] of Object.entries(loads)) {
      if (quick && !quickLoads.includes(name)) continue;
      const title = `${readingName(reading)}, ${name}`;
      tell(title);
      const outcome = await tryQueue({ ...load, fleets: 1, source: sourceOf(reading, concurrencyFor(1)) });
      figures.push(...readingFigures(title, outcome));
    }
  }
  for (const fleets of quick ? [] : fleetCounts) {
    for (const concurrency of concurrencies) {
      const title = `${concurrencyName(fleets, concurrency)}, ${SPREAD}`;
      tell(title);
      const outcome = await tryQueue({ ...spread, fleets, source: sourceOf(EVENT_SOURCE, concurrency) });
      figures.push(...concurrencyFigures(title, outcome, concurrency > fleets));
    }
  }
  return figures;
};

const sourceOf = ({ batchSize, windowSeconds }: Reading, concurrency: number): EventSource => ({
  batchSize,
  windowMs: windowSeconds * 1000,
  concurrency,
});

const readingFigures = (title: string, outcome: TrialOutcome): Figure[] => {
  const one = figuresWith(title);
  return [
    one(WAIT, "s", median(outcome.waits)),
    one(LAST, "s", outcome.seconds),
    one(INVOCATIONS, "invocations", outcome.invocations),
    one(EC2_CALLS, "calls", outcome.ec2Calls),
    one(DYNAMODB_CALLS, "calls", outcome.dynamoCalls),
    one(COLLISIONS, "writes", outcome.collisions),
    surplusOf(title, outcome, NONE),
    one(PAID, "s", (outcome.functionSeconds * 1000) / outcome.jobs),
    one(COST, "USD", (costOf(outcome) * 1000) / outcome.jobs),
  ];
};

/**
 * With fewer invocations than fleets, GitHub gives machines to jobs whose messages are not read yet: what is launched
 * for those then is too much.
 */
const concurrencyFigures = (title: string, outcome: TrialOutcome, enough: boolean): Figure[] => {
  const one = figuresWith(title);
  return [
    one(WAIT, "s", median(outcome.waits)),
    one(LAST, "s", outcome.seconds),
    one(EC2_CALLS, "calls", outcome.ec2Calls),
    surplusOf(title, outcome, enough ? NONE : undefined),
    one("calls that GitHub refused", "calls", outcome.limited),
    one(COST, "USD", (costOf(outcome) * 1000) / outcome.jobs),
  ];
};

const surplusOf = (title: string, { surplus }: TrialOutcome, target: Target | undefined): Figure =>
  figureOf(`${title}: surplus machines`, "machines", [surplus], { target });

const figuresWith =
  (title: string) =>
  (name: string, unit: string, value: number): Figure =>
    figureOf(`${title}: ${name}`, unit, [value]);

/** Of the launch function, the queue and the tables, by list price. */
const costOf = ({ invocations, functionSeconds, queueRequests, capacity }: TrialOutcome): number =>
  invocations * PRICES.functionRequest +
  functionSeconds * (MEMORY_MB.launch / 1024) * PRICES.functionGigabyteSecond.arm64 +
  queueRequests * PRICES.queueRequest +
  capacity.reads * PRICES.readRequest +
  capacity.writes * PRICES.writeRequest;
