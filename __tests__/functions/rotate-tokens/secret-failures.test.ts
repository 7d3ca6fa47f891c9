import { SETTLE_MS } from "../../../functions/rotate-tokens/secret-steps";
import type { ManagedWebhook } from "../../../functions/shared/contract";
import { captureLogs, type CapturedLogs } from "../../support/logs";
import { MINUTE, route } from "./fixture";
import { advance, secretWorld, stopTheClock, type Fate, type SecretWorld } from "./secret-world";

const DAY = 24 * 60 * MINUTE;
/** Later than whatever a rotation does at one of its steps. */
const UNTIL_NEXT_RUN = 30 * MINUTE;
const failures: readonly Fate[] = ["is refused", "loses its answer", "is never made", "is the last"];
const at = (offset: number): string => new Date(Date.now() + offset).toISOString();

/** What is stored before each step, with `one` at GitHub. */
const steps = {
  "no step is due": () => ({ current: "one", rotatedAt: at(-DAY) }),
  "the next secret is made": () => ({ current: "one", rotatedAt: at(-7 * DAY) }),
  "the next secret settles": () => ({ current: "one", next: "two", nextSince: at(1 - SETTLE_MS) }),
  "GitHub is given the next secret": () => ({ current: "one", next: "two", nextSince: at(-SETTLE_MS) }),
  "the previous secret ends": () => ({
    current: "one",
    rotatedAt: at(-3 * DAY),
    previous: "zero",
    previousUntil: at(0),
  }),
  "a secret was set by hand": () => "one",
} as const;
type Step = keyof typeof steps;
/** The kinds of webhooks differ in the call that sets them. */
const cases = [
  ...(Object.keys(steps) as Step[]).map((step) => ({ kind: "app" as const, step })),
  ...(["organization", "repository"] as const).map((kind) => ({
    kind,
    step: "GitHub is given the next secret" as const,
  })),
];

let logs: CapturedLogs;

jest.setTimeout(60_000);
beforeAll(stopTheClock);
beforeEach(() => (logs = captureLogs()));
afterEach(() => logs.restore());
afterAll(() => jest.useRealTimers());

/** One call of the run meets its fate. Answers with the number of calls that there were. */
const runWith = async (world: SecretWorld, fate: Fate, at: number): Promise<number> => {
  let calls = 0;
  await world.run(() => (calls++ === at ? fate : "works")).catch(() => undefined);
  return calls;
};

const prepared = (kind: ManagedWebhook["kind"], step: Step): SecretWorld => {
  const world = secretWorld(kind);
  world.atGithub = "one";
  world.store(steps[step]());
  return world;
};

/** What GitHub signs with is accepted by a sandbox that starts now, and by one that is at work. */
const expectPair = async (world: SecretWorld, ...sandboxes: ReturnType<SecretWorld["sandbox"]>[]) => {
  for (const sandbox of [world.sandbox(), ...sandboxes]) {
    expect(await sandbox.accepts(world.atGithub)).toBe(true);
    expect(await sandbox.accepts("zero")).toBe(false);
    expect(await sandbox.accepts("unset")).toBe(false);
  }
};

describe.each(cases)("at the $kind's webhook, when $step", ({ kind, step }) => {
  it.each(failures)("a call that %s leaves a working pair, whichever it is", async (fate) => {
    const count = await runWith(prepared(kind, step), "works", 0);
    expect(count).toBeGreaterThan(2);
    for (let call = 0; call < count; call++) {
      const world = prepared(kind, step);
      const warm = world.sandbox();
      await expectPair(world, warm);

      await runWith(world, fate, call);
      await expectPair(world, warm);

      advance(UNTIL_NEXT_RUN);
      await world.run();
      await expectPair(world, warm);
      advance(UNTIL_NEXT_RUN);
      await world.run();
      await expectPair(world, warm);
      expect(world.stored.current).toBe(world.atGithub);
    }
  });
});

describe("the first secret, when a call", () => {
  it.each(failures)("%s, is set by the next run, whichever it was", async (fate) => {
    for (let call = 0; call < 7; call++) {
      const world = secretWorld();
      await runWith(world, fate, call);
      expect(await world.sandbox().accepts("throw-away")).toBe(false);
      expect(await world.sandbox().accepts("unset")).toBe(false);

      await world.run();
      await expectPair(world);
      expect(world.atGithub).toMatch(/^[0-9a-f]{64}$/);
    }
  });
});

describe("GitHub's refusal", () => {
  it.each([401, 403, 404, 422, 429, 500, 502])("with %d ends the rotation where it is", async (status) => {
    for (const step of ["the next secret is made", "GitHub is given the next secret"] as const) {
      const world = prepared("organization", step);
      const { stored } = world;
      world.github.inject({ route: route.hook, status });

      await expect(world.run()).rejects.toThrow();

      expect(world.stored).toEqual(stored);
      await expectPair(world);
    }
  });
});

describe("a rotation as a whole", () => {
  it("gives GitHub another secret after seven days, and takes the old one back three days later", async () => {
    const world = secretWorld();
    await world.run();
    const first = world.atGithub;
    const warm = world.sandbox();
    expect(await warm.accepts(first)).toBe(true);

    advance(7 * DAY - 1);
    await world.run();
    expect(world.stored).toMatchObject({ current: first, next: undefined });
    advance(1);
    await world.run();
    const { next = "" } = world.stored;
    expect(world.atGithub).toBe(first);
    expect(await warm.accepts(next)).toBe(true);

    advance(30 * MINUTE);
    await world.run();
    expect(world.atGithub).toBe(next);
    expect(world.stored).toMatchObject({ current: next, previous: first, rotatedAt: at(0) });
    expect(await warm.accepts(first)).toBe(true);

    advance(3 * DAY - 1);
    expect(await warm.accepts(first)).toBe(true);
    advance(1);
    expect(await warm.accepts(first)).toBe(false);
    expect(await warm.accepts(next)).toBe(true);
    await world.run();
    expect(world.stored).toEqual({ current: next, rotatedAt: at(-3 * DAY) });
    expect([first, next].filter((secret) => logs.text().includes(secret))).toEqual([]);
  });

  it("sets the secret again that somebody changed at GitHub, at each step", async () => {
    for (const step of Object.keys(steps) as Step[]) {
      const world = prepared("organization", step);
      world.atGithub = "changed at GitHub";
      await world.run();
      await expectPair(world);
    }
  });

  it("keeps a secret that is too long to have a next one beside it, and fails aloud", async () => {
    const world = secretWorld();
    const long = "x".repeat(4096);
    world.store(long);
    await expect(world.run()).rejects.toThrow();
    expect(world.atGithub).toBe(long);
    await expectPair(world);
  });
});

describe("a secret that leaked", () => {
  const leaked = "leaked";

  it.each(["no step is due", "GitHub is given the next secret", "the previous secret ends"] as const)(
    "is not accepted any more once its parameter was unset and a run is over, when %s",
    async (step) => {
      const world = prepared("organization", step);
      const warm = world.sandbox();
      const before = Object.values(world.stored).filter((text) => text !== undefined);
      expect(await warm.accepts("one")).toBe(true);
      world.store("unset");
      expect(await world.sandbox().accepts("one")).toBe(false);
      await world.run();

      await expectPair(world);
      for (const secret of before) expect(await world.sandbox().accepts(secret)).toBe(false);
      // One that is at work, and sees signatures of the old secret only, forgets it all the same.
      advance(5 * MINUTE);
      for (const secret of before) expect(await warm.accepts(secret)).toBe(false);
      await expectPair(world, warm);
    },
  );

  it("is not brought back by a run that began before", async () => {
    const world = secretWorld();
    world.store({ current: leaked, next: "two", nextSince: at(-SETTLE_MS) });
    let calls = 0;
    await world.run(async () => {
      // Between what the run reads first and what it does about it.
      if (calls++ === 1) {
        world.store("unset");
        await world.run();
      }
      return "works" as const;
    });

    await expectPair(world);
    expect(world.stored.current).toMatch(/^[0-9a-f]{64}$/);
    expect(await world.sandbox().accepts(leaked)).toBe(false);
  });
});
