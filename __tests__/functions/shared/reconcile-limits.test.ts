import { reconcile } from "../../../functions/shared/reconcile";
import { FLEET, fleetSettings, START } from "../../support/fleet-world";
import { MINUTE, queued, worldWith } from "../../support/reconcile-world";

/** When a permit that is taken at {@link START} can be had again. */
const PERMITS_BACK = START + MINUTE + 2000;
const three = { permits: 3, windowMs: MINUTE };

describe("reconcile, at the pace that GitHub permits", () => {
  it("launches no more machines than can be registered, and has itself woken for the rest", async () => {
    const { world, run, lease } = await worldWith(5, { rate: three });

    await run();

    expect(world.machineStates()).toEqual({ starting: 3 });
    expect(world.cloud.launches).toMatchObject([{ count: 3 }]);
    expect(world.wakes).toEqual([{ fleet: FLEET, delaySeconds: 62.5 }]);
    expect(await lease()).toMatchObject({ notBefore: PERMITS_BACK, wakeAt: PERMITS_BACK + 500 });
    expect((await lease()).holder).toBeUndefined();
  });

  it("goes on when it is woken, and not before", async () => {
    const { world, run } = await worldWith(5, { rate: three });
    await run();

    world.time = PERMITS_BACK - 1;
    await run();
    expect(world.machineStates()).toEqual({ starting: 3 });
    world.time = PERMITS_BACK + 500;
    await run();

    expect(world.machineStates()).toEqual({ starting: 5 });
    expect(world.wakes).toHaveLength(1);
  });

  it("launches nothing without permits", async () => {
    const { world, parts, run, lease } = await worldWith(2);
    await parts.permits.postpone("app", START + 2 * MINUTE);

    await run();

    expect(world.cloud.launches).toEqual([]);
    expect(world.wakes).toEqual([{ fleet: FLEET, delaySeconds: 120.5 }]);
    const { holder, launches } = await lease();
    expect({ holder, launches }).toEqual({ holder: undefined, launches: [] });
  });

  it("gives the permits back for which no machine was to be had", async () => {
    const { world, run } = await worldWith(3, { rate: three });
    world.cloud.capacity.set("spot", { count: 1, code: "InsufficientInstanceCapacity" });
    world.cloud.capacity.set("on-demand", { count: 0, code: "InsufficientInstanceCapacity" });
    await run();
    expect(world.machineStates()).toEqual({ starting: 1 });

    world.cloud.capacity.clear();
    world.time += 15_000;
    await run();

    expect(world.machineStates()).toEqual({ starting: 3 });
  });

  it("takes permits anew for the machines of a launch whose answer was lost", async () => {
    const { world, run } = await worldWith(3, { rate: three });
    world.cloud.lost.count = 1;
    await run();
    expect(world.machineStates()).toEqual({});

    world.time += 5500;
    await run();

    expect(world.machineStates()).toEqual({ starting: 3 });
    expect(world.asked).toHaveLength(3);
  });

  it.each([
    ["one", 1, { starting: 50 }, [100]],
    ["both", 2, {}, [100, 50]],
  ])(
    "registers what launches side by side brought, when the answer of %s was lost",
    async (_, lost, states, open) => {
      const { world, run, lease } = await worldWith(150);
      const settings = fleetSettings({ maximumMachines: 200 });
      world.cloud.lost.count = lost;
      await run(settings);
      expect(world.machineStates()).toEqual(states);
      expect((await lease()).launches.map(({ count }) => count)).toEqual(open);

      world.time += 5500;
      await run(settings);

      expect(world.machineStates()).toEqual({ starting: 150 });
      expect(world.cloud.machines.size).toBe(150);
      expect(world.asked).toHaveLength(150);
      expect((await lease()).launches).toEqual([]);
    },
  );

  it("registers each group of machines with permits of its own, of whichever App", async () => {
    const { world, parts } = await worldWith(250, { tokens: ["first", "second"] });
    const used: Record<string, number> = {};
    const { registrar } = parts;
    const register: typeof registrar.register = (fleet, settings, machines, grants) => {
      const names = grants.flatMap(({ name, count }) => Array<string>(count).fill(name));
      for (const name of names.slice(0, machines.length)) used[name] = (used[name] ?? 0) + 1;
      return registrar.register(fleet, settings, machines, grants);
    };

    await reconcile(
      { ...parts, registrar: { ...registrar, register } },
      FLEET,
      fleetSettings({ maximumMachines: 300 }),
      world.time + MINUTE,
    );

    expect(world.machineStates()).toEqual({ starting: 250 });
    expect(used).toEqual({ first: 180, second: 70 });
  });

  it("wakes itself once, not for each event, and again when that has passed", async () => {
    const { world, parts, run } = await worldWith(1);
    await parts.permits.postpone("app", START + 60 * MINUTE);

    for (let i = 0; i < 10; i++) await run();
    expect(world.wakes).toEqual([{ fleet: FLEET, delaySeconds: 900 }]);
    world.time += 15 * MINUTE;
    for (let i = 0; i < 10; i++) await run();

    expect(world.wakes).toHaveLength(2);
  });

  it("does its work although it cannot have itself woken", async () => {
    const { world, parts, lease } = await worldWith(5, { rate: three });
    const deaf = { ...parts, wake: () => Promise.reject(new Error("no queue")) };

    await reconcile(deaf, FLEET, fleetSettings(), world.time + MINUTE);

    expect(world.machineStates()).toEqual({ starting: 3 });
    expect((await lease()).holder).toBeUndefined();
  });
});

describe("reconcile, when GitHub puts a registration off", () => {
  it("keeps the machine, as one that a job can count on, and registers it when it is woken", async () => {
    const { world, parts, run } = await worldWith(1);
    world.limits.set("app", START + 10_000);

    await run();
    expect(world.machineStates()).toEqual({ launching: 1 });
    expect(world.wakes).toEqual([{ fleet: FLEET, delaySeconds: 10.5 }]);
    await run();
    await parts.ledger.record(queued(1, 2));
    world.time += 10_500;
    await run(fleetSettings({ maximumMachines: 1 }));

    expect(world.machineStates()).toEqual({ starting: 1 });
    expect(world.registrations()).toHaveLength(1);
    expect(world.cloud.launches).toHaveLength(1);
  });

  it("registers with another token that is not at its limit, not a second after a moment", async () => {
    const { world, run } = await worldWith(1, { tokens: ["first", "second"] });
    world.limits.set("first", START + 60 * MINUTE);

    await run();
    expect(world.machineStates()).toEqual({ launching: 1 });
    world.time += (world.wakes[0]?.delaySeconds ?? 0) * 1000;
    await run();

    expect(world.time).toBeLessThan(START + MINUTE);
    expect(world.machineStates()).toEqual({ starting: 1 });
  });

  it("ends the machine when it would come too late, and launches another when there are permits", async () => {
    const { world, run } = await worldWith(1);
    world.limits.set("app", START + 10 * MINUTE);
    await run();

    world.time = START + 4 * MINUTE + 1;
    await run();
    expect(world.machineStates()).toEqual({ ending: 1 });
    expect(world.cloud.machines.size).toBe(0);
    expect(world.cloud.launches).toHaveLength(1);
    world.time = START + 10 * MINUTE + 500;
    await run();

    expect(world.machineStates()).toEqual({ ending: 1, starting: 1 });
  });

  it("ends the machine at once when there will be no permit in time", async () => {
    const { world, run } = await worldWith(1);
    world.limits.set("app", START + 10 * MINUTE);
    await run();

    world.time += (world.wakes[0]?.delaySeconds ?? 0) * 1000;
    await run();

    expect(world.time).toBeLessThan(START + MINUTE);
    expect(world.machineStates()).toEqual({ ending: 1 });
    expect(world.wakes).toHaveLength(2);
  });

  it("registers one again and again for as long as it waits, each time with a permit", async () => {
    const { world, run } = await worldWith(1, { rate: { permits: 1, windowMs: MINUTE } });
    world.limits.set("app", START + 1000);
    await run();

    world.time = START + 1500;
    await run();
    expect(world.machineStates()).toEqual({ launching: 1 });
    world.time = PERMITS_BACK + 500;
    await run();

    expect(world.machineStates()).toEqual({ starting: 1 });
    expect(world.asked).toEqual([START, PERMITS_BACK + 500]);
  });
});
