import { runnerName } from "../../../functions/shared/contract";
import { GithubError } from "../../../functions/shared/github";
import { LimitedError } from "../../../functions/shared/github-access";
import { machineItem } from "../../../functions/shared/ledger-items";
import { logger } from "../../../functions/shared/logger";
import { FLEET, INSTALLATION } from "../../support/fleet-world";
import { eachInSweepWorld, MINUTE, type SweepWorld } from "./sweep-world";

const ORPHAN = "i-0123456789abcdef0";

describe("the sweep's machines", () => {
  let world: SweepWorld;
  eachInSweepWorld((fresh) => (world = fresh));

  /** A machine that EC2 lists. */
  const runs = (instanceId: string, launchId = "another"): void => {
    const launchedAt = new Date(world.time).toISOString();
    world.cloud.machines.set(instanceId, { instanceId, launchId, market: "spot", launchedAt });
  };

  describe("marks", () => {
    it("a machine idle whose runner is online, once", async () => {
      const [id = ""] = await world.launch(1);
      world.online(id);
      await world.sweeps(1);
      const first = world.item(machineItem(id));

      await world.sweeps(1);

      expect(first?.state).toBe("idle");
      expect(world.item(machineItem(id))).toEqual(first);
    });

    it("a machine busy whose runner has a job that no event told of", async () => {
      const [id = ""] = await world.launch(1);
      await world.start(id, world.github.state.actions.jobs.get(1)!, false);

      await world.sweep();

      expect(world.stateOf(id)).toBe("busy");
    });
  });

  describe("orphans", () => {
    it("ends a machine that nobody knows, and writes it down", async () => {
      runs(ORPHAN);

      await world.sweep();

      expect(world.cloud.ended).toEqual([ORPHAN]);
      expect(world.stateOf(ORPHAN)).toBe("ending");
    });

    it("lets a busy one hold a place", async () => {
      runs(ORPHAN);
      world.register(runnerName(INSTALLATION, FLEET, ORPHAN), { busy: true });

      await world.sweep();

      expect(world.cloud.ended).toEqual([]);
      expect(world.stateOf(ORPHAN)).toBe("busy");
    });

    it("leaves one alone whose launch is under way", async () => {
      await world.leaveLaunch("L");
      runs(ORPHAN, "L");

      await world.sweep();

      expect(world.cloud.ended).toEqual([]);
      expect(world.stateOf(ORPHAN)).toBe("starting");
    });

    it("leaves one alone that was written down while it looked", async () => {
      const [id = ""] = await world.launch(1);
      const { ledger } = world.sweepParts();
      let early = true;
      const read: typeof ledger.read = async (fleet) => {
        const view = await ledger.read(fleet);
        if (!early) return view;
        early = false;
        return { ...view, machines: [], unseen: [] };
      };
      world.replaced.ledger = { ...ledger, read };

      await world.sweep();

      expect(world.cloud.ended).toEqual([]);
      expect(world.stateOf(id)).toBe("starting");
    });

    it("leaves what is unknown alone while somebody holds the lease", async () => {
      const parts = world.sweepParts();
      const { lease } = await parts.ledger.read(FLEET);
      await parts.ledger.hold(FLEET, lease, { id: "another", until: world.time + MINUTE }, []);
      runs(ORPHAN);
      world.register(runnerName(INSTALLATION, FLEET, "i-0123456789abcdef1"), { status: "offline" });

      await world.sweep();

      expect(world.cloud.ended).toEqual([]);
      expect(world.records()).toHaveLength(1);
    });

    it("ends one that is older than any holder of the lease", async () => {
      runs(ORPHAN);
      world.time += 5 * MINUTE;
      const parts = world.sweepParts();
      const { lease } = await parts.ledger.read(FLEET);
      await parts.ledger.hold(FLEET, lease, { id: "another", until: world.time + MINUTE }, []);

      await world.sweep();

      expect(world.cloud.ended).toEqual([ORPHAN]);
    });

    it("in token mode waits until one can no longer register", async () => {
      world.set({ registration: "token" });
      runs(ORPHAN);
      await world.sweeps(6);
      expect(world.cloud.ended).toEqual([]);

      await world.sweeps(1);

      expect(world.cloud.ended).toEqual([ORPHAN]);
    });

    it("ends one again that was taken for gone", async () => {
      runs(ORPHAN);
      await world.sweepParts().ledger.moveMachine(FLEET, "gone", { instanceId: ORPHAN });

      await world.sweep();

      expect(world.cloud.ended).toEqual([ORPHAN]);
    });
  });

  describe("records", () => {
    it("removes those of machines that are nowhere, and no others", async () => {
      const [id = ""] = await world.launch(1);
      world.register(runnerName(INSTALLATION, FLEET, ORPHAN), { status: "offline" });
      const others = [
        world.register("somebody-elses"),
        world.register(runnerName("other", FLEET, ORPHAN)),
        world.register(runnerName(INSTALLATION, FLEET, "i-0123456789abcdef1"), { busy: true }),
      ];

      await world.sweep();

      expect(world.records()).toEqual([world.recordOf(id), ...others]);
    });

    it("leaves records alone while a launch is open", async () => {
      await world.leaveLaunch("L");
      world.register(runnerName(INSTALLATION, FLEET, ORPHAN), { status: "offline" });

      await world.sweep();

      expect(world.recordOf(ORPHAN)).toBeDefined();
    });

    it("leaves one alone whose machine was launched after EC2 was asked", async () => {
      await world.launch(1);
      const { access, ledger } = world.sweepParts();
      let launched = false;
      world.replaced.access = {
        ...access,
        call: async (run) => {
          if (!launched) {
            launched = true;
            const { lease } = await ledger.read(FLEET);
            await ledger.hold(FLEET, lease, { id: "another", until: world.time + MINUTE }, []);
            runs(ORPHAN);
            world.register(runnerName(INSTALLATION, FLEET, ORPHAN), { status: "offline" });
          }
          return access.call(run);
        },
      };

      await world.sweep();

      expect(world.recordOf(ORPHAN)).toBeDefined();
    });

    describe("of a dozen machines that are nowhere", () => {
      const calls = async (change: () => Promise<unknown>): Promise<() => number> => {
        await world.launch(1);
        const { access } = world.sweepParts();
        let made = -1;
        world.replaced.access = {
          ...access,
          // The first call lists the records.
          call: async (run) => (++made > 0 && (await change()), access.call(run)),
        };
        for (let index = 0; index < 12; index++) {
          const id = `i-${index.toString(16).padStart(17, "0")}`;
          world.register(runnerName(INSTALLATION, FLEET, id), { status: "offline" });
        }
        return () => made;
      };

      it("are left to the next sweep when time is out", async () => {
        const made = await calls(() => Promise.resolve((world.time += MINUTE)));

        await world.sweep();

        expect(made()).toBe(1);
        expect(world.records()).toHaveLength(1 + 11);
      });

      it("are left to the next sweep when GitHub asks for patience", async () => {
        const made = await calls(() => Promise.reject(new LimitedError("app", world.time + MINUTE)));

        await world.sweep();

        expect(made()).toBe(10);
        expect(logger.error).not.toHaveBeenCalled();
      });
    });

    it("leaves records alone when nobody says which machines there are", async () => {
      world.register(runnerName(INSTALLATION, FLEET, ORPHAN), { status: "offline" });
      const { provider } = world.sweepParts();
      world.replaced.provider = { ...provider, find: () => Promise.reject(new Error("throttled")) };

      await world.sweep();

      expect(world.records()).toHaveLength(1);
    });
  });

  it("asks little when all is quiet", async () => {
    const [id = ""] = await world.launch(1);
    await world.start(id, world.github.state.actions.jobs.get(1)!);
    await world.sweeps(6);
    world.github.requests.length = 0;
    world.calls.length = 0;

    await world.sweeps(1);

    expect(world.github.requests).toHaveLength(1);
    // Once to look, once to reconcile.
    expect(world.calls).toEqual(["DescribeInstances", "Query", "Query"]);
  });

  it("tells of what GitHub refuses, and ends the others", async () => {
    runs(ORPHAN);
    runs("i-0123456789abcdef1");
    world.register(runnerName(INSTALLATION, FLEET, ORPHAN), { status: "offline" });
    world.github.inject({ route: "DELETE /orgs/{org}/actions/runners/{runner_id}", status: 403 });

    await world.sweep();

    expect(world.cloud.ended).toEqual(["i-0123456789abcdef1"]);
    expect(logger.error).toHaveBeenCalledWith(
      "sweep failed",
      expect.objectContaining({
        part: "end machines",
        fleet: FLEET,
        error: expect.any(GithubError) as unknown,
      }),
    );
  });
});
