import { machineItem, type Machine } from "../../../functions/shared/ledger-items";
import { logger } from "../../../functions/shared/logger";
import { FLEET } from "../../support/fleet-world";
import type { Runner } from "../../support/github-state";
import { eachInSweepWorld, type SweepWorld } from "./sweep-world";

const BY_ID = /\/actions\/runners\/\d+$/;

describe("a machine whose runner listens without a registration", () => {
  let world: SweepWorld;
  eachInSweepWorld((fresh) => (world = fresh));

  const job = () => world.github.state.actions.jobs.get(1)!;
  const machine = (id: string) => world.item<Machine>(machineItem(id));
  /** A machine that has come up, and that the ledger has as `starting` or, a sweep later, as `idle`. */
  const up = async (state: "starting" | "idle" = "starting"): Promise<{ id: string; runner: Runner }> => {
    const [id = ""] = await world.launch(1);
    const runner = world.online(id);
    if (state === "idle") await world.sweeps(1);
    expect(world.stateOf(id)).toBe(state);
    return { id, runner };
  };
  /** It is given the job, and cannot acquire it. */
  const lose = (runner: Runner): void => world.github.state.actions.dropRegistration(runner);

  it.each(["starting", "idle"] as const)(
    "is ended once it is missed twice, and replaced (%s)",
    async (state) => {
      const { id, runner } = await up(state);
      lose(runner);

      await world.sweeps(1);
      expect(world.cloud.ended).toEqual([]);
      expect(machine(id)?.absentAt).toBe(new Date(world.time).toISOString());
      await world.sweeps(1);

      expect(world.cloud.ended).toEqual([id]);
      expect(world.stateOf(id)).toBe("ending");
      expect(world.cloud.launches).toHaveLength(2);
      expect(world.machineStates()).toEqual({ ending: 1, starting: 1 });
    },
  );

  it("is told from one that a list leaves out, which GitHub shows by its own id", async () => {
    const { id, runner } = await up();
    // The list of the group does not have it.
    Object.assign(runner, { runner_group_id: 9 });

    await world.sweeps(2);

    expect(world.requests("GET", BY_ID)).toBe(2);
    expect(world.cloud.ended).toEqual([]);
    expect(world.stateOf(id)).toBe("starting");
  });

  it("is not what was overlooked once", async () => {
    const { id, runner } = await up();
    Object.assign(runner, { runner_group_id: 9 });
    await world.sweeps(1);
    Object.assign(runner, { runner_group_id: 3 });
    await world.sweeps(1);
    expect(machine(id)?.absentAt).toBeUndefined();
    lose(runner);

    await world.sweeps(1);

    expect(world.cloud.ended).toEqual([]);
  });

  it("is left alone by a second sweep at the same moment", async () => {
    lose((await up()).runner);

    await world.sweep();
    await world.sweep();

    expect(world.cloud.ended).toEqual([]);
  });

  it("is not ended while GitHub does not answer", async () => {
    lose((await up()).runner);
    await world.sweeps(1);
    world.github.inject({ route: "GET /orgs/{org}/actions/runners/{runner_id}", status: 502 });

    await world.sweeps(1);

    expect(world.cloud.ended).toEqual([]);
  });

  it("is not one that had its job, and told of it while the sweep asked", async () => {
    const { id, runner } = await up();
    lose(runner);
    await world.sweeps(1);
    const { access } = world.sweepParts();
    world.replaced.access = {
      ...access,
      call: async (run) => {
        const answer = await access.call(run);
        if (world.requests("GET", BY_ID) === 1) {
          Object.assign(job(), { runner_name: runner.name, status: "in_progress" });
          await world.tell("in_progress", job());
        }
        return answer;
      },
    };

    await world.sweeps(1);

    expect(world.requests("GET", BY_ID)).toBe(2);
    expect(world.cloud.ended).toEqual([]);
    expect(world.stateOf(id)).toBe("busy");
  });

  it("is not one that waits for its registration", async () => {
    const [id = ""] = await world.launch(1);
    await world.sweepParts().ledger.note(FLEET, machineItem(id), { state: "launching", runnerId: undefined });
    world.records().length = 0;

    await world.sweeps(2);

    expect(world.cloud.ended).toEqual([]);
  });

  describe("in token mode", () => {
    beforeEach(() => world.set({ registration: "token" }));

    it("is not one that has not registered yet", async () => {
      await world.launch(1);

      await world.sweeps(3);

      expect(world.cloud.ended).toEqual([]);
    });

    it("is one that was idle, and whose id is known by that", async () => {
      const [id = ""] = await world.launch(1);
      const runner = world.register(`runners_${FLEET}_${id}`);
      await world.sweeps(1);
      expect(machine(id)).toMatchObject({ state: "idle", runnerId: runner.id });
      lose(runner);

      await world.sweeps(2);

      expect(world.cloud.ended).toEqual([id]);
    });
  });

  it("asks nothing more for machines that are well", async () => {
    await up("idle");
    world.github.requests.length = 0;

    await world.sweeps(1);

    expect(world.github.requests.map(({ route }) => route)).toEqual([
      "GET /orgs/{org}/actions/runner-groups/{runner_group_id}/runners",
    ]);
    expect(logger.error).not.toHaveBeenCalled();
  });
});
