import { logger } from "../../../functions/shared/logger";
import { reconcile } from "../../../functions/shared/reconcile";
import { FLEET, fleetSettings, START } from "../../support/fleet-world";
import { MINUTE, queued, worldWith } from "../../support/reconcile-world";

const POOL = { type: "m7i.large", subnetId: "subnet-a" };
const none = { count: 0, code: "InsufficientInstanceCapacity" };

beforeEach(() => jest.spyOn(logger, "error").mockReturnValue());
afterEach(() => jest.restoreAllMocks());

describe("reconcile, when there are no machines to be had", () => {
  it("waits, longer after each try, two minutes at the most, and not at all after a success", async () => {
    const { world, parts, run, lease } = await worldWith(1);
    world.cloud.capacity.set("spot", none).set("on-demand", none);
    const waits: number[] = [];

    for (let i = 0; i < 6; i++) {
      await run();
      const { notBefore } = await lease();
      waits.push((notBefore - world.time) / 1000);
      world.time = notBefore - 1;
      await run();
      world.time = notBefore;
    }
    expect(waits).toEqual([15, 30, 60, 120, 120, 120]);
    expect(world.cloud.launches).toHaveLength(12);
    world.cloud.capacity.clear();
    await run();
    expect(world.machineStates()).toEqual({ starting: 1 });
    expect(await lease()).toMatchObject({ setbacks: 0 });
    await parts.ledger.record(queued(1, 2));
    await run();

    expect(world.machineStates()).toEqual({ starting: 2 });
  });

  it("tries with one machine after a setback, and then with all", async () => {
    const { world, run } = await worldWith(5);
    world.cloud.capacity.set("spot", none).set("on-demand", none);
    await run();
    world.cloud.capacity.clear();
    world.cloud.launches.length = 0;

    world.time += 15_000;
    await run();

    expect(world.cloud.launches.map(({ count }) => count)).toEqual([1, 4]);
  });

  it("asks the other pools of the market once more before it goes on-demand", async () => {
    const { world, parts } = await worldWith(5);
    world.cloud.capacity.set("spot", { ...none, count: 2, pool: POOL });
    const elsewhere = { ...parts.provider };
    elsewhere.launch = async (launch) => {
      const answer = await parts.provider.launch(launch);
      world.cloud.capacity.clear();
      return answer;
    };

    await reconcile({ ...parts, provider: elsewhere }, FLEET, fleetSettings(), world.time + MINUTE);

    expect(world.cloud.launches).toMatchObject([
      { market: "spot", count: 5 },
      { market: "spot", count: 3 },
    ]);
    expect(world.cloud.launches.map(({ parameters }) => JSON.parse(parameters) as object)).toMatchObject([
      { without: [] },
      { without: [POOL] },
    ]);
    expect(world.machineStates()).toEqual({ starting: 5 });
  });

  it("asks no market a third time", async () => {
    const { world, run } = await worldWith(5);
    world.cloud.capacity.set("spot", { ...none, count: 2, pool: POOL });

    await run();

    expect(world.cloud.launches.map(({ market, count }) => `${count} ${market}`)).toEqual([
      "5 spot",
      "3 spot",
      "3 on-demand",
    ]);
  });

  it("goes on-demand at once when the error is not of some pools only", async () => {
    const { world, run } = await worldWith(1);
    world.cloud.capacity.set("spot", none);

    await run();

    expect(world.cloud.launches.map(({ market }) => market)).toEqual(["spot", "on-demand"]);
  });

  it("goes on-demand, and rings the alarm, when the account lacks the role for spot", async () => {
    const { world, run } = await worldWith(1);
    const code = "AuthFailure.ServiceLinkedRoleCreationNotPermitted";
    world.cloud.capacity.set("spot", { count: 0, code });

    await run();

    expect(world.machineStates()).toEqual({ starting: 1 });
    const alarm = expect.objectContaining({ code, market: "spot", Alarms: 1 }) as unknown;
    expect(logger.error).toHaveBeenCalledWith("launch refused", alarm);
  });

  it("rings the alarm for a mistake, tries no other market, and loses no job", async () => {
    const { world, parts, run, lease } = await worldWith(1);
    world.cloud.capacity.set("spot", { count: 0, code: "InvalidAMIID.NotFound" });

    await run();

    expect(world.cloud.launches).toHaveLength(1);
    const alarm = expect.objectContaining({ code: "InvalidAMIID.NotFound", Alarms: 1 }) as unknown;
    expect(logger.error).toHaveBeenCalledWith("launch refused", alarm);
    expect((await parts.ledger.read(FLEET)).waiting).toHaveLength(1);
    expect(await lease()).toMatchObject({ notBefore: START + MINUTE, setbacks: 1 });
  });
});

describe("reconcile, and the alarms for errors beside machines", () => {
  const beside = async (code: string, jobs = 10) => {
    const { world, parts, run } = await worldWith(0);
    const launch = parts.provider.launch;
    parts.provider.launch = async (one) => {
      const answer = await launch(one);
      return { ...answer, errors: [...answer.errors, { code, message: "beside", pool: POOL }] };
    };
    for (let job = 1; job <= jobs; job++) {
      await parts.ledger.record(queued(1, job));
      await run();
    }
    return world;
  };

  it.each(["InvalidFleetConfiguration", "VcpuLimitExceeded", "UnauthorizedOperation", "SomethingNew"])(
    "ring none for %s beside each of ten complete launches",
    async (code) => {
      const world = await beside(code);

      expect(world.machineStates()).toEqual({ starting: 10 });
      expect(logger.error).not.toHaveBeenCalled();
    },
  );

  it("ring none when the other market serves all that a quota of the first one refuses", async () => {
    const { world, run } = await worldWith(10);
    world.cloud.capacity.set("on-demand", { count: 0, code: "VcpuLimitExceeded" });

    await run(fleetSettings({ markets: ["on-demand", "spot"] }));

    expect(world.machineStates()).toEqual({ starting: 10 });
    expect(logger.error).not.toHaveBeenCalled();
  });

  it("ring once a round for a quota that keeps jobs waiting, with what to do", async () => {
    const { world, run } = await worldWith(10);
    world.cloud.capacity
      .set("spot", { count: 4, code: "MaxSpotInstanceCountExceeded" })
      .set("on-demand", { count: 0, code: "VcpuLimitExceeded" });

    await run();

    expect(world.machineStates()).toEqual({ starting: 4 });
    expect(logger.error).toHaveBeenCalledTimes(2);
    const alarm = expect.objectContaining({
      code: "MaxSpotInstanceCountExceeded",
      market: "spot",
      advice: expect.stringContaining("Service Quotas") as unknown,
    }) as unknown;
    expect(logger.error).toHaveBeenCalledWith("launch refused", alarm);
  });
});

describe("reconcile, when IAM refuses a launch", () => {
  const REFUSED = { count: 0, code: "UnauthorizedOperation" };

  it("reads the fleet's settings anew and tries again in 5 seconds, and rings for none that passes", async () => {
    const { world, run, lease } = await worldWith(3);
    world.cloud.capacity.set("spot", REFUSED);
    await run();
    expect(world.forgotten).toEqual([FLEET]);
    expect((await lease()).notBefore - world.time).toBe(5_000);
    world.cloud.capacity.clear();

    world.time += 5_000;
    await run();

    expect(world.machineStates()).toEqual({ starting: 3 });
    expect(logger.error).not.toHaveBeenCalled();
  });

  it("rings once it has lasted for 35 seconds, and names the prop that lets it through", async () => {
    const { world, run, lease } = await worldWith(1);
    world.cloud.capacity.set("spot", REFUSED);
    const start = world.time;
    while (jest.mocked(logger.error).mock.calls.length === 0 && world.time < start + MINUTE) {
      await run();
      const { notBefore } = await lease();
      if (jest.mocked(logger.error).mock.calls.length === 0) world.time = notBefore;
    }

    const advice = expect.stringMatching(/requireLaunchTemplate.*SECURITY\.md/) as unknown;
    const alarm = expect.objectContaining({ code: "UnauthorizedOperation", Alarms: 1, advice }) as unknown;
    expect(logger.error).toHaveBeenCalledWith("launch refused", alarm);
    expect(world.time - start).toBe(35_000);
  });
});

describe("reconcile, when the answer to a launch was lost", () => {
  it.each([
    ["took effect", true],
    ["did not", false],
  ])("finds its machines when it is woken, or makes the same launch again: it %s", async (_, made) => {
    const { world, run } = await worldWith(3);
    Object.assign(world.cloud.lost, { count: 1, made });

    await run();
    expect(world.machineStates()).toEqual({});
    expect(world.wakes).toEqual([{ fleet: FLEET, delaySeconds: 5.5 }]);
    world.time += 5500;
    await run();

    expect(world.machineStates()).toEqual({ starting: 3 });
    expect(world.cloud.machines.size).toBe(3);
    expect(new Set(world.cloud.launches.map(({ launchId }) => launchId)).size).toBe(1);
  });

  it("does not repeat it with every event before that", async () => {
    const { world, parts, run } = await worldWith(1);
    Object.assign(world.cloud.lost, { count: 1000, made: false });

    for (let job = 2; job <= 60; job++) {
      await run();
      await parts.ledger.record(queued(1, job));
      world.time += 200;
    }

    // At once, after 5 seconds, and not yet after 10 more.
    expect(world.cloud.launches).toHaveLength(2);
  });

  it("looks again and again while the machines do not show, and gives the launch up after two minutes", async () => {
    const { world, run, lease } = await worldWith(1);
    Object.assign(world.cloud.lost, { count: 1000, made: false });
    await run();

    for (let i = 0; i < 3; i++) {
      world.time = (await lease()).wakeAt;
      await run();
      expect((await lease()).launches).toHaveLength(1);
    }
    world.cloud.lost.count = 0;
    world.time = START + 2 * MINUTE;
    await run();

    expect((await lease()).launches).toEqual([]);
    expect(world.machineStates()).toEqual({ starting: 1 });
  });
});
