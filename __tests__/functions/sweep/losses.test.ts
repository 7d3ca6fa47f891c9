import { eachInSweepWorld, type SweepWorld } from "./sweep-world";

describe("a fleet whose machines die before they take a job", () => {
  let world: SweepWorld;
  eachInSweepWorld((fresh) => (world = fresh));

  it("gets few machines an hour", async () => {
    await world.launch(1, 2, 3, 4, 5);
    for (let i = 0; i < 30; i++) {
      for (const id of world.cloud.machines.keys()) world.cloud.stop(id, "Client.InstanceInitiatedShutdown");
      await world.sweeps(1);
    }
    const all = world.cloud.launches.reduce((sum, { count }) => sum + count, 0);
    expect(all).toBe(0);
  });
});
