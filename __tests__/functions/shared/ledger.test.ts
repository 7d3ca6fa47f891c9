import fc from "fast-check";
import { runnerName, type JobAction, type JobMessage } from "../../../functions/shared/contract";
import {
  event,
  FLEET,
  FleetWorld,
  HANDOFF_TABLE,
  INSTALLATION,
  LEDGER_TABLE,
  START,
} from "../../support/fleet-world";

const fleetWorld = () => {
  const world = new FleetWorld();
  return Object.assign(world, { ledger: world.parts().ledger });
};
type World = ReturnType<typeof fleetWorld>;
const itemOf = (world: FleetWorld, item: string, fleet = FLEET) =>
  world.database.items(LEDGER_TABLE).find((one) => one.item === item && one.fleet === fleet);
const stateOf = (world: FleetWorld, jobId: number) => itemOf(world, `job#${jobId}`)?.state;
const machine = (instanceId: string) => ({
  machine: { instanceId, launchId: "launch-1", market: "spot" as const, type: "m7i.large", zone: "a" },
  runnerId: 7,
  handoff: { instance: `AROA:${instanceId}`, environment: "X", expiresAt: 1 },
});

describe("the ledger, told of a job", () => {
  it("has it waiting, among what is open, oldest first", async () => {
    const world = fleetWorld();

    await world.ledger.record([event("queued", 2, 1), event("queued", 1, 2)]);

    const { waiting } = await world.ledger.read(FLEET);
    expect(waiting.map(({ jobId }) => jobId)).toEqual([1, 2]);
    expect(waiting[0]).toMatchObject({ state: "waiting", repository: "acme/app", runId: 1, runAttempt: 1 });
  });

  it("reads what is open page by page", async () => {
    const world = fleetWorld();
    world.database.pageSize = 2;

    await world.ledger.record([1, 2, 3, 4, 5].map((id) => event("queued", id, id)));

    expect((await world.ledger.read(FLEET)).waiting).toHaveLength(5);
  });

  it("withdraws a job that waits for its environment, and renews it at the second queued", async () => {
    const world = fleetWorld();

    await world.ledger.record([event("queued", 1, 1)]);
    await world.ledger.record([event("waiting", 1, 2)]);
    expect((await world.ledger.read(FLEET)).waiting).toHaveLength(0);
    await world.ledger.record([event("queued", 1, 3)]);

    expect((await world.ledger.read(FLEET)).waiting).toHaveLength(1);
  });

  it("does not renew a withdrawn job for an older queued", async () => {
    const world = fleetWorld();

    await world.ledger.record([event("waiting", 1, 2)]);
    const [late] = await world.ledger.record([event("queued", 1, 1)]);

    expect(late).toEqual({ outcome: "unchanged" });
    expect(stateOf(world, 1)).toBe("withdrawn");
  });

  it("lets a job that is done go after eight days, and keeps nothing of it open", async () => {
    const world = fleetWorld();

    await world.ledger.record([event("queued", 1, 1)]);
    await world.ledger.record([event("completed", 1, 5, { conclusion: "success" })]);

    const job = itemOf(world, "job#1");
    expect(job).toMatchObject({ state: "done", conclusion: "success" });
    expect(job?.expiresAt).toBe(START / 1000 + 5 + 8 * 86_400);
    expect(job).not.toHaveProperty("open");
  });

  it("moves the machine that took the job, in the machine's own fleet", async () => {
    const world = fleetWorld();
    const id = "i-0123456789abcdef0";
    await world.ledger.settle("other-fleet", [machine(id)]);

    await world.ledger.record([
      event("in_progress", 1, 1, { runnerName: runnerName(INSTALLATION, "other-fleet", id) }),
    ]);
    expect(itemOf(world, `machine#${id}`, "other-fleet")).toMatchObject({
      state: "busy",
      jobId: 1,
      runnerId: 7,
    });
    await world.ledger.record([
      event("completed", 1, 2, { runnerName: runnerName(INSTALLATION, "other-fleet", id) }),
    ]);

    expect(itemOf(world, `machine#${id}`, "other-fleet")).toMatchObject({ state: "ending" });
    expect((await world.ledger.read("other-fleet")).machines).toEqual([]);
  });

  it("leaves runners of others alone", async () => {
    const world = fleetWorld();

    await world.ledger.record([
      event("in_progress", 1, 1, { runnerName: runnerName("desk", FLEET, "i-0123456789abcdef0") }),
    ]);

    expect(world.database.items(LEDGER_TABLE)).toHaveLength(1);
  });

  it("does not make a machine busy again that has ended", async () => {
    const world = fleetWorld();
    const name = runnerName(INSTALLATION, FLEET, "i-0123456789abcdef0");

    await world.ledger.record([event("completed", 1, 2, { runnerName: name })]);
    await world.ledger.record([event("in_progress", 1, 1, { runnerName: name })]);

    expect(itemOf(world, "machine#i-0123456789abcdef0")?.state).toBe("ending");
  });

  it("writes ten events in one call, and each by itself when one of them is refused", async () => {
    const world = fleetWorld();
    const ten = Array.from({ length: 10 }, (_, id) => event("queued", id, 1));

    await world.ledger.record(ten);
    expect(world.calls).toEqual(["TransactWriteItems"]);
    const again = await world.ledger.record([...ten.slice(0, 9), event("queued", 99, 2)]);

    expect(again.map(({ outcome }) => outcome)).toEqual([...Array<string>(9).fill("unchanged"), "moved"]);
    expect(stateOf(world, 99)).toBe("waiting");
  });

  it("fails for the one event that cannot be written, and for no other", async () => {
    const world = fleetWorld();
    const poison = event("queued", 2, 1, { fleet: "" });

    const [good, bad] = await world.ledger.record([event("queued", 1, 1), poison]);

    expect(good).toEqual({ outcome: "moved" });
    expect(bad).toMatchObject({ outcome: "failed" });
  });

  it("ends in the same state whatever the order and the repetition of a job's events", async () => {
    const actions = fc.constantFrom<JobAction>("queued", "waiting", "in_progress", "completed");
    const events = fc
      .uniqueArray(fc.record({ action: actions, second: fc.integer({ min: 1, max: 50 }) }), {
        selector: ({ second }) => second,
        minLength: 1,
        maxLength: 8,
      })
      .map((all) => all.map(({ action, second }) => event(action, 1, second)));
    const shuffled = (all: JobMessage[]) =>
      fc
        .array(fc.constantFrom(...all), { maxLength: 8 })
        .chain((repeated) =>
          fc.tuple(
            fc.shuffledSubarray([...all, ...repeated], { minLength: all.length + repeated.length }),
            fc.integer({ min: 1, max: 4 }),
          ),
        );
    const play = async (all: readonly JobMessage[], batch = 1) => {
      const world = fleetWorld();
      for (let i = 0; i < all.length; i += batch) await world.ledger.record(all.slice(i, i + batch));
      const { state, changedAt, open, expiresAt } = itemOf(world, "job#1") ?? {};
      return { state, changedAt, open, expiresAt };
    };

    await fc.assert(
      fc.asyncProperty(
        events.chain((all) => fc.tuple(fc.constant(all), shuffled(all))),
        async ([all, [order, batch]]) => {
          const inOrder = [...all].sort((a, b) => a.receivedAt.localeCompare(b.receivedAt));
          expect(await play(order, batch)).toEqual(await play(inOrder));
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe("the ledger, told of machines", () => {
  it("records them and their registrations together", async () => {
    const world = fleetWorld();

    await world.ledger.settle(FLEET, [machine("i-00000001"), machine("i-00000002")]);

    expect((await world.ledger.read(FLEET)).machines).toMatchObject([
      { instanceId: "i-00000001", state: "starting", launchId: "launch-1", market: "spot", runnerId: 7 },
      { instanceId: "i-00000002" },
    ]);
    expect(world.database.items(HANDOFF_TABLE)).toHaveLength(2);
  });

  it("hands nothing to a machine that has moved on, and records the others", async () => {
    const world = fleetWorld();
    await world.ledger.record([
      event("in_progress", 1, 1, { runnerName: runnerName(INSTALLATION, FLEET, "i-00000001") }),
    ]);

    await world.ledger.settle(FLEET, [machine("i-00000001"), machine("i-00000002")]);

    expect(itemOf(world, "machine#i-00000001")?.state).toBe("busy");
    expect(world.database.items(HANDOFF_TABLE)).toMatchObject([{ instance: "AROA:i-00000002" }]);
  });

  it("knows those that are gone, too, but gives them no place", async () => {
    const world = fleetWorld();
    await world.ledger.settle(FLEET, [machine("i-00000001")]);

    expect(await world.ledger.markGone(FLEET, "i-00000001")).toBe(true);
    expect(await world.ledger.markGone(FLEET, "i-00000001")).toBe(false);

    expect((await world.ledger.read(FLEET)).machines).toEqual([]);
    const states = await world.ledger.states(FLEET, ["i-00000001", "i-00000002"]);
    expect([...states]).toEqual([["i-00000001", "gone"]]);
  });
});

describe("the lease of a fleet", () => {
  const first = { id: "first", until: START + 60_000 };
  const second = { id: "second", until: START + 90_000 };
  const leaseOf = async (world: World) => (await world.ledger.read(FLEET)).lease;

  it("is taken by one of two who saw it free", async () => {
    const world = fleetWorld();
    const seen = await leaseOf(world);

    expect(await world.ledger.hold(FLEET, seen, first, [])).toBe(true);
    expect(await world.ledger.hold(FLEET, seen, second, [])).toBe(false);
  });

  it("is not taken on a read that is older than the last holder", async () => {
    const world = fleetWorld();
    const seen = await leaseOf(world);
    await world.ledger.hold(FLEET, seen, first, []);
    await world.ledger.release(FLEET, { holder: first, mark: 0 });

    expect(await world.ledger.hold(FLEET, seen, second, [])).toBe(false);
    expect(await world.ledger.hold(FLEET, await leaseOf(world), second, [])).toBe(true);
  });

  it("is not let go while a mark stands that the round has not seen", async () => {
    const world = fleetWorld();
    await world.ledger.hold(FLEET, await leaseOf(world), first, []);
    const { mark } = await leaseOf(world);
    expect(await world.ledger.mark(FLEET)).toBe(true);

    expect(await world.ledger.release(FLEET, { holder: first, mark })).toBe(false);
    expect(await world.ledger.release(FLEET, { holder: first, mark: (await leaseOf(world)).mark })).toBe(
      true,
    );
  });

  it("takes no mark when nobody holds it, so that the reader looks again", async () => {
    const world = fleetWorld();
    expect(await world.ledger.mark(FLEET)).toBe(false);
    await world.ledger.hold(FLEET, await leaseOf(world), first, []);
    world.time = first.until + 1;

    expect(await world.ledger.mark(FLEET)).toBe(false);
  });

  it("passes on when it runs out, and the late holder writes nothing more down", async () => {
    const world = fleetWorld();
    await world.ledger.hold(FLEET, await leaseOf(world), first, []);
    const held = await leaseOf(world);
    expect(await world.ledger.hold(FLEET, held, second, [])).toBe(false);
    world.time = first.until + 1;

    expect(await world.ledger.hold(FLEET, held, second, [])).toBe(true);
    expect(await world.ledger.hold(FLEET, held, first, [])).toBe(false);
    expect(await world.ledger.release(FLEET, { holder: first })).toBe(false);
  });

  it("lets go in the write that records the machines, unless there is a mark", async () => {
    const world = fleetWorld();
    await world.ledger.hold(FLEET, await leaseOf(world), first, []);

    await world.ledger.mark(FLEET);
    const outcome = { holder: first, mark: 0, launches: [], recent: ["i-00000001"] };
    expect(await world.ledger.settle(FLEET, [machine("i-00000001")], outcome)).toBe(false);
    expect((await world.ledger.read(FLEET)).machines).toHaveLength(1);
    expect(await world.ledger.settle(FLEET, [machine("i-00000002")], { ...outcome, mark: 1 })).toBe(true);

    expect(await leaseOf(world)).toMatchObject({ recent: ["i-00000001"], recentAt: START });
    expect((await leaseOf(world)).holder).toBeUndefined();
  });
});
