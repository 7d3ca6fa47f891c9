import { machineItem, taskItem, type Task } from "../../../functions/shared/ledger-items";
import { logger } from "../../../functions/shared/logger";
import { FLEET } from "../../support/fleet-world";
import { eachInSweepWorld, MINUTE, type SweepWorld } from "./sweep-world";

describe("the sweep's machines", () => {
  let world: SweepWorld;
  eachInSweepWorld((fresh) => (world = fresh));

  describe("gone", () => {
    it("gives the place of a machine that is not known any more to the next job", async () => {
      world.fleet = { ...world.fleet, maximumMachines: 1 };
      const [id = ""] = await world.launch(1);
      await world.launch(2);
      world.cloud.machines.clear();

      await world.sweeps(2);

      expect(world.stateOf(id)).toBe("gone");
      expect(world.cloud.machines.size).toBe(1);
    });

    it("does not miss a machine that is too young to show", async () => {
      const [id = ""] = await world.launch(1);
      world.cloud.hidden.add(id);
      world.time += MINUTE;

      await world.sweep();

      expect(world.stateOf(id)).toBe("starting");
    });

    it("relaunches at once for a machine whose launch failed late, and says why", async () => {
      const [id = ""] = await world.launch(1);
      world.cloud.stop(id, "Server.InsufficientInstanceCapacity");

      await world.sweep();

      expect(world.machineStates()).toEqual({ gone: 1, starting: 1 });
      expect(logger.warn).toHaveBeenCalledWith(
        "launches failed late",
        expect.objectContaining({
          count: 1,
          machines: [expect.objectContaining({ reason: "Server.InsufficientInstanceCapacity" })],
        }),
      );
    });

    it("leaves no registration and no record of it", async () => {
      const [id = ""] = await world.launch(1);
      world.github.state.actions.cancel(world.github.state.actions.jobs.get(1)!);
      await world.tell("completed", world.github.state.actions.jobs.get(1)!);
      world.cloud.stop(id, "Client.UserInitiatedShutdown");

      await world.sweep();

      expect(world.registrations()).toEqual([]);
      expect(world.records()).toEqual([]);
    });

    it("gives the place back even when GitHub does not answer", async () => {
      const [id = ""] = await world.launch(1);
      world.cloud.stop(id, "Server.InternalError");
      world.github.inject({ status: 502 });

      await world.sweep();

      expect(world.stateOf(id)).toBe("gone");
    });

    it("is left to the next sweep when its registration cannot be dropped", async () => {
      const [id = ""] = await world.launch(1);
      const { ledger } = world.sweepParts();
      const dropRegistration = () => Promise.reject(new Error("throttled"));
      world.replaced.ledger = { ...ledger, dropRegistration };
      world.cloud.stop(id, "Server.InternalError");
      await world.sweep();
      expect(world.stateOf(id)).toBe("starting");

      world.replaced.ledger = ledger;
      await world.sweeps(1);

      expect(world.stateOf(id)).toBe("gone");
      expect(world.registrations().filter((key) => key.endsWith(id))).toEqual([]);
    });
  });

  describe("taken back without a notice", () => {
    const TAKEN_BACK = "Server.SpotInstanceTermination";
    const rerunOf = (instanceId: string) => world.item<Task>(taskItem({ kind: "rerun-job", instanceId }));

    /** Its job runs, or has just been cancelled as the machine shut down. */
    const working = async (state: "busy" | "ending"): Promise<string> => {
      const [id = ""] = await world.launch(1);
      const job = world.github.state.actions.jobs.get(1)!;
      await world.start(id, job);
      world.time += 10 * MINUTE;
      if (state === "busy") return id;
      world.github.state.actions.complete(job, "cancelled");
      await world.tell("completed", job);
      return id;
    };

    it.each(["busy", "ending"] as const)("as %s: its job is run again", async (state) => {
      const id = await working(state);
      expect(world.stateOf(id)).toBe(state);
      world.cloud.stop(id, TAKEN_BACK);

      await world.sweeps(1);

      expect(rerunOf(id)?.createdAt).toBe(new Date(world.time).toISOString());
      if (state === "busy")
        world.github.state.actions.complete(world.github.state.actions.jobs.get(1)!, "failure");
      await world.sweeps(1);
      expect(world.github.state.actions.runs.get(1)?.run_attempt).toBe(2);
    });

    it("before the ledger heard of its job: its job is run again once it has", async () => {
      const [id = ""] = await world.launch(1);
      const job = world.github.state.actions.jobs.get(1)!;
      await world.start(id, job, false);
      world.time += MINUTE;
      world.cloud.stop(id, TAKEN_BACK);
      await world.sweep();
      expect(world.stateOf(id)).toBe("gone");

      await world.tell("in_progress", job);
      world.github.state.actions.complete(job, "failure");
      await world.sweeps(1);

      expect(world.github.state.actions.runs.get(1)?.run_attempt).toBe(2);
    });

    it("is told again by the next sweep when the job cannot be kept", async () => {
      const id = await working("busy");
      const { ledger } = world.sweepParts();
      world.replaced.ledger = { ...ledger, addTask: () => Promise.reject(new Error("throttled")) };
      world.cloud.stop(id, TAKEN_BACK);
      await world.sweep();
      expect(world.stateOf(id)).toBe("busy");

      world.replaced.ledger = ledger;
      await world.sweeps(1);

      expect([world.stateOf(id), rerunOf(id)?.kind]).toEqual(["gone", "rerun-job"]);
    });

    it.each([
      ["it powered off by itself", "Client.InstanceInitiatedShutdown", undefined, true],
      ["its notice did come", TAKEN_BACK, "2026-09-01T12:09:00.000Z", true],
      ["that is switched off", TAKEN_BACK, undefined, false],
    ])("does not have a job run again when %s", async (_, reason, interruptedAt, rerunInterrupted) => {
      world.set({ rerunInterrupted });
      const id = await working("ending");
      await world.sweepParts().ledger.note(FLEET, machineItem(id), { interruptedAt });
      world.cloud.stop(id, reason);

      await world.sweep();

      expect([world.stateOf(id), rerunOf(id)]).toEqual(["gone", undefined]);
    });
  });
});
