import { FLEET, fleetSettings, START } from "../../support/fleet-world";
import { MINUTE, queued, worldWith, type ReconcileWorld } from "../../support/reconcile-world";

const owe = async ({ parts }: ReconcileWorld, count: number): Promise<void> => {
  const createdAt = new Date(START).toISOString();
  for (let index = 0; index < count; index++) {
    await parts.ledger.addTask(FLEET, { kind: "launch-on-demand", instanceId: `i-${index}`, createdAt });
  }
};
const launched = ({ world }: ReconcileWorld) =>
  world.cloud.launches.map(({ market, count }) => [market, count]);
const tasks = async ({ parts }: ReconcileWorld) => (await parts.ledger.read(FLEET)).tasks;

describe("an on-demand machine that a fleet is to launch", () => {
  it("is one of those that the jobs need, and none beside them", async () => {
    const fleet = await worldWith(4);
    await owe(fleet, 1);

    await fleet.run();

    expect(launched(fleet)).toEqual([
      ["spot", 3],
      ["on-demand", 1],
    ]);
    expect(fleet.world.machineStates()).toEqual({ starting: 4 });
    expect(await tasks(fleet)).toEqual([]);
  });

  it("waits until a machine is launched at all, and is asked for once", async () => {
    const fleet = await worldWith(0);
    await owe(fleet, 2);
    await fleet.run();
    expect(await tasks(fleet)).toHaveLength(2);

    await fleet.parts.ledger.record(queued(1));
    await fleet.run();
    expect(await tasks(fleet)).toHaveLength(1);
    await fleet.parts.ledger.record(queued(3, 2));
    await fleet.run();
    await fleet.parts.ledger.record(queued(2, 5));
    await fleet.run();

    expect(launched(fleet)).toEqual([
      ["on-demand", 1],
      ["spot", 2],
      ["on-demand", 1],
      ["spot", 2],
    ]);
  });

  it("is owed on while there is no permit for it", async () => {
    const fleet = await worldWith(3, { rate: { permits: 1, windowMs: MINUTE } });
    await owe(fleet, 2);

    await fleet.run();

    expect(launched(fleet)).toEqual([["on-demand", 1]]);
    expect(await tasks(fleet)).toHaveLength(1);
  });

  it("is a spot machine of the next launch where on-demand has none left", async () => {
    const fleet = await worldWith(2);
    fleet.world.cloud.capacity.set("on-demand", { count: 0, code: "InsufficientInstanceCapacity" });
    await owe(fleet, 1);

    await fleet.run();
    fleet.world.time += MINUTE;
    await fleet.run();

    expect(fleet.world.machineStates()).toEqual({ starting: 2 });
    expect([...fleet.world.cloud.machines.values()].map(({ market }) => market)).toEqual(["spot", "spot"]);
  });

  it("is not had in a fleet that takes spot only", async () => {
    const fleet = await worldWith(2);
    await owe(fleet, 1);

    await fleet.run(fleetSettings({ markets: ["spot"] }));

    expect(launched(fleet)).toEqual([["spot", 2]]);
  });
});
