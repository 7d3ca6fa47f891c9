import { FLEET } from "../../support/fleet-world";
import { lossesIn, POWERED_OFF } from "./losses-world";
import { eachInSweepWorld, MINUTE, type SweepWorld } from "./sweep-world";

jest.setTimeout(60_000);

describe("machines that are lost before they take a job", () => {
  let world: SweepWorld;
  eachInSweepWorld((fresh) => (world = fresh));
  const { launched, lease, stopAll, sweepsOfDeath, newest, look } = lossesIn(() => world);

  it("for a line of setupCommands that fails: five jobs get at most 60 machines in the first hour, and few later", async () => {
    await world.launch(1, 2, 3, 4, 5);
    const first = launched();

    await sweepsOfDeath(30);
    const afterAnHour = launched() - first;
    await sweepsOfDeath(30);

    expect(first).toBe(5);
    expect(afterAnHour).toBeLessThanOrEqual(60);
    expect(launched() - first - afterAnHour).toBeLessThanOrEqual(12);
    expect(launched() - first - afterAnHour).toBeGreaterThan(5);
  });

  it("are followed by one machine, whose fate is awaited, and by pauses that grow", async () => {
    await world.launch(1, 2, 3, 4, 5);
    await sweepsOfDeath(1);
    expect(world.cloud.machines.size).toBe(1);

    await look();
    await look();
    expect(world.cloud.machines.size).toBe(1);

    const pauses: number[] = [];
    for (let round = 0; round < 7; round++) {
      stopAll(POWERED_OFF);
      await world.sweeps(1);
      pauses.push(Math.max(0, (lease().losses?.notBefore ?? 0) - world.time));
      expect(world.cloud.machines.size).toBe(0);
      world.time += pauses.at(-1)!;
      await look();
      expect(world.cloud.machines.size).toBe(1);
    }
    expect(pauses).toEqual([15_000, 30_000, MINUTE, 2 * MINUTE, 5 * MINUTE, 5 * MINUTE, 5 * MINUTE]);
  });

  it("have somebody look again when a pause ends", async () => {
    await world.launch(1);
    await sweepsOfDeath(2);

    expect(world.wakes.at(-1)).toEqual({ fleet: FLEET, delaySeconds: 15.5 });
  });

  it("are forgotten when a machine takes a job: all that wait are launched for", async () => {
    await world.launch(1, 2, 3, 4, 5);
    await sweepsOfDeath(1);
    const probe = newest();

    await world.start(probe, world.github.state.actions.jobs.get(1)!);
    await look();

    expect(lease().losses).toBeUndefined();
    expect(world.cloud.machines.size).toBe(5);
  });

  it("are forgotten when a machine takes a job and only the sweep hears of it", async () => {
    await world.launch(1, 2, 3);
    await sweepsOfDeath(1);
    const probe = newest();
    await world.start(probe, world.github.state.actions.jobs.get(1)!, false);

    await world.sweeps(2);

    expect(lease().losses).toBeUndefined();
    expect(world.cloud.machines.size).toBeGreaterThan(2);
  });

  it("are not forgotten for a machine that was launched before them", async () => {
    const [old = ""] = await world.launch(1);
    world.time += MINUTE;
    await world.launch(2, 3, 4);
    for (const id of [...world.cloud.machines.keys()].slice(1)) world.cloud.stop(id, POWERED_OFF);
    await world.sweeps(1);

    await world.start(old, world.github.state.actions.jobs.get(1)!);
    await look();

    expect(lease().losses?.count).toBe(3);
  });
});
