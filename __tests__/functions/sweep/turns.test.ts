import type { SweepSettings } from "../../../functions/shared/contract";
import { LimitedError } from "../../../functions/shared/github-access";
import { logger } from "../../../functions/shared/logger";
import { createSweepNotes } from "../../../functions/sweep/notes";
import { sweepUntil, type SweepParts } from "../../../functions/sweep/parts";
import { takeTurns, type Step } from "../../../functions/sweep/turns";
import { FLEET, INSTALLATION, LEDGER_TABLE, newDatabase, START } from "../../support/fleet-world";

const MINUTE = 60_000;
const TIME_MS = 30_000;

let time: number;
let database: ReturnType<typeof newDatabase>;
/** Milliseconds that each step takes. */
let takes: Record<string, number>;
let ran: string[];
/** Steps that GitHub asks for patience. */
let limited: ReadonlySet<string>;

beforeEach(() => {
  for (const level of ["info", "warn", "error"] as const) jest.spyOn(logger, level).mockReturnValue();
  time = START;
  database = newDatabase();
  takes = { jobs: 1000, gone: 1000, tasks: 1000 };
  ran = [];
  limited = new Set();
});
afterEach(() => jest.restoreAllMocks());

const steps: readonly Step<string>[] = ["jobs", "gone", "tasks"].map((name) => [
  name,
  () => {
    ran.push(name);
    time += takes[name] ?? 0;
    return limited.has(name) ? Promise.reject(new LimitedError("app", time)) : Promise.resolve();
  },
]);

/** One sweep, in a sandbox of its own; the next comes two minutes later. */
const oneSweep = async (timeLeft = TIME_MS): Promise<string[]> => {
  const begun = time;
  const notes = createSweepNotes(database.client(), LEDGER_TABLE);
  const parts = { installation: INSTALLATION, notes, now: () => time } as SweepParts;
  await notes.load();
  ran = [];
  await takeTurns(sweepUntil(parts, {} as SweepSettings, time + timeLeft), { fleet: FLEET }, steps, "");
  await notes.save();
  time = begun + 2 * MINUTE;
  return ran;
};
const alarms = () => jest.mocked(logger.error).mock.calls.filter(([text]) => text === "sweep has no time");

describe("the steps of a sweep", () => {
  it("run in their order, in each sweep", async () => {
    expect([await oneSweep(), await oneSweep()]).toEqual([
      ["jobs", "gone", "tasks"],
      ["jobs", "gone", "tasks"],
    ]);
    expect(database.items(LEDGER_TABLE)).toEqual([]);
  });

  it("begin with the one that had no turn in the last sweep", async () => {
    takes = { jobs: 1000, gone: TIME_MS, tasks: 1000 };

    expect([await oneSweep(), await oneSweep(), await oneSweep()]).toEqual([
      ["jobs", "gone"],
      ["tasks", "jobs", "gone"],
      ["jobs", "gone"],
    ]);
  });

  it("begin with the one after that which met GitHub's limit", async () => {
    limited = new Set(["jobs"]);

    expect([await oneSweep(), await oneSweep(), await oneSweep()]).toEqual([
      ["jobs", "gone", "tasks"],
      ["gone", "tasks", "jobs"],
      ["gone", "tasks", "jobs"],
    ]);
    limited = new Set();
    expect([await oneSweep(), await oneSweep()]).toEqual([
      ["gone", "tasks", "jobs"],
      ["jobs", "gone", "tasks"],
    ]);
  });

  it("have a turn each, though every one of them takes all the time", async () => {
    takes = { jobs: TIME_MS, gone: TIME_MS, tasks: TIME_MS };

    const all = [await oneSweep(), await oneSweep(), await oneSweep(), await oneSweep()];

    expect(all).toEqual([["jobs"], ["gone"], ["tasks"], ["jobs"]]);
    for (let more = 0; more < 20; more++) await oneSweep();
    expect(alarms()).toEqual([]);
  });

  it("ring when one has had no turn for a quarter of an hour, and no more once it has", async () => {
    const before = time;
    for (let sweep = 0; sweep < 8; sweep++) await oneSweep(0);
    expect(alarms()).toEqual([]);

    await oneSweep(0);

    expect(alarms()).toHaveLength(3);
    expect(alarms()[0]).toEqual([
      "sweep has no time",
      expect.objectContaining({
        part: "jobs",
        fleet: FLEET,
        since: new Date(before).toISOString(),
        Alarms: 1,
      }),
    ]);
    expect(await oneSweep()).toEqual(["jobs", "gone", "tasks"]);
    await oneSweep(0);
    expect(alarms()).toHaveLength(3);
  });
});
