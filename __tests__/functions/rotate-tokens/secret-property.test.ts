import fc from "fast-check";
import { captureLogs, type CapturedLogs } from "../../support/logs";
import { MINUTE } from "./fixture";
import { advance, secretWorld, stopTheClock, THROW_AWAY, type Fate, type SecretWorld } from "./secret-world";

const SECOND = 1000;
const DAY = 24 * 60 * MINUTE;
/** Lambda ends a run after this: the time-out of the construct. */
const LONGEST_RUN_MS = 60 * SECOND;
/** GitHub's window for redeliveries, and a run's length for who was given a secret just as it was replaced. */
const LONGEST_KEPT_MS = 3 * DAY + LONGEST_RUN_MS;
const RUNS_AT_ONCE = 3;
const fates: readonly Fate[] = ["works", "is refused", "loses its answer", "is never made", "is the last"];

/** Runs whose calls wait until they are let through, one by one and in any order. */
class Runs {
  private readonly living: { readonly since: number; waiting?: (fate: Fate) => void; over: boolean }[] = [];

  constructor(private readonly world: SecretWorld) {}

  get count(): number {
    return this.living.length;
  }

  async start(): Promise<void> {
    const run: (typeof this.living)[number] = { since: Date.now(), over: false };
    this.living.push(run);
    const over = (): void => void (run.over = true);
    this.world.run(() => new Promise<Fate>((resolve) => (run.waiting = resolve))).then(over, over);
    await this.settle();
  }

  async step(index: number, fate: Fate): Promise<void> {
    const run = this.living[index % Math.max(this.living.length, 1)];
    const pass = run?.waiting;
    if (!run || !pass) return;
    run.waiting = undefined;
    pass(fate);
    await this.settle();
  }

  /** Lambda ends those that have run for too long, before or after the call that they wait for. */
  async endOld(fate: Fate): Promise<void> {
    for (const run of this.living.filter(({ since }) => Date.now() - since >= LONGEST_RUN_MS)) {
      run.waiting?.(fate === "works" ? "is the last" : "is never made");
      run.waiting = undefined;
    }
    await this.settle();
  }

  private async settle(): Promise<void> {
    while (this.living.some(({ waiting, over }) => !waiting && !over))
      await new Promise((resolve) => setImmediate(resolve));
    this.living.splice(0, this.living.length, ...this.living.filter(({ over }) => !over));
  }
}

/** When each secret was last what GitHub, or the parameter for GitHub, had. */
class Uses {
  private readonly last = new Map<string, number>();

  constructor(private readonly world: SecretWorld) {}

  note(): void {
    const { current, next } = this.world.stored;
    for (const secret of [current, next, this.world.atGithub]) if (secret) this.last.set(secret, Date.now());
  }

  get ended(): string[] {
    const isOver = (at: number): boolean => Date.now() - at > LONGEST_KEPT_MS;
    return [...this.last].filter(([, at]) => isOver(at)).map(([secret]) => secret);
  }
}

const step = fc.record({
  kind: fc.constant("step" as const),
  run: fc.nat(RUNS_AT_ONCE - 1),
  fate: fc.constantFrom("works", "works", "works", "works", "works", "works", ...fates),
});
const start = fc.record({ kind: fc.constant("start" as const) });
const moment = fc.record({
  kind: fc.constant("moment" as const),
  milliseconds: fc.integer({ min: 1, max: 20 * SECOND }),
  fate: fc.constantFrom(...fates),
});
/** Short enough to fall between the steps of a rotation, and long enough to be past any of them. */
const pause = fc.record({
  kind: fc.constant("pause" as const),
  milliseconds: fc.oneof(
    fc.integer({ min: MINUTE, max: 40 * MINUTE }),
    fc.integer({ min: 2 * DAY, max: 9 * DAY }),
  ),
  fate: fc.constantFrom(...fates),
});
/** All calls fail for so long; less than the previous secret is kept. */
const outage = fc.record({
  kind: fc.constant("outage" as const),
  milliseconds: fc.integer({ min: MINUTE, max: DAY }),
  fate: fc.constantFrom(...fates),
});
const script = fc.array(
  fc.oneof(
    { arbitrary: step, weight: 12 },
    { arbitrary: start, weight: 4 },
    { arbitrary: moment, weight: 2 },
    { arbitrary: pause, weight: 2 },
    { arbitrary: outage, weight: 1 },
  ),
  { minLength: 20, maxLength: 60 },
);
type Happening = (typeof script extends fc.Arbitrary<infer T> ? T : never)[number];

jest.setTimeout(120_000);
let logs: CapturedLogs;

beforeEach(() => {
  stopTheClock();
  logs = captureLogs();
});
afterEach(() => {
  logs.restore();
  jest.useRealTimers();
});

const happen = async (runs: Runs, world: SecretWorld, one: Happening): Promise<void> => {
  if (one.kind === "start") {
    if (runs.count < RUNS_AT_ONCE) await runs.start();
    return;
  }
  if (one.kind === "step") return runs.step(one.run, one.fate);
  if (one.kind !== "pause") {
    advance(one.milliseconds);
    return runs.endOld(one.fate);
  }
  // A run every half an hour: one of them, in a long time, comes through.
  advance(LONGEST_RUN_MS);
  await runs.endOld(one.fate);
  await world.run();
  advance(one.milliseconds);
};

describe("the webhook's secret, by runs that overlap, are killed and lose their answers", () => {
  it("is one that is accepted, whichever GitHub has, and never one whose time is over", async () => {
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(script, async (happenings) => {
        const world = secretWorld("app");
        await world.run();
        const runs = new Runs(world);
        const uses = new Uses(world);
        const warm = [world.sandbox(), world.sandbox()];
        let outages = 0;
        for (const [index, one] of happenings.entries()) {
          // Outages that follow each other are one that lasts.
          if (one.kind === "pause") outages = 0;
          if (one.kind === "outage" && (outages += one.milliseconds) > 2 * DAY) continue;
          await happen(runs, world, one);
          uses.note();
          seen.add(world.atGithub);
          // The second is at work only now and then, and strangers use up what it may read beside.
          const sandboxes = [world.sandbox(), warm[0]!, ...(index % 7 === 0 ? [warm[1]!] : [])];
          for (const sandbox of sandboxes) {
            expect(await sandbox.accepts("forged")).toBe(false);
            expect(await sandbox.accepts(world.atGithub)).toBe(true);
            for (const secret of [THROW_AWAY, ...uses.ended])
              expect(await sandbox.accepts(secret)).toBe(false);
          }
        }
      }),
      { numRuns: 60 },
    );
    expect(seen.size).toBeGreaterThan(60);
  });

  it("is made by the first runs, however they overlap", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(RUNS_AT_ONCE - 1), { maxLength: 40 }), async (order) => {
        const world = secretWorld("app");
        const runs = new Runs(world);
        for (let i = 0; i < RUNS_AT_ONCE; i++) await runs.start();
        for (const index of order) await runs.step(index, "works");
        while (runs.count > 0) await runs.step(0, "works");

        expect(world.stored.current).toBe(world.atGithub);
        expect(await world.sandbox().accepts(world.atGithub)).toBe(true);
        expect(await world.sandbox().accepts(THROW_AWAY)).toBe(false);
      }),
      { numRuns: 40 },
    );
  });
});
