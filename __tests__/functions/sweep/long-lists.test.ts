import { GROUP, ONE, runnerLists, stray } from "./runner-lists";
import { eachInSweepWorld, MINUTE, type SweepWorld } from "./sweep-world";

// Hundreds of runners over sockets, on machines that do other things beside.
jest.setTimeout(30_000);

describe("the sweep's look at a list that is long because of others", () => {
  let world: SweepWorld;
  eachInSweepWorld((fresh) => (world = fresh));
  const { asks, endAll, idle, leave, others, routes } = runnerLists(() => world);

  beforeEach(() => others(350, 3));

  it("asks for each free machine by its own id, and for one page", async () => {
    const ids = await idle(2);

    expect(await asks()).toEqual([GROUP, ONE, ONE]);
    expect(ids.map((id) => world.stateOf(id))).toEqual(["idle", "idle"]);
  });

  it("asks for none that is too young to be up", async () => {
    await idle(2);
    world.github.requests.length = 0;

    await world.sweep();

    expect(routes()).toEqual([GROUP]);
  });

  it("takes one that is asked for and not there for absent", async () => {
    const [id = ""] = await idle(1);
    world.github.state.actions.dropRegistration(world.recordOf(id)!);

    await world.sweeps(2);

    expect(world.cloud.ended).toEqual([id]);
  });

  it("takes none that was not asked for, for absent", async () => {
    const ids = await idle(2);
    world.github.inject({ route: ONE, status: 502 });
    world.time += 12 * MINUTE;

    await world.sweeps(2);

    expect(ids.map((id) => world.stateOf(id))).toEqual(["starting", "starting"]);
    expect(world.cloud.ended).toEqual([]);
  });

  it("asks for machines at work now and then, some in each sweep, and for each in its turn", async () => {
    others(700, 3);
    world.fleet = { ...world.fleet, maximumMachines: 40 };
    const ids = await idle(40);
    const jobs = [...world.github.state.actions.jobs.values()];
    for (const [index, id] of ids.entries()) await world.start(id, jobs[index]!);
    world.time += 10 * MINUTE;
    world.github.requests.length = 0;

    await world.sweeps(30);

    const asked = world.github.requests.filter(({ route }) => route === ONE).map(({ path }) => path);
    expect(asked.length).toBeLessThanOrEqual(30 * 3);
    expect(new Set(asked).size).toBe(40);
  });

  it("asks for fifty at the most, and for the others in the next sweep", async () => {
    world.fleet = { ...world.fleet, maximumMachines: 70 };
    others(7000, 3);
    await idle(70);

    await world.sweeps(1);
    expect(world.machineStates()).toEqual({ starting: 20, idle: 50 });
    await world.sweeps(1);

    expect(world.machineStates()).toEqual({ idle: 70 });
  });

  it("reads one page more in each sweep, and so finds what nobody knows", async () => {
    await idle(1);
    await endAll();
    leave(1);
    await world.sweeps(3);
    expect(world.recordOf(stray(1))).toBeDefined();

    await world.sweeps(3);

    expect(world.recordOf(stray(1))).toBeUndefined();
  });

  it("takes no call any more once all pages were seen without one of ours", async () => {
    await idle(1);
    await endAll();
    await world.sweeps(10);

    expect(await asks()).toEqual([]);
  });

  it("begins anew when the list has become shorter", async () => {
    world.set({ idleLimitSeconds: 3600 });
    await idle(1);
    await world.sweeps(3);
    world.records().splice(0, 350);

    const pages = async () => (await asks()).filter((route) => route === GROUP).length;
    expect([await pages(), await pages()]).toEqual([2, 1]);
  });

  it("sees to the record of a machine that is gone, though nobody asked for it", async () => {
    const [id = ""] = await idle(1);
    world.cloud.stop(id, "Server.InternalError");
    const record = world.recordOf(id)!;
    record.busy = true;
    await world.sweeps(2);
    expect(world.stateOf(id)).toBe("gone");
    expect(world.recordOf(id)).toBeDefined();
    record.busy = false;

    await world.sweeps(5);

    expect(world.recordOf(id)).toBeUndefined();
  });

  it("makes no call for the record of a machine that ended its job in peace", async () => {
    const [id = ""] = await idle(1);
    const job = world.github.state.actions.jobs.get(1)!;
    await world.start(id, job);
    world.github.state.actions.complete(job);
    await world.tell("completed", job);
    world.cloud.stop(id, "Client.InstanceInitiatedShutdown");

    await world.sweeps(3);

    expect(world.stateOf(id)).toBe("gone");
    expect(world.requests("DELETE", /./)).toBe(0);
  });
});
