import { dirname, join, resolve } from "node:path";
import { spawn } from "node:child_process";
import { concurrencyFor, EVENT_SOURCE, MEMORY_MB } from "../../../constructs/tuning";
import { LEDGER } from "../../../functions/shared/contract";
import { figureOf, type Figure } from "../../../scripts/bench/figure";
import { functionNames, functionOf, unpack } from "../../../scripts/bench/functions";
import { readResults } from "../../../scripts/bench/results";
import { countCapacity } from "../../../scripts/bench/tuning/capacity";
import { addresses, layGround } from "../../../scripts/bench/tuning/ground";
import { memories, memoryFigures } from "../../../scripts/bench/tuning/memory";
import { openProcessor } from "../../../scripts/bench/tuning/processor";
import { concurrencies, fleetCounts, readings } from "../../../scripts/bench/tuning/queue";
import { tryQueue } from "../../../scripts/bench/tuning/queue-trial";
import {
  Figures,
  recommendedConcurrency,
  recommendedMemory,
  recommendedReading,
} from "../../../scripts/bench/tuning/recommend";
import { startSandbox } from "../../../scripts/bench/tuning/sandbox";
import { makeCertificate } from "../../../scripts/bench/tuning/tls";
import { withFolder } from "../../../scripts/bench/with-folder";
import { compile } from "../../support/compile";
import { LEDGER_TABLE, newDatabase } from "../../support/fleet-world";

jest.setTimeout(60_000);

const root = resolve(__dirname, "../../..");
const measured = (): Figures => {
  const part = readResults(join(root, "bench/results.json")).parts.tuning;
  return new Figures(part && "figures" in part ? part.figures : []);
};

describe("what is chosen follows from what was measured", () => {
  it.each(functionNames)("the memory of %s", (name) => {
    expect(MEMORY_MB[name]).toBe(recommendedMemory(measured(), name));
  });

  it("the batch and the window of the queue", () => {
    expect(EVENT_SOURCE).toEqual(recommendedReading(measured()));
  });

  it.each(fleetCounts)("the launches at a time, with %i fleets", (fleets) => {
    expect(concurrencies).toContain(concurrencyFor(fleets));
    expect(concurrencyFor(fleets)).toBeGreaterThanOrEqual(recommendedConcurrency(measured(), fleets));
  });
});

describe("the rule for memory", () => {
  /** Milliseconds of a cold start, and MB, by memory. */
  const figuresOf = (name: string, scenario: string, cold: readonly number[], peak: number, worst: number) =>
    new Figures(
      memories.flatMap((memoryMb, index): Figure[] => [
        figureOf(`${name}, ${memoryMb} MB: cold, ${scenario}`, "ms", [cold[index]!]),
        figureOf(`${name}, ${memoryMb} MB: peak memory`, "MB", [peak]),
        figureOf(`${name}, ${memoryMb} MB: peak memory at the worst`, "MB", [worst]),
      ]),
    );
  const steep = [2000, 1000, 500, 250, 200];

  it("takes the smallest with which a job waits little longer than with a whole processor", () => {
    expect(recommendedMemory(figuresOf("launch", "1 job", steep, 20, 20), "launch")).toBe(1024);
    expect(recommendedMemory(figuresOf("launch", "1 job", [250, 249, 230, 210, 200], 20, 20), "launch")).toBe(
      128,
    );
  });

  it("takes the smallest with room enough where no job waits", () => {
    const sweep = (peak: number, worst: number): number =>
      recommendedMemory(figuresOf("sweep", "no machines", steep, peak, worst), "sweep");
    expect(sweep(39, 39)).toBe(128);
    expect(sweep(40, 40)).toBe(256);
    expect(sweep(40, 146)).toBe(512);
  });

  it("says what is missing", () => {
    expect(() => recommendedMemory(new Figures([]), "launch")).toThrow(
      'The results have no "launch, 1769 MB',
    );
    expect(() => recommendedMemory(figuresOf("sweep", "no machines", steep, 2000, 2000), "sweep")).toThrow(
      "No memory that was measured is enough for sweep.",
    );
  });
});

describe("the rules for the queue", () => {
  interface Told {
    readonly alone?: number;
    readonly hundred?: number;
    readonly thousand?: number;
    readonly cost?: number;
  }
  const readingsWith = (told: Readonly<Record<string, Told>>): Figures =>
    new Figures(
      readings.flatMap(({ batchSize, windowSeconds }) => {
        const title = `batch ${batchSize}, window ${windowSeconds} s`;
        const { alone = 3, hundred = 8, thousand = 60, cost = 1 } = told[title] ?? {};
        return [
          figureOf(`${title}, 1 job: P50 from message to registration`, "s", [alone]),
          figureOf(`${title}, 100 jobs: last registration`, "s", [hundred]),
          figureOf(`${title}, 1000 jobs: last registration`, "s", [thousand]),
          figureOf(`${title}, 1000 jobs: cost of 1000 jobs`, "USD", [cost]),
        ];
      }),
    );

  it("take the largest batch of those that cost the same", () => {
    const figures = readingsWith({
      "batch 10, window 5 s": { cost: 1.06 },
      "batch 100, window 1 s": { cost: 1.04 },
    });
    expect(recommendedReading(figures)).toEqual({ batchSize: 100, windowSeconds: 1 });
  });

  it.each<[string, Told]>([
    ["a job alone waits", { alone: 4 }],
    ["one of a hundred waits", { hundred: 11 }],
    ["one of a thousand waits", { thousand: 70 }],
  ])("take no reading with which %s, however cheap", (_, slow) => {
    const cheap = { ...slow, cost: 0.1 };
    const figures = readingsWith({
      "batch 100, window 1 s": cheap,
      "batch 10, window 1 s": cheap,
      "batch 10, window 2 s": cheap,
      "batch 10, window 5 s": cheap,
      "batch 1, window 0 s": { cost: 2 },
      "batch 5, window 0 s": { cost: 2 },
    });
    expect(recommendedReading(figures)).toEqual({ batchSize: 10, windowSeconds: 0 });
  });

  it("take as many launches at a time as shorten the wait", () => {
    const waits = [40, 20, 9, 8];
    const figures = new Figures(
      concurrencies.map((concurrency, index) =>
        figureOf(`5 fleets, ${concurrency} at a time, 300 jobs: P50 from message to registration`, "s", [
          waits[index]!,
        ]),
      ),
    );
    expect(recommendedConcurrency(figures, 5)).toBe(6);
  });
});

describe("a trial of the queue", () => {
  const atOnce = { queuedAt: Array.from({ length: 12 }, () => 0), apps: 1, until: "registered" } as const;
  const source = { batchSize: 10, windowMs: 0, concurrency: 5 };

  it("counts what launches of one fleet, and of several, take", async () => {
    const one = await tryQueue({ ...atOnce, fleets: 1, source });
    const four = await tryQueue({ ...atOnce, fleets: 4, source });
    expect(one.waits).toHaveLength(12);
    expect(one.surplus).toBe(0);
    expect(one.capacity.writes).toBeGreaterThan(12);
    expect(one.queueRequests).toBeGreaterThanOrEqual(12 + one.invocations);
    expect(four.waits).toHaveLength(12);
    expect(four.ec2Calls).toBeGreaterThanOrEqual(4);
    expect(four.ec2Calls).toBeGreaterThan(one.ec2Calls);
  });

  it("makes a job alone wait for the end of a long poll where messages are gathered", async () => {
    const alone = { queuedAt: [0], apps: 1, until: "registered", fleets: 1 } as const;
    const { waits: handed } = await tryQueue({ ...alone, source });
    const { waits: gathered } = await tryQueue({ ...alone, source: { ...source, windowMs: 1000 } });
    expect(gathered[0]! - handed[0]!).toBeGreaterThan(18);
  });
});

describe("the capacity that DynamoDB counts", () => {
  const key = { [LEDGER.partitionKey]: "linux", [LEDGER.sortKey]: "job#1" };
  const update = (value: string, open = true) => ({
    TableName: LEDGER_TABLE,
    Key: key,
    UpdateExpression: open ? "SET #value = :value, #open = :open" : "SET #value = :value",
    ConditionExpression: "attribute_not_exists(#value)",
    ExpressionAttributeNames: { "#value": "value", ...(open && { "#open": LEDGER.openKey }) },
    ExpressionAttributeValues: { ":value": value, ...(open && { ":open": "job#1" }) },
  });

  it("is one for each KB, twice in the index and twice in a transaction", () => {
    const writesOf = (run: (database: ReturnType<typeof newDatabase>) => unknown): number => {
      const database = newDatabase();
      const capacity = countCapacity(database);
      run(database);
      return capacity.writes;
    };
    expect(writesOf((database) => database.update(update("short", false)))).toBe(1);
    expect(writesOf((database) => database.update(update("short")))).toBe(2);
    expect(writesOf((database) => database.update(update("l".repeat(1500))))).toBe(4);
    expect(
      writesOf((database) => database.transactWrite({ TransactItems: [{ Update: update("short") }] })),
    ).toBe(4);
  });

  it("is taken by what is refused, too", () => {
    const database = newDatabase();
    database.update(update("first", false));
    const capacity = countCapacity(database);
    expect(() => database.update(update("second", false))).toThrow();
    expect(capacity).toMatchObject({ writes: 1, refused: 1 });
  });
});

describe("a share of a processor", () => {
  const probe = openProcessor();
  if (!probe) {
    it("is given to nobody without root, and memory is left out", async () => {
      expect(await memoryFigures({ quick: true, tell: () => undefined })).toEqual([]);
    });
    return;
  }
  void probe.remove();

  /** What a program that computes for so long gets of the processor. */
  const shareOf = async (share: number): Promise<number> => {
    const processor = openProcessor()!;
    try {
      processor.limit(share);
      const busy =
        "const end = Date.now() + 400; while (Date.now() < end); console.log(process.cpuUsage().user);";
      const enter = `echo $$ > ${processor.door} && exec ${process.execPath} -e '${busy}'`;
      const child = spawn("sh", ["-c", enter], { stdio: ["ignore", "pipe", "inherit"] });
      let told = "";
      child.stdout.on("data", (text: Buffer) => (told += text.toString()));
      await new Promise((done) => child.once("close", done));
      return Number(told) / 400_000;
    } finally {
      await processor.remove();
    }
  };

  it("is what a process in it gets, and no more", async () => {
    // Beside its own start, a program gets a tenth of the 400 ms.
    expect(await shareOf(0.1)).toBeLessThan(0.5);
    expect(await shareOf(0.1)).toBeGreaterThan(0.02);
  });

  it("slows down a function that runs in it, and tells its memory", () =>
    withFolder("bench-tuning", async (work) => {
      const processor = openProcessor()!;
      const ground = await layGround(makeCertificate(work, addresses));
      try {
        const source = join(root, "__tests__/support/lambda-sandbox.ts");
        const invoke = async (memoryMb: number): Promise<{ cold: number; peakMb: number }> => {
          const sandbox = await startSandbox({
            name: "interruption",
            memoryMb,
            node: process.execPath,
            task: dirname(unpack(functionOf("interruption").zip, join(work, "task"))),
            bootstrap: compile(source, join(work, "sandbox.js")),
            work,
            processor,
            ground,
          });
          try {
            const notice = { time: new Date().toISOString(), detail: { "instance-id": "i-1" } };
            return { cold: await sandbox.invoke(notice), peakMb: sandbox.peakMb() };
          } finally {
            await sandbox.end();
          }
        };
        const small = await invoke(128);
        const large = await invoke(1769);
        expect(small.cold).toBeGreaterThan(2 * large.cold);
        expect(large.cold).toBeGreaterThan(50);
        expect(large.peakMb).toBeGreaterThan(30);
        expect(large.peakMb).toBeLessThan(256);
      } finally {
        await ground.stop();
        await processor.remove();
      }
    }));
});
