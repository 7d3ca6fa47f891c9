import { runnerName } from "../../../functions/shared/contract";
import { reconcile } from "../../../functions/shared/reconcile";
import type { Around } from "../../support/dynamodb";
import { event, FLEET, fleetSettings, INSTALLATION, type FleetWorld } from "../../support/fleet-world";
import { MINUTE, worldWith } from "../../support/reconcile-world";

describe("reconcile, after a function that was stopped", () => {
  /** Stopped at a call: before it took effect or after, and for good. */
  const stoppedAt = (at: string, when: "before" | "after"): Around => {
    let stopped = false;
    return async (call, run) => {
      if (stopped) return new Promise(() => undefined);
      stopped = call === at;
      if (stopped && when === "before") return new Promise(() => undefined);
      const answer = await Promise.resolve().then(run);
      return stopped ? new Promise(() => undefined) : answer;
    };
  };
  const begin = (world: FleetWorld, around: Around) => {
    void reconcile(world.parts(around), FLEET, fleetSettings(), world.time + 60_000);
    return new Promise((done) => setTimeout(done, 20));
  };

  it.each([
    ["before CreateFleet took effect", "CreateFleet", "before", 2],
    ["after CreateFleet took effect", "CreateFleet", "after", 1],
    ["before its machines were recorded", "TransactWriteItems", "before", 1],
  ] as const)("%s: has its machines after the lease ran out, and no more", async (_, call, when, asked) => {
    const { world, run } = await worldWith(1);
    await begin(world, stoppedAt(call, when));

    await run();
    expect(world.machineStates()).toEqual({});
    world.time += 62_000;
    await run();

    expect(world.machineStates()).toEqual({ starting: 1 });
    expect(world.registrations()).toHaveLength(1);
    expect(world.cloud.machines.size).toBe(1);
    expect(world.cloud.launches).toHaveLength(asked === 2 ? 1 : asked);
    expect(new Set(world.cloud.launches.map(({ launchId }) => launchId)).size).toBe(1);
  });

  it("adopts machines one by one as they show, the last one too", async () => {
    const { world, run } = await worldWith(3);
    await begin(world, stoppedAt("CreateFleet", "after"));
    const [, second, third] = [...world.cloud.machines.keys()];
    for (const id of [second, third]) world.cloud.hidden.add(id ?? "");
    world.time += 62_000;

    await run();
    expect(world.machineStates()).toEqual({ starting: 1 });
    world.cloud.hidden.delete(second ?? "");
    await run();
    expect(world.machineStates()).toEqual({ starting: 2 });
    world.cloud.hidden.clear();
    await run();

    expect(world.machineStates()).toEqual({ starting: 3 });
    expect(world.cloud.machines.size).toBe(3);
  });

  it("gives up a launch that shows no machine after two minutes, and makes a new one", async () => {
    const { world, run } = await worldWith(1);
    await begin(world, stoppedAt("CreateFleet", "before"));

    world.time += 4 * MINUTE;
    await run();

    expect(world.machineStates()).toEqual({ starting: 1 });
    expect(world.cloud.launches).toHaveLength(1);
  });

  it("adopts each of several launches side by side, and makes those again that had not begun", async () => {
    const { world, run } = await worldWith(150);
    const settings = fleetSettings({ maximumMachines: 200 });
    void reconcile(world.parts(stoppedAt("CreateFleet", "after")), FLEET, settings, world.time + MINUTE);
    await new Promise((done) => setTimeout(done, 50));
    expect(world.cloud.machines.size).toBe(100);

    world.time += 62_000;
    await run(settings);

    expect(world.machineStates()).toEqual({ starting: 150 });
    expect(world.cloud.machines.size).toBe(150);
    expect(world.cloud.launches.map(({ count }) => count)).toEqual([100, 50]);
  });

  it("goes on where the other stopped, and leaves alone what is recorded or has ended since", async () => {
    const { world, parts, run } = await worldWith(60);
    const settings = fleetSettings({ maximumMachines: 100 });
    void reconcile(
      world.parts(stoppedAt("TransactWriteItems", "after")),
      FLEET,
      settings,
      world.time + MINUTE,
    );
    await new Promise((done) => setTimeout(done, 50));
    expect(world.machineStates()).toEqual({ starting: 49 });
    const [id] = world.cloud.machines.keys();
    await parts.ledger.record([
      event("completed", 1, 99, { runnerName: runnerName(INSTALLATION, FLEET, id ?? "") }),
    ]);

    world.calls.length = 0;
    world.time += 62_000;
    await run(settings);

    expect(world.machineStates()).toEqual({ ending: 1, starting: 59 });
    expect(world.cloud.launches).toHaveLength(1);
    // Those of the 11 that were left had been asked for beside the others, and were not written down.
    expect(world.asked).toHaveLength(60 + 11);
    // The 11, as they were found and as they were registered.
    expect(world.calls.filter((call) => call === "TransactWriteItems")).toHaveLength(2);
  });
});

describe("reconcile, after a call that failed", () => {
  it("lets the lease go only when nothing that it began still writes", async () => {
    const { world } = await worldWith(60);
    const names: string[] = [];
    let failed = false;
    const parts = world.parts(async (call, go) => {
      names.push(call);
      if (call === "generate-jitconfig" && world.asked.length >= 49) {
        await new Promise((done) => setTimeout(done, 20));
      }
      if (call !== "TransactWriteItems" || failed) return go();
      failed = true;
      throw new Error("no answer");
    });
    const settings = fleetSettings({ maximumMachines: 100 });

    await expect(reconcile(parts, FLEET, settings, world.time + MINUTE)).rejects.toThrow("no answer");

    expect(world.asked).toHaveLength(60);
    expect(names.at(-1)).toBe("UpdateItem");
    expect((await parts.ledger.read(FLEET)).lease.holder).toBeUndefined();
  });

  it.each([
    ["the permits cannot be read", "BatchGetItem", "before"],
    ["the answer of the write that takes the lease is lost", "UpdateItem", "after"],
    ["the machines cannot be recorded", "TransactWriteItems", "before"],
  ] as const)("leaves the lease to the next when %s", async (_, failing, when) => {
    const { world, run, lease } = await worldWith(2);
    let failed = false;
    let first = true;
    const parts = world.parts(async (call, go) => {
      const [fails, isLease] = [call === failing && !failed, call === "UpdateItem" && first];
      failed ||= fails;
      if (isLease) first = false;
      // So that it ends after what runs beside it.
      if (isLease) await new Promise((done) => setTimeout(done, 20));
      if (!fails) return go();
      if (when === "after") await go();
      throw new Error("no answer");
    });

    await expect(reconcile(parts, FLEET, fleetSettings(), world.time + MINUTE)).rejects.toThrow("no answer");
    await new Promise((done) => setTimeout(done, 40));
    expect((await lease()).holder).toBeUndefined();
    await run();

    expect(world.machineStates()).toEqual({ starting: 2 });
    expect(world.cloud.machines.size).toBe(2);
  });
});
