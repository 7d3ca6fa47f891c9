import { LimitedError } from "../../../functions/shared/github-access";
import { machineItem } from "../../../functions/shared/ledger-items";
import { FLEET } from "../../support/fleet-world";
import { lossesIn, POWERED_OFF, step } from "./losses-world";
import { eachInSweepWorld, MINUTE, type SweepWorld } from "./sweep-world";

jest.setTimeout(60_000);

describe("machines that are lost before they take a job", () => {
  let world: SweepWorld;
  eachInSweepWorld((fresh) => (world = fresh));
  const { lease, alarms, sweepsOfDeath, newest } = lossesIn(() => world);

  it("do not count when another machine of their launch took a job", async () => {
    const [lost = "", busy = ""] = await world.launch(1, 2);
    await world.start(busy, world.github.state.actions.jobs.get(2)!);
    world.cloud.stop(lost, POWERED_OFF);

    await world.sweeps(1);

    expect(lease().losses).toBeUndefined();
    expect(world.cloud.machines.size).toBe(2);
  });

  it.each([
    ["started", false],
    ["ended", true],
  ])("are no machine whose job %s without a word: GitHub is asked first", async (_, ended) => {
    const { actions } = world.github.state;
    for (const id of [1, 2, 3, 4]) {
      const [machine = ""] = await world.launch(id);
      const job = actions.jobs.get(id)!;
      await world.start(machine, job, false);
      if (ended) actions.complete(job, "success");
      world.time += MINUTE;
      world.cloud.stop(machine, POWERED_OFF);
      await world.sweep();
    }

    expect(lease().losses).toBeUndefined();
    expect(alarms()).toEqual([]);
  });

  it("are no machine that took a job of which the ledger knows nothing: its record went with it", async () => {
    const [lost = ""] = await world.launch(1);
    world.cloud.stop(lost, POWERED_OFF);
    await world.sweeps(1);
    expect(lease().losses?.count).toBe(1);
    const probe = newest();
    const strangers = world.job(99);
    await world.start(probe, strangers, false);
    world.github.state.actions.complete(strangers, "success");
    world.cloud.stop(probe, POWERED_OFF);

    await world.sweeps(1);

    expect(world.stateOf(probe)).toBe("gone");
    expect(lease().losses).toBeUndefined();
  });

  it("are no machine that died at work, and left its record behind", async () => {
    const [id = ""] = await world.launch(1);
    const job = world.github.state.actions.jobs.get(1)!;
    await world.start(id, job, false);
    const runner = world.recordOf(id)!;
    world.cloud.stop(id, "Server.SpotInstanceTermination");
    world.github.state.actions.complete(job, "failure");
    if (!world.recordOf(id)) world.records().push(runner);
    Object.assign(runner, { status: "offline", busy: false });

    await world.sweeps(1);

    expect(world.stateOf(id)).toBe("gone");
    expect(lease().losses).toBeUndefined();
  });

  it("are not over for a machine whose record we removed ourselves, after a notice", async () => {
    await world.launch(1);
    await sweepsOfDeath(1);
    const probe = newest();
    const interruptedAt = new Date(world.time).toISOString();
    await world.sweepParts().ledger.note(FLEET, machineItem(probe), { interruptedAt });
    world.records().splice(0);
    world.cloud.stop(probe, "Server.SpotInstanceTermination");

    await world.sweeps(1);

    expect(lease().losses?.count).toBe(1);
  });

  it("are no machine that came up between two sweeps and took no job", async () => {
    const [id = ""] = await world.launch(1);
    world.online(id);
    world.cloud.stop(id, "Server.SpotInstanceTermination");

    await world.sweeps(1);

    expect([world.stateOf(id), lease().losses]).toEqual(["gone", undefined]);
  });

  it("are no machine whose registration came too late", async () => {
    world.troubled = true;
    world.replaced.registrar = world.parts().registrar;
    const [id = ""] = await world.launch(1);
    expect(world.stateOf(id)).toBe("launching");
    world.time += 6 * MINUTE;
    world.cloud.stop(id, POWERED_OFF);

    await world.sweep();

    expect(lease().losses).toBeUndefined();
  });

  it("are those, too, that do not come up until the sweep ends them", async () => {
    const ids = await world.launch(1, 2, 3);
    world.time += 11 * MINUTE;

    await world.sweep();

    expect(ids.map((id) => world.stateOf(id))).toEqual(["ending", "ending", "ending"]);
    expect(lease().losses?.count).toBe(3);
    expect(alarms()[0]?.advice).toMatch(/setupCommands takes so long/);
  });

  it.each([POWERED_OFF, "Client.InternalError"])(
    "are those, too, whose record is gone since a sweep got no further: %s",
    async (reason) => {
      await world.launch(1);
      world.replaced.ledger = {
        ...world.sweepParts().ledger,
        dropRegistration: () => Promise.reject(new Error("throttled")),
      };
      await sweepsOfDeath(1, reason);
      expect(world.records()).toEqual([]);
      delete world.replaced.ledger;

      await world.sweeps(1);

      expect(lease().losses?.count).toBe(1);
    },
  );

  it.each([POWERED_OFF, "Client.InternalError"])(
    "are told of though GitHub cannot be asked about them, and their records go later: %s",
    async (reason) => {
      const { access } = world.sweepParts();
      const ids = await world.launch(1, 2, 3);
      const recorded = () => ids.filter((id) => world.recordOf(id));
      world.replaced.access = { ...access, call: () => Promise.reject(new LimitedError("app", world.time)) };

      await sweepsOfDeath(1, reason);

      expect([lease().losses?.count, alarms().length]).toEqual([3, 1]);
      expect(recorded()).toEqual(ids);
      delete world.replaced.access;

      await world.sweeps(1);

      expect(recorded()).toEqual([]);
    },
  );

  describe("in token mode, where a machine makes its record late", () => {
    beforeEach(() => world.set({ registration: "token" }));

    it("are those whose boot failed", async () => {
      await world.launch(1, 2, 3);

      await sweepsOfDeath(1);

      expect(lease().losses?.count).toBe(3);
    });

    it("are no machine that booted to the end and has no record: it had a job", async () => {
      const [id = ""] = await world.launch(1);
      world.cloud.stop(id, POWERED_OFF);
      world.logs.set(id, [step("register", 0), step("idle-limit", 0)]);

      await world.sweeps(1);

      expect([world.stateOf(id), lease().losses]).toEqual(["gone", undefined]);
    });
  });

  it("leave the ledger as it was when GitHub still takes the machine for busy", async () => {
    const [id = ""] = await world.launch(1);
    await world.start(id, world.github.state.actions.jobs.get(1)!, false);
    world.github.state.runnersOf("orgs/acme")[0]!.status = "offline";
    world.cloud.stop(id, POWERED_OFF);

    await world.sweeps(1);

    expect(lease().losses).toBeUndefined();
    expect(world.item(machineItem(id))).toMatchObject({ state: "gone" });
  });
});
