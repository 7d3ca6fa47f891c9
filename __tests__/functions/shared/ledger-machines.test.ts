import { runnerName } from "../../../functions/shared/contract";
import { event, FLEET, HANDOFF_TABLE, INSTALLATION, START } from "../../support/fleet-world";
import { LedgerWorld, recordedMachine } from "../../support/ledger-world";

describe("the ledger, told of machines", () => {
  it("records them and their registrations together", async () => {
    const world = new LedgerWorld();

    await world.ledger.settle(FLEET, [recordedMachine("i-00000001"), recordedMachine("i-00000002")]);

    expect((await world.ledger.read(FLEET)).machines).toMatchObject([
      { instanceId: "i-00000001", state: "starting", launchId: "launch-1", market: "spot", runnerId: 7 },
      { instanceId: "i-00000002" },
    ]);
    expect(world.database.items(HANDOFF_TABLE)).toHaveLength(2);
  });

  it("hands nothing to a machine that has moved on, and records the others", async () => {
    const world = new LedgerWorld();
    await world.ledger.record([
      event("in_progress", 1, 1, { runnerName: runnerName(INSTALLATION, FLEET, "i-00000001") }),
    ]);

    await world.ledger.settle(FLEET, [recordedMachine("i-00000001"), recordedMachine("i-00000002")]);

    expect(world.item("machine#i-00000001")?.state).toBe("busy");
    expect(world.database.items(HANDOFF_TABLE)).toMatchObject([{ instance: "AROA:i-00000002" }]);
  });

  it("knows those that are gone, too, but gives them no place", async () => {
    const world = new LedgerWorld();
    await world.ledger.settle(FLEET, [recordedMachine("i-00000001")]);

    const gone = { instanceId: "i-00000001" };
    expect(await world.ledger.moveMachine(FLEET, "gone", gone)).toBe(true);
    expect(await world.ledger.moveMachine(FLEET, "gone", gone)).toBe(false);

    expect((await world.ledger.read(FLEET)).machines).toEqual([]);
    const states = await world.ledger.states(FLEET, ["i-00000001", "i-00000002"]);
    expect([...states]).toEqual([["i-00000001", "gone"]]);
  });

  it("records one without a registration, which it hands over with the registration", async () => {
    const world = new LedgerWorld();
    const { machine, runnerId, handoff } = recordedMachine("i-00000001");

    await world.ledger.settle(FLEET, [{ machine }]);
    expect(world.item("machine#i-00000001")).toMatchObject({ state: "launching", launchId: "launch-1" });
    expect(world.registrations()).toEqual([]);
    await world.ledger.settle(FLEET, [{ machine, runnerId, handoff }]);

    expect(world.item("machine#i-00000001")).toMatchObject({ state: "starting", runnerId: 7 });
    expect(world.registrations()).toEqual(["AROA:i-00000001"]);
  });

  it("says of a busy one what it runs", async () => {
    const world = new LedgerWorld();
    const name = runnerName(INSTALLATION, FLEET, "i-00000001");
    await world.ledger.settle(FLEET, [recordedMachine("i-00000001")]);

    await world.ledger.record([event("in_progress", 5, 1, { runnerName: name, runId: 50, runAttempt: 2 })]);

    const busy = { state: "busy", jobId: 5, runId: 50, runAttempt: 2, repository: "acme/app", runnerId: 7 };
    expect(world.item("machine#i-00000001")).toMatchObject(busy);
  });

  it("never moves one back", async () => {
    const states = ["launching", "starting", "idle", "busy", "ending", "gone"] as const;
    const world = new LedgerWorld();
    const move = (state: (typeof states)[number]) => {
      world.time += 1000;
      return world.ledger.moveMachine(FLEET, state, { instanceId: "i-00000001" });
    };

    for (const [index, state] of states.entries()) {
      expect(await move(state)).toBe(true);
      for (const earlier of states.slice(0, index)) expect(await move(earlier)).toBe(false);
    }
  });

  it("shows one that ends until it is gone", async () => {
    const world = new LedgerWorld();
    const instanceId = "i-00000001";

    await world.ledger.moveMachine(FLEET, "ending", { instanceId });
    expect((await world.ledger.read(FLEET)).machines).toMatchObject([{ instanceId, state: "ending" }]);
    await world.ledger.moveMachine(FLEET, "gone", { instanceId });

    expect((await world.ledger.read(FLEET)).machines).toEqual([]);
    expect(world.item(`machine#${instanceId}`)?.expiresAt).toBe(START / 1000 + 8 * 86_400);
  });

  it("finds one in whichever fleet it is", async () => {
    const world = new LedgerWorld();
    await world.ledger.settle("other-fleet", [recordedMachine("i-00000001")]);

    const found = await world.ledger.find([FLEET, "other-fleet"], "i-00000001");

    expect(found).toMatchObject({ fleet: "other-fleet", machine: { state: "starting" } });
    expect(await world.ledger.find([FLEET], "i-00000001")).toBeUndefined();
  });

  it("notes what is found out about one, and makes none for it", async () => {
    const world = new LedgerWorld();
    await world.ledger.settle(FLEET, [recordedMachine("i-00000001")]);

    expect(await world.ledger.note(FLEET, "machine#i-00000001", { interruptedAt: "now" })).toBe(true);
    expect(await world.ledger.note(FLEET, "machine#i-00000002", { interruptedAt: "now" })).toBe(false);

    expect((await world.ledger.read(FLEET)).machines).toMatchObject([{ interruptedAt: "now" }]);
    await world.ledger.note(FLEET, "machine#i-00000001", { interruptedAt: undefined });
    expect(world.item("machine#i-00000001")).not.toHaveProperty("interruptedAt");
  });

  it("destroys a registration that was not taken", async () => {
    const world = new LedgerWorld();
    await world.ledger.settle(FLEET, [recordedMachine("i-00000001"), recordedMachine("i-00000002")]);

    await world.ledger.dropRegistration("AROA", "i-00000001");
    await world.ledger.dropRegistration("AROA", "i-00000001");

    expect(world.registrations()).toEqual(["AROA:i-00000002"]);
  });
});

describe("the ledger, given a task", () => {
  const task = (kind: "remove-runner" | "rerun-job" = "rerun-job") => ({
    kind,
    instanceId: "i-00000001",
    createdAt: new Date(START).toISOString(),
  });

  it("keeps it until it is done, and takes it once", async () => {
    const world = new LedgerWorld();

    expect(await world.ledger.addTask(FLEET, task())).toBe(true);
    expect(await world.ledger.addTask(FLEET, task())).toBe(false);
    expect(await world.ledger.addTask(FLEET, task("remove-runner"))).toBe(true);
    expect((await world.ledger.read(FLEET)).tasks).toMatchObject([task("remove-runner"), task()]);
    expect(await world.ledger.endTask(FLEET, task())).toBe(true);

    expect((await world.ledger.read(FLEET)).tasks).toMatchObject([task("remove-runner")]);
  });

  it("does not take one again that was done", async () => {
    const world = new LedgerWorld();
    await world.ledger.addTask(FLEET, task());
    await world.ledger.endTask(FLEET, task());

    expect(await world.ledger.addTask(FLEET, task())).toBe(false);
    expect(await world.ledger.endTask(FLEET, task())).toBe(false);

    expect((await world.ledger.read(FLEET)).tasks).toEqual([]);
  });

  it("lets one go after 35 days, the longest that a run takes", async () => {
    const world = new LedgerWorld();

    await world.ledger.addTask(FLEET, task());

    expect(world.item("task#rerun-job#i-00000001")?.expiresAt).toBe(START / 1000 + 35 * 86_400);
  });
});
