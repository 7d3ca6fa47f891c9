import fc from "fast-check";
import { SETTLE_MS } from "../../../functions/rotate-tokens/secret-steps";
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
/** The least that there may be. */
const ROTATION_DAYS = 3;
const fates: readonly Fate[] = ["works", "is refused", "loses its answer", "is never made", "is the last"];

/** Runs whose calls wait until they are let through, one by one and in any order. */
class Runs {
  private readonly living: { readonly since: number; waiting?: (fate: Fate) => void; over: boolean }[] = [];

  constructor(private readonly world: SecretWorld) {}

  get count(): number {
    return this.living.length;
  }

  /** One more, if there are not enough. */
  async start(): Promise<void> {
    if (this.living.length >= RUNS_AT_ONCE) return;
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

/** Mostly works: else hardly a run would get anywhere. */
const fate = fc.oneof({ arbitrary: fc.constant("works" as const), weight: 9 }, fc.constantFrom(...fates));
const happening = fc.oneof(
  { arbitrary: fc.record({ step: fc.nat(RUNS_AT_ONCE - 1), fate }), weight: 12 },
  { arbitrary: fc.constant("start" as const), weight: 3 },
  { arbitrary: fc.record({ milliseconds: fc.nat(20 * SECOND), fate }), weight: 1 },
);
/** Time that passes, then runs that overlap. */
const round = (pause: fc.Arbitrary<number>) =>
  fc.record({
    pause,
    fate,
    key: fc.constantFrom(undefined, "key/a", "key/b"),
    happenings: fc.array(happening, { minLength: 8, maxLength: 25 }),
  });
/** A secret's time is over; then, mostly, its successor's wait is, or will be while runs are at work. */
const rotation = fc.tuple(
  round(fc.integer({ min: ROTATION_DAYS * DAY, max: 8 * DAY })),
  round(
    fc.oneof(
      fc.integer({ min: MINUTE, max: 40 * MINUTE }),
      fc.integer({ min: SETTLE_MS - 2 * LONGEST_RUN_MS, max: SETTLE_MS - LONGEST_RUN_MS }),
    ),
  ),
);
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

jest.setTimeout(300_000);
let logs: CapturedLogs;

beforeEach(() => {
  stopTheClock();
  logs = captureLogs();
});
afterEach(() => {
  logs.restore();
  jest.useRealTimers();
});

const happen = async (runs: Runs, one: Happening): Promise<void> => {
  if (one === "start") return runs.start();
  if ("step" in one) return runs.step(one.step, one.fate);
  advance(one.milliseconds);
  return runs.endOld(one.fate);
};

/** A run every half an hour: one of them, in a long time, comes through. */
const pass = async (runs: Runs, world: SecretWorld, milliseconds: number, fate: Fate): Promise<void> => {
  advance(LONGEST_RUN_MS);
  await runs.endOld(fate);
  if (milliseconds > DAY) await world.run();
  advance(milliseconds);
};

describe("the webhook's secret, by runs that overlap, are killed and lose their answers", () => {
  it("is one that is accepted, whichever GitHub has, and never one whose time is over", async () => {
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(fc.array(rotation, { minLength: 2, maxLength: 4 }), async (rotations) => {
        const world = secretWorld("app", ROTATION_DAYS);
        await world.run();
        const runs = new Runs(world);
        const uses = new Uses(world);
        const warm = [world.sandbox(), world.sandbox()] as const;
        let checked = "";
        const check = async (...sandboxes: readonly ReturnType<SecretWorld["sandbox"]>[]): Promise<void> => {
          const state = JSON.stringify([Date.now(), world.atGithub, world.stored]);
          if (state === checked) return;
          checked = state;
          uses.note();
          seen.add(world.atGithub);
          for (const sandbox of [world.sandbox(), ...sandboxes]) {
            // Strangers use up what a sandbox may read beside.
            expect(await sandbox.accepts("forged")).toBe(false);
            expect(await sandbox.accepts(world.atGithub)).toBe(true);
            for (const secret of [THROW_AWAY, ...uses.ended])
              expect(await sandbox.accepts(secret)).toBe(false);
          }
        };
        for (const { pause, fate, key, happenings } of rotations.flat()) {
          world.useKey(key);
          await pass(runs, world, pause, fate);
          await check(...warm);
          for (let i = 0; i < RUNS_AT_ONCE; i++) await runs.start();
          for (const one of happenings) {
            await happen(runs, one);
            await check(warm[0]);
          }
        }
      }),
      { numRuns: 40 },
    );
    expect(seen.size).toBeGreaterThan(80);
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
