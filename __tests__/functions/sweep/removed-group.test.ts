import { FLEET, fleetSettings } from "../../support/fleet-world";
import type { Runner } from "../../support/github-state";
import { eachInSweepWorld, type SweepWorld } from "./sweep-world";

describe("a machine whose runner group is removed", () => {
  let world: SweepWorld;
  eachInSweepWorld((fresh) => (world = fresh));

  const SCOPE = "orgs/acme";
  const OWN = 77;
  const use = (group: number): void => void (world.fleet = { ...world.fleet, runnerGroupId: String(group) });

  /** It waits for a job, in a group of its own. */
  const up = async (state: "starting" | "idle"): Promise<{ id: string; runner: Runner }> => {
    world.github.state.groupsOf(SCOPE).push({ id: OWN, name: "runners" });
    use(OWN);
    const [id = ""] = await world.launch(1);
    const runner = world.online(id);
    // The registrations of this world know the usual group only.
    runner.runner_group_id = OWN;
    if (state === "idle") await world.sweeps(1);
    expect(world.stateOf(id)).toBe(state);
    return { id, runner };
  };
  /** As an apply does it: the functions know the other group, and then this one goes. */
  const removeGroup = (other: number): void => {
    use(other);
    world.github.state.removeGroup(SCOPE, OWN);
  };

  it.each(["starting", "idle"] as const)(
    "is ended by the next sweep, since GitHub has put it into the default group (%s)",
    async (state) => {
      const { id, runner } = await up(state);
      removeGroup(3);
      expect(runner.runner_group_id).toBe(1);

      await world.sweeps(1);

      expect(world.cloud.ended).toEqual([id]);
      expect(world.github.state.runnersOf(SCOPE)).not.toContain(runner);
    },
  );

  it("is ended as well where others' runners make the list so long that each machine is asked for", async () => {
    const others = Array.from({ length: 450 }, (_, index) => ({
      ...{ id: 90_000 + index, name: `other-${index}`, os: "linux", status: "online" as const },
      ...{ busy: true, ephemeral: false, runner_group_id: 3, labels: [] },
    }));
    const { id } = await up("idle");
    world.github.state.runnersOf(SCOPE).push(...others);
    removeGroup(3);

    await world.sweeps(1);

    expect(world.cloud.ended).toEqual([id]);
  });

  it("is left alone with the job that it has", async () => {
    const { id, runner } = await up("idle");
    runner.busy = true;
    removeGroup(3);

    await world.sweeps(1);

    expect(world.cloud.ended).toEqual([]);
    expect(world.stateOf(id)).toBe("busy");
  });

  it("is left alone where its fleet uses the default group from now on", async () => {
    await up("idle");
    removeGroup(1);

    await world.sweeps(1);

    expect(world.cloud.ended).toEqual([]);
  });

  it("is left alone where the group before stands, as one that the team made does", async () => {
    await up("idle");
    use(3);

    await world.sweeps(1);

    expect(world.cloud.ended).toEqual([]);
  });

  it("is left alone where nobody has written down the group of its fleet, as of one that an apply adds", async () => {
    world.configure({ [FLEET]: fleetSettings({ runnerGroupId: "1" }) });
    const [id = ""] = await world.launch(1);
    world.online(id).runner_group_id = 1;
    world.configure({ other: fleetSettings({ labels: ["gpu"], runnerGroupId: "1" }) });
    await world.sweepParts().fleetList.hear(FLEET, new Date(world.time).toISOString());

    await world.sweeps(1);

    expect(world.cloud.ended).toEqual([]);
  });
});
