import { logger } from "../../../functions/shared/logger";
import { FLEET } from "../../support/fleet-world";
import { eachInSweepWorld, type SweepWorld } from "./sweep-world";

describe("what the sweep measures", () => {
  let world: SweepWorld;
  eachInSweepWorld((fresh) => (world = fresh));

  /** Values of a metric, in the order in which they were written into the log. */
  const values = (metric: string): unknown[] =>
    jest
      .mocked(logger.info)
      .mock.calls.map(([, fields]) => fields as unknown as Record<string, unknown> | undefined)
      .filter((fields) => fields !== undefined && metric in fields)
      .map((fields) => fields?.[metric]);

  const machine = (id: string): void => {
    const launchedAt = new Date(world.time).toISOString();
    world.cloud.machines.set(id, { instanceId: id, launchId: "x", market: "spot", launchedAt });
  };

  describe("of machines", () => {
    it("is the hours of those that EC2 shows, known to the ledger or not, until the next sweep", async () => {
      world.set({ sweepSeconds: 300 });
      await world.launch(1, 2);
      machine("i-0123456789abcdef0");

      await world.sweep();

      expect(values("MachineHours")).toEqual([(3 * 300) / 3600]);
    });

    it("is nothing while there are none", async () => {
      await world.sweep();

      expect(values("MachineHours")).toEqual([]);
    });

    it("is what the ledger knows when EC2 does not say", async () => {
      await world.launch(1, 2);
      const { provider } = world.sweepParts();
      world.replaced.provider = { ...provider, find: () => Promise.reject(new Error("throttled")) };

      await world.sweep();

      expect(values("MachineHours")).toEqual([(2 * 120) / 3600]);
    });

    it("leaves out a fleet that could not be looked at", async () => {
      await world.launch(1);
      world.set({ fleets: ["broken", FLEET] });

      await world.sweep();

      expect(values("MachineHours")).toEqual([120 / 3600]);
    });
  });
});
