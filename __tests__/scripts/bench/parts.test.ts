import { execFile } from "node:child_process";
import { statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { compile } from "../../support/compile";
import { burstBound } from "../../../scripts/bench/bounds";
import { functionOf } from "../../../scripts/bench/functions";
import { LaunchBench } from "../../../scripts/bench/launch-bench";
import { bootFigures } from "../../../scripts/bench/parts/boot";
import { launchFigures } from "../../../scripts/bench/parts/launch";
import { webhookFigures } from "../../../scripts/bench/parts/webhook";
import { WEBHOOK_ZIP_KB, type Imported } from "../../../scripts/bench/parts/cold";
import { isWhole } from "../../../scripts/bench/results";
import { isFailed, runParts } from "../../../scripts/bench/run";
import { callsTo, EC2, GITHUB, simulateJobs } from "../../../scripts/bench/simulate-jobs";
import { withFolder } from "../../../scripts/bench/with-folder";
import { makeYardsticks } from "../../../scripts/bench/yardsticks";

jest.setTimeout(60_000);
const tell = (): void => undefined;

describe("the yardsticks of imports", () => {
  it("are bundled as the functions are, with what their names say in them", () =>
    withFolder("yardsticks", async (work) => {
      const { bundles } = await makeYardsticks(work, resolve(__dirname, "../../.."));
      const sizeOf = (name: Parameters<(typeof bundles)["get"]>[0]): number =>
        statSync(bundles.get(name)!.file).size;

      expect(sizeOf("empty handler")).toBeLessThan(1000);
      expect(sizeOf("clients of webhook")).toBeGreaterThan(100 * sizeOf("empty handler"));
      expect(sizeOf("clients of launch and sweep")).toBeGreaterThan(sizeOf("clients of webhook"));
    }));
});

describe("the webhook's bundle", () => {
  it("keeps to its target, since GitHub waits for its load", () => {
    expect(statSync(functionOf("webhook").zip).size).toBeLessThanOrEqual(WEBHOOK_ZIP_KB * 1000);
  });
});

describe("a run", () => {
  it("runs part after part, and keeps what each found, or why it found nothing", async () => {
    const order: string[] = [];
    const results = await runParts(
      {
        one: ({ quick }) => (order.push(`one, quick: ${quick}`), Promise.resolve({ figures: [] })),
        two: () => (order.push("two"), Promise.resolve({ skipped: "It needs root." })),
      },
      { quick: true, tell },
    );
    expect(order).toEqual(["one, quick: true", "two"]);
    expect(results).toMatchObject({
      schema: 1,
      quick: true,
      machine: { cores: expect.any(Number) as number },
      versions: { node: process.versions.node },
      parts: { one: { figures: [] }, two: { skipped: "It needs root." } },
    });
  });
});

describe("a part that fails", () => {
  it("takes no other with it, and makes the run no whole one", async () => {
    const results = await runParts(
      {
        one: () => Promise.reject(new Error("no network")),
        two: () => Promise.resolve({ figures: [] }),
      },
      { quick: false, tell },
    );
    expect(results.parts).toEqual({ one: { skipped: "It failed: no network" }, two: { figures: [] } });
    expect(Object.values(results.parts).map(isFailed)).toEqual([true, false]);
    expect(isWhole(results)).toBe(false);
    expect(isWhole({ ...results, parts: { two: { figures: [] } } })).toBe(true);
    expect(isWhole({ ...results, quick: true, parts: {} })).toBe(false);
  });
});

describe("the peak of a process's memory", () => {
  it("is its own, and not that of the process that started it", () =>
    withFolder("peak", async (work) => {
      const large = Buffer.alloc(200 * 2 ** 20, 1);
      const probe = compile(
        resolve(__dirname, "../../../scripts/bench/children/import.ts"),
        join(work, "import.js"),
      );
      const load = async (source: string): Promise<Imported> => {
        const program = join(work, "program.js");
        writeFileSync(program, source);
        const { stdout } = await promisify(execFile)(process.execPath, [probe, program]);
        return JSON.parse(stdout) as Imported;
      };
      const { peakMb } = await load("");
      expect(peakMb).toBeGreaterThan(20);
      expect(peakMb).toBeLessThan(large.length / 2 ** 20 / 2);
      expect((await load("Buffer.alloc(100 * 2 ** 20, 1)")).peakMb).toBeGreaterThan(peakMb + 90);
    }));
});

describe("the figures of the webhook", () => {
  const block = { whole: [2, 3, 4], own: [1, 2, 3], taken: 3, seconds: 1.5 };
  const valuesOf = (queued: number, taken = 3) =>
    Object.fromEntries(
      webhookFigures([block, { ...block, taken }], queued).map(({ name, value }) => [name, value]),
    );

  it("count what was answered and what came to the queue, which one alone could feign", () => {
    expect(valuesOf(6)).toMatchObject({
      "requests a second, one sandbox": 2,
      P50: 3,
      "P50 of own time": 2,
      "deliveries not taken": 0,
      "deliveries not queued": 0,
    });
    expect(valuesOf(0)).toMatchObject({ "deliveries not taken": 0, "deliveries not queued": 6 });
    expect(valuesOf(6, 1)).toMatchObject({ "deliveries not taken": 2, "deliveries not queued": 0 });
  });
});

describe("the simulation", () => {
  it("runs every job once on a calm day, and counts the calls", async () => {
    const outcome = await simulateJobs({ queuedAt: Array.from({ length: 12 }, () => 0), apps: 2 });
    expect(outcome.waits).toHaveLength(12);
    expect(outcome.launched).toHaveLength(12);
    expect(outcome.registered).toHaveLength(12);
    expect(outcome.limited).toBe(0);
    expect(Math.max(...outcome.registered)).toBeLessThan(outcome.end);
    expect(callsTo(outcome, ["GitHub POST actions/runners/generate-jitconfig"])).toBe(12);
    expect(callsTo(outcome, GITHUB)).toBeGreaterThanOrEqual(12);
    expect(callsTo(outcome, EC2)).toBeGreaterThan(0);
  });
});

describe("a burst", () => {
  it("of 200 jobs is ready soon after GitHub's minute, without a machine too many", async () => {
    const outcome = await simulateJobs({ queuedAt: Array.from({ length: 200 }, () => 0), apps: 1 });
    expect(outcome.waits).toHaveLength(200);
    expect(outcome.launched).toHaveLength(200);
    expect(outcome.limited).toBe(0);
    // With one for the zones of subnets, in a new sandbox.
    expect(callsTo(outcome, EC2) / 200).toBeLessThanOrEqual(0.09);
    const { seconds } = burstBound({ jobs: 200, apps: 1, mode: "jit" });
    expect(Math.max(...outcome.registered) - seconds).toBeLessThan(15);
  });
});

describe("the launch bench", () => {
  it("launches and registers with the bundled function, and knows each call's beginning and end", async () => {
    const bench = await LaunchBench.start({ mode: "jit", apps: 1, latency: 20, concurrency: 2 });
    try {
      const outcome = await bench.run(12);
      expect(outcome.launched).toHaveLength(12);
      expect(outcome.registered).toHaveLength(12);
      for (const { time, end } of outcome.calls) expect(end - time).toBeGreaterThanOrEqual(19);
      expect(Math.min(...outcome.registered)).toBeGreaterThan(Math.min(...outcome.launched));
      expect(outcome.from).toBeLessThan(Math.min(...outcome.calls.map(({ time }) => time)));
    } finally {
      await bench.stop();
    }
  });
});

describe("a warm launch", () => {
  it("begins with the message, though another function starts cold beside it", async () => {
    const bench = await LaunchBench.start({ mode: "jit", apps: 1, latency: 20, concurrency: 2 });
    try {
      await bench.run(1);
      const { from, calls } = await bench.run(11);
      expect(from).toBeLessThanOrEqual(Math.min(...calls.map(({ time }) => time)));
    } finally {
      await bench.stop();
    }
  });
});

describe("the figures of a launch", () => {
  const call = (name: string, time: number, end: number, caller = "launch") => ({
    name,
    caller,
    time,
    end,
    body: "",
    status: 200,
  });
  const figures = launchFigures("10 jobs", 10, [
    {
      from: 1000,
      launched: [1150],
      registered: [1300, 1400],
      // Two overlap, and one ends after the last registration.
      calls: [
        call("ec2:CreateFleet", 1050, 1150),
        call("dynamodb:Query", 1100, 1200),
        call("POST /registration", 1350, 1500, "github"),
      ],
    },
  ]);
  const valueOf = (name: string) => figures.find((figure) => figure.name === `10 jobs: ${name}`)?.value;

  it("count from the load of the code to the last machine and the last registration", () => {
    expect(valueOf("all machines asked for")).toBe(150);
    expect(valueOf("all registrations laid down")).toBe(400);
  });

  it("take for its own the time in which no call is under way", () => {
    expect(valueOf("own time, without a call under way")).toBe(400 - 150 - 50);
  });

  it("divide calls by jobs", () => {
    expect(valueOf("EC2 calls a job")).toBe(0.1);
    expect(valueOf("GitHub calls a job")).toBe(0.1);
  });
});

describe("the figures of a boot", () => {
  it("hold the boot script to its target where the image has the runner, and nowhere else", () => {
    const part = { own: { samples: [1900, 2100, 1950] }, "make ready": { samples: [400] } };
    const figures = bootFigures({
      unit: "ms",
      cases: { "runner in the image": part, "runner downloaded": part },
    });
    expect(figures.map(({ name, value, reached }) => [name, value, reached])).toEqual([
      ["runner in the image: own", 1950, true],
      ["runner in the image: make ready", 400, undefined],
      ["runner downloaded: own", 1950, undefined],
      ["runner downloaded: make ready", 400, undefined],
    ]);
  });
});
