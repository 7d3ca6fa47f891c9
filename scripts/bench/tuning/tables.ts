import { DEFAULT_SWEEP_MINUTES } from "../../../constructs/sweeper";
import { DEFAULT_ROTATION_MINUTES } from "../../../constructs/token-rotation";
import { PRICES } from "../../cost/prices";
import type { Figure } from "../figure";
import { functionNames, type FunctionName } from "../functions";
import { number } from "../table";
import { COLD, memories, memoryName, PEAK, scenarioOf, WARMED, WORST } from "./memory";
import {
  ALONE,
  COLLISIONS,
  concurrencies,
  concurrencyName,
  COST,
  DYNAMODB_CALLS,
  EC2_CALLS,
  fleetCounts,
  HUNDRED,
  INVOCATIONS,
  LAST,
  PAID,
  readingName,
  readings,
  SPREAD,
  STEADY,
  STEADY_JOBS,
  THOUSAND,
  WAIT,
} from "./queue";
import { Figures, recommendedMemory, recommendedReading } from "./recommend";

type Row = readonly string[];

/** What docs/scale.md shows of the part: rows by name of the block, the first of each its heading. */
export const tuningTables = (measured: readonly Figure[]): Readonly<Record<string, readonly Row[]>> => {
  const figures = new Figures(measured);
  return {
    reading: readingRows(figures),
    concurrency: concurrencyRows(figures),
    memory: memoryRows(figures),
  };
};

const readingRows = (figures: Figures): readonly Row[] => [
  [
    "batch, window",
    "a job alone",
    "100 at once",
    "1,000 at once",
    "invocations",
    "marks, refused writes",
    "EC2 calls",
    "DynamoDB calls",
    "cost of the 1,000",
    "cost of 1,000, steadily",
  ],
  ...readings.map((reading) => {
    const value = (load: string, what: string): string =>
      number(figures.valueOf(`${readingName(reading)}, ${load}: ${what}`));
    return [
      `${reading.batchSize}, ${reading.windowSeconds} s`,
      `${value(ALONE, WAIT)} s`,
      `${value(HUNDRED, LAST)} s`,
      `${value(THOUSAND, LAST)} s`,
      value(THOUSAND, INVOCATIONS),
      value(THOUSAND, COLLISIONS),
      value(THOUSAND, EC2_CALLS),
      value(THOUSAND, DYNAMODB_CALLS),
      `${value(THOUSAND, COST)} USD`,
      `${value(STEADY, COST)} USD`,
    ];
  }),
];

const concurrencyRows = (figures: Figures): readonly Row[] => [
  ["fleets", ...concurrencies.map((concurrency) => `${concurrency} at a time`)],
  ...fleetCounts.map((fleets) => [
    String(fleets),
    ...concurrencies.map((concurrency) => {
      const value = (what: string): string =>
        number(figures.valueOf(`${concurrencyName(fleets, concurrency)}, ${SPREAD}: ${what}`));
      return `${value(WAIT)} s, ${value(LAST)} s`;
    }),
  ]),
];

/** What is paid for: a month, or what so many jobs bring about. */
interface Priced {
  readonly what: string;
  readonly invocations: number;
  /** Absent: as long as it takes warm. */
  readonly seconds?: number;
}

const DELIVERIES_A_JOB = 3;
const MINUTES_A_MONTH = PRICES.hoursAMonth * 60;

const pricedIn = (figures: Figures): Readonly<Record<FunctionName, Priced>> => {
  const steady = `${readingName(recommendedReading(figures))}, ${STEADY}`;
  return {
    webhook: { what: "1,000 jobs", invocations: 1000 * DELIVERIES_A_JOB },
    launch: {
      what: "1,000 jobs",
      invocations: (1000 * figures.valueOf(`${steady}: ${INVOCATIONS}`)) / STEADY_JOBS,
      seconds: figures.valueOf(`${steady}: ${PAID}`),
    },
    sweep: { what: "a month", invocations: MINUTES_A_MONTH / DEFAULT_SWEEP_MINUTES },
    "rotate-tokens": { what: "a month", invocations: MINUTES_A_MONTH / DEFAULT_ROTATION_MINUTES },
    interruption: { what: "1,000 notices", invocations: 1000 },
  };
};

const memoryRows = (figures: Figures): readonly Row[] => {
  if (!figures.has(`${memoryName("launch", memories[0]!)}: ${PEAK}`))
    return [["Not measured: to limit a process's share of a processor takes root, and Linux."]];
  const priced = pricedIn(figures);
  return [
    ["function", "MB", "cold", "warm", "peak", "at the worst", "arm64", "x86_64", "of", "default"],
    ...functionNames.flatMap((name) =>
      memories.map((memoryMb) => memoryRow(figures, name, memoryMb, priced[name])),
    ),
  ];
};

const memoryRow = (figures: Figures, name: FunctionName, memoryMb: number, priced: Priced): Row => {
  const value = (what: string): number => figures.valueOf(`${memoryName(name, memoryMb)}: ${what}`);
  const warm = value(`${WARMED}, ${scenarioOf(name)}`);
  const seconds = priced.seconds ?? (priced.invocations * warm) / 1000;
  const cost = (architecture: keyof typeof PRICES.functionGigabyteSecond): string => {
    const computed = seconds * (memoryMb / 1024) * PRICES.functionGigabyteSecond[architecture];
    return `${number(computed + priced.invocations * PRICES.functionRequest)} USD`;
  };
  return [
    name,
    number(memoryMb),
    `${number(value(`${COLD}, ${scenarioOf(name)}`))} ms`,
    `${number(warm)} ms`,
    `${number(value(PEAK))} MB`,
    figures.has(`${memoryName(name, memoryMb)}: ${WORST}`) ? `${number(value(WORST))} MB` : "",
    cost("arm64"),
    cost("x86_64"),
    priced.what,
    recommendedMemory(figures, name) === memoryMb ? "yes" : "",
  ];
};
