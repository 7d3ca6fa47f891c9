import { logger } from "../../../functions/shared/logger";
import { FLEET_ITEM, machineItem, type Lease } from "../../../functions/shared/ledger-items";
import { reconcile } from "../../../functions/shared/reconcile";
import { FLEET } from "../../support/fleet-world";
import { eachInSweepWorld, MINUTE, type SweepWorld } from "./sweep-world";

jest.setTimeout(60_000);

const POWERED_OFF = "Client.InstanceInitiatedShutdown";
const ALARM = "machines die before a job";
const LOG_GROUP = "/ephemeral-runners/runners/linux-x64";

/** As `functions/boot/aws.py` ships what `functions/boot/boot.sh` reports. */
const step = (name: string, status: number): string =>
  `bash: ${JSON.stringify({ message: "boot step", step: name, status, milliseconds: 12 })}`;
const SETUP_FAILED = [
  step("packages", 0),
  step("runner", 0),
  "bash: /opt/ephemeral-runner/setup.sh: line 3: no-such-command: command not found",
  step("setup", 127),
  step("registration", 143),
];

describe("machines that are lost before they take a job", () => {
  let world: SweepWorld;
  eachInSweepWorld((fresh) => (world = fresh));

  const launched = (): number => world.cloud.launches.reduce((sum, { count }) => sum + count, 0);
  const lease = (): Partial<Lease> => world.item<Partial<Lease>>(FLEET_ITEM) ?? {};
  const alarms = (): Record<string, unknown>[] =>
    jest
      .mocked(logger.error)
      .mock.calls.flatMap(([message, fields]) =>
        message === ALARM ? [fields as unknown as Record<string, unknown>] : [],
      );
  /** All machines that there are end so. */
  const stopAll = (reason: string): void => {
    for (const id of [...world.cloud.machines.keys()]) {
      world.cloud.stop(id, reason);
      if (reason === POWERED_OFF) world.logs.set(id, SETUP_FAILED);
    }
  };
  /** So many sweeps, two minutes apart; before each, all machines end. */
  const sweepsOfDeath = async (count: number, reason = POWERED_OFF): Promise<void> => {
    for (let i = 0; i < count; i++) {
      stopAll(reason);
      await world.sweeps(1);
    }
  };
  const newest = (): string => [...world.cloud.machines.keys()].at(-1) ?? "";
  /** Looks at the fleet, as each event does. */
  const look = (): Promise<void> => reconcile(world.sweepParts(), FLEET, world.fleet, world.time + MINUTE);

  it("for a line of setupCommands that fails: five jobs get at most 60 machines in the first hour, and few later", async () => {
    await world.launch(1, 2, 3, 4, 5);
    const first = launched();

    await sweepsOfDeath(30);
    const afterAnHour = launched() - first;
    await sweepsOfDeath(30);

    expect(first).toBe(5);
    expect(afterAnHour).toBeLessThanOrEqual(60);
    expect(launched() - first - afterAnHour).toBeLessThanOrEqual(12);
    expect(launched() - first - afterAnHour).toBeGreaterThan(5);
  });

  it("are followed by one machine, whose fate is awaited, and by pauses that grow", async () => {
    await world.launch(1, 2, 3, 4, 5);
    await sweepsOfDeath(1);
    expect(world.cloud.machines.size).toBe(1);

    await look();
    await look();
    expect(world.cloud.machines.size).toBe(1);

    const pauses: number[] = [];
    for (let round = 0; round < 7; round++) {
      stopAll(POWERED_OFF);
      await world.sweeps(1);
      pauses.push(Math.max(0, (lease().losses?.notBefore ?? 0) - world.time));
      expect(world.cloud.machines.size).toBe(0);
      world.time += pauses.at(-1)!;
      await look();
      expect(world.cloud.machines.size).toBe(1);
    }
    expect(pauses).toEqual([15_000, 30_000, MINUTE, 2 * MINUTE, 5 * MINUTE, 5 * MINUTE, 5 * MINUTE]);
  });

  it("have somebody look again when a pause ends", async () => {
    await world.launch(1);
    await sweepsOfDeath(2);

    expect(world.wakes.at(-1)).toEqual({ fleet: FLEET, delaySeconds: 15.5 });
  });

  it("are told of after three in a row: EC2's reason, the boot step that failed, where its log is, and what to do", async () => {
    await world.launch(1);
    await sweepsOfDeath(2);
    expect(alarms()).toEqual([]);
    world.time += MINUTE;
    await look();
    const third = newest();

    await sweepsOfDeath(1);

    expect(alarms()).toHaveLength(1);
    const [told] = alarms();
    expect(told).toMatchObject({ fleet: FLEET, inARow: 3, Alarms: 1 });
    expect((told?.machines as unknown[]).at(-1)).toEqual({
      instanceId: third,
      reason: `${POWERED_OFF}: the instance was shut down from its operating system`,
      failedStep: '"setup"',
      status: 127,
      lastStep: '"runner"',
      log: { group: LOG_GROUP, stream: third },
    });
    expect(told?.advice).toMatch(/setup runs your setupCommands/);
  });

  it("are told of once an hour, and not at each sweep", async () => {
    await world.launch(1, 2, 3, 4, 5);

    await sweepsOfDeath(29);
    expect(alarms()).toHaveLength(1);
    await sweepsOfDeath(15);

    expect(alarms()).toHaveLength(2);
  });

  it("are told of when others of their launch can still take a job only once those are lost, too", async () => {
    const ids = await world.launch(1, 2, 3, 4, 5);
    for (const id of ids.slice(0, 3)) world.cloud.stop(id, POWERED_OFF);
    await world.sweeps(1);
    expect(alarms()).toEqual([]);
    expect(world.cloud.machines.size).toBe(2);

    await sweepsOfDeath(1);

    expect(alarms()).toHaveLength(1);
    expect(alarms()[0]).toMatchObject({ inARow: 5 });
  });

  it("show a machine's text as a stranger's: in quotes, cut, without control characters", async () => {
    await world.launch(1, 2, 3);
    const hostile = 'setup\u001b[2J\r\n{"level":"INFO"}\u202e\u2028"'.padEnd(500, "x");
    for (const id of world.cloud.machines.keys()) {
      world.cloud.stop(id, POWERED_OFF);
      world.logs.set(id, [
        "bash: not json",
        'bash: {"message":"boot step","step":{"a":1},"status":1}',
        step("setup", 1.5),
        step(hostile, 1),
      ]);
    }

    await world.sweeps(1);

    const [machine] = (alarms()[0]?.machines ?? []) as { failedStep: string; status: number }[];
    expect(machine?.status).toBe(1);
    expect(machine?.failedStep).toMatch(/^".*…"$/);
    expect(machine?.failedStep.length).toBeLessThan(80);
    expect(machine?.failedStep).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u);
    expect(JSON.parse(machine?.failedStep ?? "")).toMatch(/^setup \[2J \{"level":"INFO"\} "x+…$/);
  });

  it.each([
    ["there is no stream", undefined],
    ["it cannot be read", new Error("AccessDeniedException")],
  ])("are told of when %s", async (_, refused) => {
    world.logsRefused = refused;
    await world.launch(1, 2, 3);

    await sweepsOfDeath(1, "Client.VolumeLimitExceeded");

    expect(alarms()[0]).toMatchObject({
      advice: expect.stringMatching(/quota of EBS storage/) as string,
      machines: Array.from({ length: 3 }, () => ({
        reason:
          "Client.VolumeLimitExceeded: the limit on the number of EBS volumes or total storage was exceeded",
        log: expect.stringMatching(/^It wrote none/) as string,
      })),
    });
  });

  it("are forgotten when a machine takes a job: all that wait are launched for", async () => {
    await world.launch(1, 2, 3, 4, 5);
    await sweepsOfDeath(1);
    const probe = newest();

    await world.start(probe, world.github.state.actions.jobs.get(1)!);
    await look();

    expect(lease().losses).toBeUndefined();
    expect(world.cloud.machines.size).toBe(5);
  });

  it("are forgotten when a machine takes a job and only the sweep hears of it", async () => {
    await world.launch(1, 2, 3);
    await sweepsOfDeath(1);
    const probe = newest();
    await world.start(probe, world.github.state.actions.jobs.get(1)!, false);

    await world.sweeps(2);

    expect(lease().losses).toBeUndefined();
    expect(world.cloud.machines.size).toBeGreaterThan(2);
  });

  it("are not forgotten for a machine that was launched before them", async () => {
    const [old = ""] = await world.launch(1);
    world.time += MINUTE;
    await world.launch(2, 3, 4);
    for (const id of [...world.cloud.machines.keys()].slice(1)) world.cloud.stop(id, POWERED_OFF);
    await world.sweeps(1);

    await world.start(old, world.github.state.actions.jobs.get(1)!);
    await look();

    expect(lease().losses?.count).toBe(3);
  });

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

  it("are replaced by one machine, and nobody is told, while GitHub does not say whether they had a job", async () => {
    const ids = await world.launch(1, 2, 3, 4);
    for (const id of ids) world.cloud.stop(id, POWERED_OFF);
    const route = "DELETE /orgs/{org}/actions/runners/{runner_id}";
    world.github.inject({ route, status: 502 });

    await world.sweeps(1);

    expect(world.machineStates()).toEqual({ gone: 4, starting: 1 });
    expect(lease().losses).toMatchObject({ count: 0, rounds: 1 });
    expect(alarms()).toEqual([]);
  });

  it("are those, too, that do not come up until the sweep ends them", async () => {
    const ids = await world.launch(1, 2, 3);
    world.time += 11 * MINUTE;

    await world.sweep();

    expect(ids.map((id) => world.stateOf(id))).toEqual(["ending", "ending", "ending"]);
    expect(lease().losses?.count).toBe(3);
    expect(alarms()[0]?.advice).toMatch(/setupCommands takes so long/);
  });

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

  describe("on spot", () => {
    const marketsOf = (from: number): string[] =>
      world.cloud.launches.slice(from).map(({ market, count }) => `${count} ${market}`);

    it.each([
      "Client.InternalError",
      "Client.VolumeLimitExceeded",
      "Client.InvalidSnapshot.NotFound",
      "Server.InternalError",
      "Server.InsufficientInstanceCapacity",
    ])("by EC2, at the launch (%s), have the next round try on-demand", async (reason) => {
      await world.launch(1, 2, 3);
      const before = world.cloud.launches.length;

      await sweepsOfDeath(1, reason);

      expect(marketsOf(before)).toEqual(["1 on-demand"]);
    });

    it.each([
      ["the machine itself", POWERED_OFF],
      ["us or others, by the API", "Client.UserInitiatedShutdown"],
      ["a true interruption", "Server.SpotInstanceTermination"],
    ])("by %s have the next round try spot as before", async (_, reason) => {
      await world.launch(1, 2, 3);
      const before = world.cloud.launches.length;

      await sweepsOfDeath(1, reason);

      expect(marketsOf(before)).toEqual(["1 spot"]);
      expect(lease().losses?.count).toBe(3);
    });

    it("are no machine of on-demand that ended so", async () => {
      world.fleet = { ...world.fleet, markets: ["on-demand", "spot"] };
      await world.launch(1, 2, 3);

      await sweepsOfDeath(1, "Client.InternalError");

      expect([lease().losses?.count, lease().spotLosses]).toEqual([3, undefined]);
    });

    it("of a fleet with no other market go on being tried, with pauses", async () => {
      world.fleet = { ...world.fleet, markets: ["spot"] };
      await world.launch(1, 2, 3);

      await sweepsOfDeath(30, "Client.InternalError");

      expect(new Set(world.cloud.launches.map(({ market }) => market))).toEqual(new Set(["spot"]));
      expect(launched()).toBeLessThan(25);
      expect(launched()).toBeGreaterThan(8);
    });

    it("leave on-demand to all the jobs once it serves, and try spot again with one machine", async () => {
      await world.launch(1, 2, 3);
      await sweepsOfDeath(1, "Client.InternalError");
      await world.start(newest(), world.github.state.actions.jobs.get(1)!);
      const before = world.cloud.launches.length;

      await look();
      expect(marketsOf(before)).toEqual(["2 on-demand"]);
      expect(lease().losses).toBeUndefined();
      for (const [at, id] of [...world.cloud.machines.keys()].slice(1).entries())
        await world.start(id, world.github.state.actions.jobs.get(at + 2)!);
      world.time += 6 * MINUTE;
      await world.launch(4, 5, 6);

      expect(marketsOf(before + 1)).toEqual(["1 spot", "2 on-demand"]);
      const spot = [...world.cloud.machines.values()].find(({ market }) => market === "spot");
      await world.start(spot?.instanceId ?? "", world.github.state.actions.jobs.get(4)!);
      const last = world.cloud.launches.length;
      await world.launch(7, 8);
      expect(marketsOf(last)).toEqual(["2 spot"]);
      expect(lease().spotLosses).toBeUndefined();
    });

    it("are told of although on-demand serves the jobs", async () => {
      await world.launch(1, 2, 3);

      await sweepsOfDeath(1, "Client.InternalError");

      expect(alarms()[0]).toMatchObject({
        inARow: 3,
        advice: expect.stringMatching(/AWSServiceRoleForEC2Spot/) as string,
      });
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
