import { jobItem, machineItem, type Job } from "../../../functions/shared/ledger-items";
import { logger } from "../../../functions/shared/logger";
import { reconcile } from "../../../functions/shared/reconcile";
import { event, FLEET, fleetSettings, LEDGER_TABLE } from "../../support/fleet-world";
import { eachInSweepWorld, MINUTE, type SweepWorld } from "./sweep-world";

const JOBS = Array.from({ length: 20 }, (_, index) => index + 1);
const GET_JOB = /\/actions\/jobs\/\d+$/;
const FULL = { maximumMachines: 0 };
const LARGE = ["self-hosted", "linux", "x64", "large"];

describe("jobs whose fleet has changed", () => {
  let world: SweepWorld;
  eachInSweepWorld((fresh) => (world = fresh));

  const rows = (jobId: number): (Job & { readonly fleet: string })[] =>
    world.database.items(LEDGER_TABLE).filter(({ item }) => item === jobItem(jobId)) as never;
  const states = (jobId: number) => Object.fromEntries(rows(jobId).map(({ fleet, state }) => [fleet, state]));
  /** Fields of the alarms that say so. */
  const rung = (what: RegExp): Record<string, unknown>[] =>
    (logger.error as jest.Mock).mock.calls.flatMap(([said, fields]: [string, Record<string, unknown>]) =>
      what.test(said) ? [fields] : [],
    );
  const launchedFor = (fleet: string): number =>
    [...world.cloud.fleets.values()].filter((one) => one === fleet).length;
  const tell = (...ids: number[]) => world.tell("queued", ...ids.map((id) => world.job(id)));
  /** Jobs wait, since the fleet is full. The sweep has seen the fleet. */
  const waiting = async (jobs: readonly number[] = JOBS): Promise<void> => {
    world.configure({ [FLEET]: fleetSettings(FULL) });
    await tell(...jobs);
    await world.sweeps(1);
    expect(world.cloud.launches).toHaveLength(0);
  };
  const job = (id: number) => world.github.state.actions.jobs.get(id)!;

  it("get machines of the fleet that has their labels now, when theirs is renamed", async () => {
    await waiting();
    world.configure({ renamed: fleetSettings() });

    await world.sweeps(1);

    expect(launchedFor("renamed")).toBe(20);
    expect(states(1)).toEqual({ [FLEET]: "moved", renamed: "waiting" });
    expect(rung(/./)).toEqual([]);
  });

  it("are given up, with one alarm that names them, when no fleet has their labels", async () => {
    await waiting([1, 2]);
    world.configure({ other: fleetSettings({ labels: ["gpu"] }) });

    await world.sweeps(2);
    expect(states(1)).toEqual({ [FLEET]: "waiting" });
    await world.sweeps(30);

    expect(states(1)).toEqual({ [FLEET]: "givenUp" });
    expect(rung(/jobs given up/)).toEqual([
      expect.objectContaining({
        reason: "no fleet has the labels of the job (any more)",
        names: [1, 2].map((jobId) => ({
          jobId,
          name: `"job-${jobId}"`,
          labels: ['"self-hosted"', '"linux"', '"x64"'],
        })),
        jobs: [1, 2].map((jobId) => ({ jobId, runId: 1, repository: "acme/app" })),
        remedy: expect.stringMatching(/^Give a fleet these labels/) as string,
      }),
    ]);
    expect(world.cloud.launches).toHaveLength(0);
    expect(world.requests("GET", GET_JOB)).toBe(2);
  });

  it("are given up, and hold up nothing else, where GitHub takes its time to answer", async () => {
    await waiting();
    world.configure({ other: fleetSettings({ labels: ["gpu"] }) });
    const { access } = world.sweepParts();
    const slow: typeof access.call = async (run) => {
      const before = world.requests("GET", GET_JOB);
      const answer = await access.call(run);
      if (world.requests("GET", GET_JOB) > before) world.time += 2000;
      return answer;
    };
    world.replaced.access = { ...access, call: slow };

    await world.sweeps(20);

    expect(JOBS.map((id) => states(id)[FLEET])).toEqual(JOBS.map(() => "givenUp"));
    expect(rung(/sweep has no time/)).toEqual([]);
  });

  it("are no matter of an alarm when they ended meanwhile, of which no event tells", async () => {
    await waiting([1]);
    world.configure({ other: fleetSettings({ labels: ["gpu"] }) });
    world.github.state.actions.cancel(job(1));

    await world.sweeps(4);

    expect(states(1)).toEqual({ [FLEET]: "done" });
    expect(rung(/./)).toEqual([]);
  });

  it("are matched anew when the labels of their fleet change", async () => {
    await waiting([1]);
    world.configure({ [FLEET]: fleetSettings({ labels: LARGE }), small: fleetSettings() });

    await world.sweeps(1);

    expect(states(1)).toEqual({ [FLEET]: "moved", small: "waiting" });
    expect([launchedFor(FLEET), launchedFor("small")]).toEqual([0, 1]);
  });

  it("keep their fleet when its machines can still run them", async () => {
    await waiting([1]);
    world.configure({ [FLEET]: fleetSettings({ labels: LARGE }) });

    await world.sweeps(10);

    expect(states(1)).toEqual({ [FLEET]: "waiting" });
    expect(launchedFor(FLEET)).toBeGreaterThanOrEqual(1);
  });

  it("keep their fleet when it is no longer for jobs that ask for less, since its machines can run them", async () => {
    world.configure({ [FLEET]: fleetSettings({ ...FULL, labels: LARGE, labelMatch: "subset" }) });
    await tell(1);
    await world.sweeps(1);
    world.configure({ [FLEET]: fleetSettings({ labels: LARGE }) });

    await world.sweeps(10);

    expect(states(1)).toEqual({ [FLEET]: "waiting" });
    expect(launchedFor(FLEET)).toBeGreaterThanOrEqual(1);
  });

  it("get no machine of their old fleet that could not run them", async () => {
    await waiting([1]);
    world.configure({ [FLEET]: fleetSettings({ labels: ["gpu"] }) });

    await world.sweeps(6);

    expect(world.cloud.launches).toHaveLength(0);
    expect(states(1)).toEqual({ [FLEET]: "givenUp" });
  });

  it("get a machine with the new labels although one with the old labels is free", async () => {
    const [old = ""] = await world.launch(1);
    expect(old).not.toBe("");
    world.configure({ [FLEET]: fleetSettings({ labels: ["gpu"] }) });

    await world.tell("queued", world.job(2, ["gpu"]));
    await reconcile(world.sweepParts(), FLEET, world.settingsOf(FLEET), world.time + MINUTE);

    expect(launchedFor(FLEET)).toBe(2);
  });

  it("are not taken for passed over by a machine with the old labels that stays idle", async () => {
    world.set({ idleLimitSeconds: 60 * 60 });
    const [old = ""] = await world.launch(1);
    world.online(old);
    world.github.state.actions.cancel(job(1));
    await world.sweeps(2);
    world.configure({ [FLEET]: fleetSettings({ labels: ["gpu"], maximumMachines: 1 }) });
    await world.tell("queued", world.job(2, ["gpu"]));

    await world.sweeps(12);

    expect(rung(/./)).toEqual([]);
    expect(rows(2)[0]?.passedOver).toBeUndefined();
    expect(launchedFor(FLEET)).toBe(1);
  });

  it("wait in their old fleet again when it gets its name back", async () => {
    await waiting([1]);
    world.configure({ renamed: fleetSettings(FULL) });
    await world.sweeps(1);
    world.configure({ [FLEET]: fleetSettings() });

    await world.sweeps(1);

    expect(states(1)).toEqual({ [FLEET]: "waiting", renamed: "moved" });
    expect([launchedFor(FLEET), launchedFor("renamed")]).toEqual([1, 0]);
  });

  it("get no machine when their new fleet has heard that they run", async () => {
    await waiting([1]);
    world.configure({ renamed: fleetSettings() });
    await world.tell("in_progress", job(1));

    await world.sweeps(1);

    expect(states(1)).toEqual({ [FLEET]: "moved", renamed: "running" });
    expect(world.cloud.launches).toHaveLength(0);
  });

  it("are no jobs that no event told of, and their wait goes on, where the sweep reads the backlog", async () => {
    await waiting([1]);
    const before = rows(1)[0]?.changedAt;
    world.configure({ renamed: fleetSettings() });
    const routes = [{ fleet: "renamed", labels: fleetSettings().labels, match: "exact" as const }];
    world.set({ backlog: { repositories: ["acme/app"], routes } });
    world.backlog.readAt = 0;

    await world.sweeps(1);

    expect(rows(1).map(({ fleet, changedAt }) => [fleet, changedAt])).toEqual([
      [FLEET, before],
      ["renamed", before],
    ]);
    expect(logger.warn).not.toHaveBeenCalledWith("jobs that no event told of", expect.anything());
  });

  it("get no machine in another fleet when their own hears that they run, after the sweep has read them", async () => {
    await waiting([1]);
    const { ledger } = world.sweepParts();
    const [read] = (await ledger.read(FLEET)).waiting;
    await world.tell("in_progress", job(1));

    expect(await ledger.moveToFleet(FLEET, "renamed", read!)).toBe(false);

    expect(states(1)).toEqual({ [FLEET]: "running" });
  });

  it("are not closed in both fleets when sweeps before and after an apply look at the same time", async () => {
    await waiting([1]);
    const { ledger } = world.sweepParts();
    const here = (await ledger.read(FLEET)).waiting[0]!;
    const late = event("queued", 1, 0, { fleet: "other", receivedAt: here.changedAt, labels: here.labels });
    await ledger.record([late]);
    const there = (await ledger.read("other")).waiting[0]!;

    for (let round = 0; round < 20; round++)
      await Promise.all([
        ledger.moveToFleet(FLEET, "other", here),
        ledger.moveToFleet("other", FLEET, there),
      ]);

    expect(Object.values(states(1)).sort()).toEqual(["moved", "waiting"]);
  });

  it("wait anew when an event of them comes to their old fleet late", async () => {
    await waiting([1]);
    world.configure({ renamed: fleetSettings(FULL) });
    await world.sweeps(1);
    const late = event("waiting", 1, 0, { receivedAt: new Date(world.time).toISOString() });
    await world.sweepParts().ledger.record([late]);

    expect(states(1)[FLEET]).toBe("withdrawn");
    await world.sweeps(1);
    expect(states(1)).toEqual({ [FLEET]: "moved", renamed: "withdrawn" });
    await world.sweeps(3);

    // GitHub says that it is queued.
    expect(states(1)).toEqual({ [FLEET]: "moved", renamed: "waiting" });
  });

  it("get one machine each when two sweeps run at once", async () => {
    await waiting();
    world.configure({ renamed: fleetSettings() });
    world.time += 2 * MINUTE;

    await Promise.all([world.sweep(), world.sweep()]);
    await world.sweeps(1);

    expect(launchedFor("renamed")).toBe(20);
  });

  it("are looked up at GitHub when their row is one of 0.1.0, which has no labels", async () => {
    world.configure({ [FLEET]: fleetSettings(FULL) });
    world.job(1);
    const old = event("queued", 1, 0, { receivedAt: new Date(world.time).toISOString() });
    await world.sweepParts().ledger.record([old]);
    await world.sweeps(1);
    expect(rows(1)[0]?.labels).toEqual(fleetSettings().labels);
    await world.sweepParts().ledger.note(FLEET, jobItem(1), { labels: undefined });
    world.configure({ renamed: fleetSettings() });

    await world.sweeps(1);

    expect(states(1)).toEqual({ [FLEET]: "moved", renamed: "waiting" });
    expect(launchedFor("renamed")).toBe(1);
  });

  it("are neither moved nor given up while the settings of a fleet cannot be read", async () => {
    await waiting([1]);
    world.configure({ renamed: fleetSettings() });
    const { fleetSettings: settings } = world.sweepParts();
    world.replaced.fleetSettings = { ...settings, routes: () => Promise.resolve(undefined) };

    await world.sweeps(10);

    expect(states(1)).toEqual({ [FLEET]: "waiting" });
  });
});

describe("a fleet with maximumMachines 0", () => {
  let world: SweepWorld;
  eachInSweepWorld((fresh) => (world = fresh));

  it("is emptied: what works goes on, what is idle is ended, and jobs wait until the cap is back", async () => {
    const [busy = "", idle = ""] = await world.launch(1, 2);
    await world.start(busy, world.github.state.actions.jobs.get(1)!);
    world.online(idle);
    world.configure({ [FLEET]: fleetSettings(FULL) });
    await world.tell("queued", world.job(3));

    await world.sweeps(10);

    expect([...world.cloud.machines.keys()]).toEqual([busy]);
    expect(world.cloud.launches).toHaveLength(1);
    world.configure({ [FLEET]: fleetSettings() });
    await world.sweeps(1);
    expect(world.cloud.launches).toHaveLength(2);
    expect((logger.error as jest.Mock).mock.calls).toEqual([]);
  });
});

describe("machines of a fleet that there is no more", () => {
  let world: SweepWorld;
  eachInSweepWorld((fresh) => (world = fresh));

  const machine = (id: string) => world.item(machineItem(id));
  /** One that works, one that is idle and one that is gone without a word. */
  const leave = async (): Promise<[busy: string, idle: string, gone: string]> => {
    const [busy = "", idle = "", gone = ""] = await world.launch(1, 2, 3);
    await world.sweeps(1);
    await world.start(busy, world.github.state.actions.jobs.get(1)!);
    world.online(idle);
    world.cloud.stop(gone, "Client.InstanceInitiatedShutdown");
    for (const id of [2, 3]) world.github.state.actions.cancel(world.github.state.actions.jobs.get(id)!);
    return [busy, idle, gone];
  };

  it.each([
    ["its group is that of others", "3"],
    ["its group has gone with it", "4"],
  ])("are looked after until they are gone, when %s", async (_, runnerGroupId) => {
    const [busy, idle, gone] = await leave();
    world.configure({ other: fleetSettings({ labels: ["gpu"], runnerGroupId }) });

    await world.sweeps(6);

    expect([machine(busy)?.state, machine(idle)?.state, machine(gone)?.state]).toEqual([
      "busy",
      "gone",
      "gone",
    ]);
    expect(world.cloud.machines.has(busy)).toBe(true);
    expect(world.recordOf(idle)).toBeUndefined();
    world.github.state.actions.complete(world.github.state.actions.jobs.get(1)!);
    await world.sweeps(12);
    expect(world.cloud.machines.size).toBe(0);
    expect(machine(busy)?.state).toBe("gone");
    expect((logger.error as jest.Mock).mock.calls).toEqual([]);
    expect(world.cloud.launches).toHaveLength(1);
  });

  it("are ended when nobody has written them down", async () => {
    await world.sweeps(1);
    world.configure({ other: fleetSettings({ labels: ["gpu"] }) });
    const id = "i-0123456789abcdef0";
    const launchedAt = new Date(world.time).toISOString();
    world.cloud.machines.set(id, { instanceId: id, launchId: "left behind", market: "spot", launchedAt });
    world.cloud.fleets.set(id, FLEET);

    await world.sweeps(5);

    expect(world.cloud.ended).toContain(id);
  });

  const listed = async (): Promise<string[]> =>
    (await world.sweepParts().fleetList.read()).map(({ fleet }) => fleet);

  it("are looked for until nothing has been left for a day, and again when an event comes", async () => {
    await world.sweeps(1);
    world.configure({ other: fleetSettings({ labels: ["gpu"] }) });
    await world.sweeps(1);
    expect(await listed()).toEqual([FLEET, "other"]);
    world.time += 24 * 60 * MINUTE;
    await world.sweeps(2);
    expect(await listed()).toEqual(["other"]);

    await world.sweepParts().fleetList.hear(FLEET, new Date(world.time).toISOString());

    expect(await listed()).toEqual([FLEET, "other"]);
    expect(await world.sweepParts().fleetList.read()).toContainEqual(
      expect.objectContaining({
        fleet: FLEET,
        known: { roleId: "AROAEXAMPLE", runnerGroupId: "3", runnerGroupName: "ephemeral" },
      }),
    );
  });

  it("cost a sweep no write once the fleets are known", async () => {
    await world.sweeps(2);
    const before = JSON.stringify(
      world.database.items(LEDGER_TABLE).filter(({ fleet }) => fleet === "#fleets"),
    );
    world.calls.length = 0;
    await world.sweeps(1);
    expect(
      JSON.stringify(world.database.items(LEDGER_TABLE).filter(({ fleet }) => fleet === "#fleets")),
    ).toBe(before);
  });
});
