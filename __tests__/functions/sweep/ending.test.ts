import { eachInSweepWorld, MINUTE, type SweepWorld } from "./sweep-world";

describe("the end of machines", () => {
  let world: SweepWorld;
  eachInSweepWorld((fresh) => (world = fresh));

  describe("idle", () => {
    const idle = async (): Promise<string> => {
      const [id = ""] = await world.launch(1);
      world.online(id);
      const job = world.github.state.actions.jobs.get(1)!;
      world.github.state.actions.cancel(job);
      await world.tell("completed", job);
      await world.sweeps(1);
      return id;
    };

    it("ends a machine that is idle for longer than the limit", async () => {
      const id = await idle();

      await world.sweeps(3);

      expect(world.cloud.ended).toEqual([id]);
      expect(world.records()).toEqual([]);
      expect(world.registrations()).toEqual([]);
      expect(world.stateOf(id)).toBe("ending");
    });

    it("leaves it alone until then", async () => {
      const id = await idle();

      await world.sweeps(2);

      expect(world.cloud.ended).toEqual([]);
      expect(world.stateOf(id)).toBe("idle");
    });

    it("does not end one that GitHub keeps, though nothing else says that it is busy", async () => {
      const id = await idle();
      const record = world.recordOf(id)!;
      // The list says free, the deletion is refused.
      const flags = [false, false, false, true];
      Object.defineProperty(record, "busy", { get: () => flags.shift() ?? true });

      await world.sweeps(3);

      expect(world.cloud.ended).toEqual([]);
      expect(world.recordOf(id)).toBeDefined();
      expect(world.stateOf(id)).toBe("busy");
    });

    it("does not even ask for the deletion of one that is said to be busy", async () => {
      const id = await idle();
      await world.sweeps(2);
      world.recordOf(id)!.busy = true;

      await world.sweeps(1);

      expect(world.stateOf(id)).toBe("busy");
      expect(world.requests("DELETE", /./)).toBe(0);
    });

    it.each([500, 403])("does not end one when GitHub answers %i", async (status) => {
      await idle();
      world.github.inject({ route: "DELETE /orgs/{org}/actions/runners/{runner_id}", status });

      await world.sweeps(3);

      expect(world.cloud.ended).toEqual([]);
    });
  });

  describe("stuck", () => {
    it.each(["jit", "token"] as const)("ends a machine that never comes up (%s)", async (registration) => {
      world.set({ registration });
      const [id = ""] = await world.launch(1);

      await world.sweeps(7);

      expect(world.cloud.ended).toContain(id);
    });

    it("gives one in token mode the time in which it can still register", async () => {
      world.set({ registration: "token" });
      const [id = ""] = await world.launch(1);

      world.time += 11 * MINUTE;
      await world.sweep();

      expect(world.cloud.ended).not.toContain(id);
    });

    it("does not end one that comes up late", async () => {
      const [id = ""] = await world.launch(1);
      world.time += 11 * MINUTE;
      world.online(id);

      await world.sweep();

      expect(world.stateOf(id)).toBe("idle");
      expect(world.cloud.ended).toEqual([]);
    });

    it("ends a machine again that does not end by itself", async () => {
      const [id = ""] = await world.launch(1);
      const job = world.github.state.actions.jobs.get(1)!;
      await world.start(id, job);
      world.github.state.actions.complete(job);
      await world.tell("completed", job);
      await world.sweeps(2);
      expect(world.cloud.ended).toEqual([]);

      await world.sweeps(1);

      expect(world.cloud.ended).toEqual([id]);
    });
  });

  describe("busy", () => {
    const busy = async (): Promise<string> => {
      const [id = ""] = await world.launch(1);
      await world.start(id, world.github.state.actions.jobs.get(1)!);
      return id;
    };

    it("ends a machine whose job ended without an event", async () => {
      const id = await busy();
      world.github.state.actions.complete(world.github.state.actions.jobs.get(1)!);

      await world.sweeps(6);

      expect(world.cloud.ended).toEqual([id]);
    });

    it("leaves a machine alone while its job runs, even if its record is nowhere to be seen", async () => {
      await busy();
      world.records().length = 0;

      await world.sweeps(8);

      expect(world.cloud.ended).toEqual([]);
    });

    it.each([
      ["by one clock", 0],
      ["where GitHub's is 700 seconds ahead", 700_000],
      ["where GitHub's is 700 seconds behind", -700_000],
    ])("gives a machine whose job has ended the time to end by itself, %s", async (_title, skew) => {
      world.skew = skew;
      await busy();
      await world.sweeps(5);
      world.github.state.actions.complete(world.github.state.actions.jobs.get(1)!);

      await world.sweeps(2);
      expect(world.cloud.ended).toEqual([]);
      await world.sweeps(1);

      expect(world.cloud.ended).toHaveLength(1);
    });

    it("ends a machine whose job GitHub does not know any more", async () => {
      const id = await busy();
      world.github.state.actions.complete(world.github.state.actions.jobs.get(1)!);
      world.github.state.actions.jobs.clear();

      await world.sweeps(6);

      expect(world.cloud.ended).toEqual([id]);
    });

    describe("with a job that is not known", () => {
      /** Told by nothing but its record. */
      const taken = async (): Promise<string> => {
        const [id = ""] = await world.launch(1);
        await world.tell("completed", world.github.state.actions.jobs.get(1)!);
        world.online(id).busy = true;
        await world.sweep();
        return id;
      };
      const vanish = (id: string): void => world.github.state.deregister(world.recordOf(id)!);

      it("ends one whose record is absent in two sweeps", async () => {
        const id = await taken();
        await world.sweeps(5);
        vanish(id);
        await world.sweeps(1);
        await world.sweep();
        expect(world.cloud.ended).toEqual([]);

        await world.sweeps(1);

        expect(world.cloud.ended).toEqual([id]);
      });

      it("does not end one whose record was only overlooked once", async () => {
        const id = await taken();
        await world.sweeps(5);
        const record = world.recordOf(id)!;
        vanish(id);
        await world.sweeps(1);
        world.records().push(record);
        await world.sweeps(1);
        vanish(id);

        await world.sweeps(1);

        expect(world.cloud.ended).toEqual([]);
      });

      it("does not end one that was launched a moment ago", async () => {
        vanish(await taken());

        await world.sweeps(3);

        expect(world.cloud.ended).toEqual([]);
      });
    });
  });
});
