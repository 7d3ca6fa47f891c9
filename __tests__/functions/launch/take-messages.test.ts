import { CreateFleetCommand, DescribeSubnetsCommand } from "@aws-sdk/client-ec2";
import { setTimeout as pause } from "node:timers/promises";
import { logger } from "../../../functions/shared/logger";
import { takeMessages } from "../../../functions/launch/take-messages";
import { event, FLEET, fleetSettings, HANDOFF_TABLE, LEDGER_TABLE, START } from "../../support/fleet-world";
import { launchWorld, recordOf, type LaunchWorld, type LaunchWorldOptions } from "../../support/launch-world";

let world: LaunchWorld;
const make = async (options?: LaunchWorldOptions) => (world = await launchWorld(options));
/** Seconds. */
const sinceStart = () => Math.floor((Date.now() - START) / 1000);
const soon = () => Date.now() + 60_000;
const queued = (count: number, from = 1) =>
  Array.from({ length: count }, (_, i) => recordOf(event("queued", from + i, sinceStart())));
const count = (calls: readonly string[]) => {
  const counts: Record<string, number> = {};
  for (const call of calls) counts[call] = (counts[call] ?? 0) + 1;
  return counts;
};
const woken = (wake: string) => ({ messageId: `wake ${wake}`, body: JSON.stringify({ wake }) });
const throttle = () => new Error("ProvisionedThroughputExceededException");
const jit = "POST /orgs/{org}/actions/runners/generate-jitconfig";

beforeEach(() => {
  jest.spyOn(logger, "info").mockReturnValue();
  jest.spyOn(logger, "error").mockReturnValue();
});
afterEach(async () => {
  jest.restoreAllMocks();
  await world.server.stop();
});

describe("the launch function", () => {
  it("takes 10 calls for a job in a new sandbox, and 7 later", async () => {
    await make();
    const parts = world.sandbox();

    await takeMessages(parts, queued(1), soon());
    expect(count(world.allCalls())).toEqual({
      GetParameters: 1,
      UpdateItem: 3, // the job; the lease with the launch; the permit
      BatchGetItem: 1, // the permits
      Query: 1,
      DescribeSubnets: 1, // beside the others
      CreateFleet: 1,
      [jit]: 1,
      TransactWriteItems: 1, // machine, registration, and the lease let go
    });
    world.forget();
    await takeMessages(parts, queued(1, 2), soon());

    expect(world.allCalls()).toHaveLength(7);
  });

  it("hands over the runner's version, read in the one call for all that it reads", async () => {
    const sha256 = { x64: "a".repeat(64), arm64: "b".repeat(64) };
    await make({
      fleets: { [FLEET]: fleetSettings({ architecture: "x64" }) },
      release: JSON.stringify({ version: "2.339.0", sha256 }),
    });

    await takeMessages(world.sandbox(), queued(1), soon());

    expect(world.calls.filter((call) => call === "GetParameters")).toHaveLength(1);
    expect(world.database.items(HANDOFF_TABLE)).toMatchObject([
      {
        runner: expect.stringMatching(
          /v2\.339\.0\/actions-runner-linux-x64-2\.339\.0\.tar\.gz a{64}$/,
        ) as string,
      },
    ]);
  });

  it.each([
    ["is not filled yet", "unset"],
    [
      "is older than the package's own, which was updated",
      JSON.stringify({ version: "2.337.9", sha256: { x64: "a".repeat(64), arm64: "b".repeat(64) } }),
    ],
    ["holds no checksums", '{"version":"2.339.0"}'],
  ])("leaves the runner's version to the user data where the parameter %s", async (_what, release) => {
    await make({ fleets: { [FLEET]: fleetSettings({ architecture: "x64" }) }, release });

    await takeMessages(world.sandbox(), queued(1), soon());

    const [item] = world.database.items(HANDOFF_TABLE);
    expect(item).toHaveProperty("environment");
    expect(item).not.toHaveProperty("runner");
  });

  it("takes 19 calls for ten jobs in a new sandbox, of which 10 are registrations, and 16 later", async () => {
    await make();
    const parts = world.sandbox();

    await takeMessages(parts, queued(10), soon());
    expect(count(world.allCalls())).toEqual({
      GetParameters: 1,
      TransactWriteItems: 2, // the jobs; the machines
      Query: 1,
      UpdateItem: 2, // the lease with the launch; the permits
      BatchGetItem: 1,
      DescribeSubnets: 1,
      CreateFleet: 1,
      [jit]: 10,
    });
    world.forget();
    await takeMessages(parts, queued(10, 20), soon());

    expect(world.allCalls()).toHaveLength(16);
  });

  it("asks the ledger side by side for what does not depend on each other", async () => {
    await make();
    const steps: string[][] = [];
    let underWay = 0;
    const parts = world.sandbox(async (call, run) => {
      if (underWay++ === 0) steps.push([]);
      steps.at(-1)?.push(call);
      await pause(20);
      underWay--;
      return run();
    });

    await takeMessages(parts, queued(1), soon());

    expect(steps).toEqual([
      ["BatchGetItem", "UpdateItem"], // the permits; the job
      ["Query"],
      ["UpdateItem", "UpdateItem"], // the lease with the launch; the permit
      ["TransactWriteItems"],
    ]);
  });

  it("has everything else done when a slow EC2 tells the zones of subnets, and asks it no more", async () => {
    await make();
    const parts = world.sandbox();
    let tell: (answer: object) => void = () => undefined;
    world.ec2.on(DescribeSubnetsCommand).callsFake(() => new Promise((resolve) => (tell = resolve)));

    const done = takeMessages(parts, queued(1), soon());
    await pause(50);
    expect(count(world.allCalls())).toEqual({ GetParameters: 1, BatchGetItem: 1, UpdateItem: 1, Query: 1 });
    tell({ Subnets: [] });
    await done;

    expect(count(world.allCalls())).toMatchObject({ CreateFleet: 1, [jit]: 1 });
    world.ec2.resetHistory();
    await takeMessages(parts, queued(1, 2), soon());
    expect(world.ec2.commandCalls(DescribeSubnetsCommand)).toEqual([]);
    expect(world.ec2.commandCalls(CreateFleetCommand)).toHaveLength(1);
  });

  it("takes 2 calls for an event that changes nothing, and 3 for one that frees a machine", async () => {
    await make();
    const parts = world.sandbox();
    await takeMessages(parts, queued(1), soon());
    world.forget();

    await takeMessages(parts, queued(1), soon());
    expect(world.allCalls()).toEqual(["UpdateItem", "Query"]);
    world.forget();
    const runnerName = `runners_${FLEET}_i-00000000000000001`;
    await takeMessages(parts, [recordOf(event("completed", 1, 2, { runnerName }))], soon());

    expect(world.allCalls().length).toBeLessThanOrEqual(3);
  });

  it("launches for ten jobs in less than a second when every call takes 50 ms more", async () => {
    await make({ latency: 50 });
    const begun = Date.now();

    await takeMessages(world.sandbox(), queued(10), soon());

    expect(Date.now() - begun).toBeLessThan(1000);
    expect(world.database.items(HANDOFF_TABLE)).toHaveLength(10);
  });

  it("returns only the messages that are not written down", async () => {
    await make();
    const bad = [
      { messageId: "not JSON", body: "{" },
      recordOf({ ...event("queued", 1, 1), action: "deleted" as never }, "no such action"),
      recordOf({ ...event("queued", 1, 1), jobId: undefined }, "no job"),
      recordOf(event("queued", 8, 1, { fleet: "#sweep" }), "no fleet"),
      recordOf(event("queued", 9, 1, { labels: [7] as never }), "no labels"),
    ];

    const { batchItemFailures } = await takeMessages(world.sandbox(), [...bad, ...queued(1)], soon());

    expect(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)).toEqual([
      "not JSON",
      "no such action",
      "no job",
      "no fleet",
      "no labels",
    ]);
    expect(world.database.items(HANDOFF_TABLE)).toHaveLength(1);
  });

  it("takes the event of a machine whose fleet is gone, and the others beside it", async () => {
    await make();
    const late = event("completed", 9, sinceStart(), { runnerName: "runners_renamed_i-00000000000000009" });

    const answer = await takeMessages(world.sandbox(), [recordOf(late), ...queued(1)], soon());

    expect(answer.batchItemFailures).toEqual([]);
    expect(world.database.items(HANDOFF_TABLE)).toHaveLength(1);
  });

  it("lets a message go that is written down, even if the launch fails, and rings the alarm", async () => {
    await make();
    world.parameters["/runners/token"] = "unset";
    jest.spyOn(world.server.state, "mintInstallationToken").mockReturnValue({ token: "", expiresAt: "" });

    const answer = await takeMessages(world.sandbox(), queued(1), soon());

    expect(answer.batchItemFailures).toEqual([]);
    expect(world.database.items(LEDGER_TABLE)).toMatchObject([{ item: "job#1", state: "waiting" }]);
    expect(world.allCalls()).not.toContain("CreateFleet");
    expect(logger.error).toHaveBeenCalledWith(
      "reconcile failed",
      expect.objectContaining({ fleet: FLEET, Alarms: 1 }),
    );
  });

  it("has a token made when there is none yet", async () => {
    await make();
    world.parameters["/runners/token"] = "unset";

    await takeMessages(world.sandbox(), queued(1), soon());

    expect(world.calls).toContain("Invoke");
    expect(world.database.items(HANDOFF_TABLE)).toHaveLength(1);
  });

  it("launches one machine for a job that comes twice", async () => {
    await make();
    const [job] = queued(1);
    const parts = world.sandbox();

    await takeMessages(parts, [job!, { ...job!, messageId: "again" }], soon());
    await takeMessages(parts, [job!], soon());

    expect(world.database.items(HANDOFF_TABLE)).toHaveLength(1);
  });

  it("writes an event down whose fleet's settings cannot be read, and has somebody look again", async () => {
    await make();
    const { fleetSettings, ...rest } = world.sandbox();
    const load = () => Promise.reject(new Error("throttled"));

    const answer = await takeMessages(
      { ...rest, fleetSettings: { ...fleetSettings, load } },
      queued(1),
      soon(),
    );

    expect(answer.batchItemFailures).toEqual([]);
    expect(world.wakes).toEqual([{ fleet: FLEET, delaySeconds: 10 }]);
    const wake = { messageId: "wake", body: JSON.stringify({ wake: FLEET }) };
    await takeMessages({ ...rest, fleetSettings }, [wake], soon());
    expect(world.database.items(HANDOFF_TABLE)).toHaveLength(1);
  });

  it("asks for no other look when it was woken and still cannot read the settings", async () => {
    await make();
    const { fleetSettings, ...rest } = world.sandbox();
    const load = () => Promise.reject(new Error("throttled"));
    const wake = { messageId: "wake", body: JSON.stringify({ wake: FLEET }) };

    await takeMessages({ ...rest, fleetSettings: { ...fleetSettings, load } }, [wake], soon());

    expect(world.wakes).toEqual([]);
  });

  it("logs the job and the delivery of each event, and no secret", async () => {
    await make();
    const info = jest.mocked(logger.info);

    await takeMessages(world.sandbox(), queued(1), soon());

    expect(info).toHaveBeenCalledWith(
      "event recorded",
      expect.objectContaining({
        jobId: 1,
        delivery: expect.stringMatching(/^delivery-1-queued-\d+$/) as string,
        outcome: "moved",
      }),
    );
    const [{ environment }] = world.database.items(HANDOFF_TABLE) as [{ environment: string }];
    expect(JSON.stringify(info.mock.calls)).not.toContain(environment.split("=", 2)[1]);
  });

  it("sees to a fleet when it is woken", async () => {
    await make();
    const parts = world.sandbox();
    await parts.ledger.record([event("queued", 1, sinceStart())]);

    const answer = await takeMessages(parts, [woken(FLEET)], soon());

    expect(answer.batchItemFailures).toEqual([]);
    expect(world.database.items(HANDOFF_TABLE)).toHaveLength(1);
  });

  it.each([
    ["a fleet that is gone", "gone"],
    ["no fleet", ""],
  ])("never returns a wake-up, not that of %s", async (_, fleet) => {
    await make();

    expect((await takeMessages(world.sandbox(), [woken(fleet)], soon())).batchItemFailures).toEqual([]);

    expect(world.calls).toEqual([]);
  });

  it("never returns a job that only waits: for a place, for a permit, for capacity", async () => {
    await make({ fleets: { [FLEET]: fleetSettings({ maximumMachines: 1 }) } });
    world.ec2.on(CreateFleetCommand).resolves({
      $metadata: {},
      Instances: [],
      Errors: [{ ErrorCode: "InsufficientInstanceCapacity", ErrorMessage: "none" }],
    });
    const parts = world.sandbox();

    for (let tries = 0; tries < 3; tries++) {
      expect((await takeMessages(parts, queued(3), soon())).batchItemFailures).toEqual([]);
    }
    await parts.permits.postpone("app", soon());
    expect((await takeMessages(parts, queued(1, 9), soon())).batchItemFailures).toEqual([]);

    expect(world.wakes).toEqual([{ fleet: FLEET, delaySeconds: expect.closeTo(15.5, 1) as number }]);
    expect((await parts.ledger.read(FLEET)).waiting).toHaveLength(4);
  });

  it("returns only the message whose write was throttled", async () => {
    await make();
    // Of the transaction of the whole batch, and of the first job by itself.
    const toFail = new Set(["TransactWriteItems", "UpdateItem"]);
    const throttled = world.sandbox((call, run) =>
      toFail.delete(call) ? Promise.reject(throttle()) : world.counted(call, run),
    );

    const { batchItemFailures } = await takeMessages(throttled, queued(3), soon());

    expect(batchItemFailures).toEqual([{ itemIdentifier: "1" }]);
    expect(world.database.items(HANDOFF_TABLE)).toHaveLength(2);
  });

  it("rings the alarm, and returns nothing, when it cannot see to a fleet", async () => {
    await make();
    const parts = world.sandbox((call, run) =>
      call === "Query" ? Promise.reject(throttle()) : world.counted(call, run),
    );

    const answer = await takeMessages(parts, queued(1), soon());

    expect(answer.batchItemFailures).toEqual([]);
    const alarm = expect.objectContaining({ fleet: FLEET, Alarms: 1 }) as unknown;
    expect(logger.error).toHaveBeenCalledWith("reconcile failed", alarm);
  });

  it("launches in the other fleets when the launch of one fails", async () => {
    const other = fleetSettings({ launchTemplateId: "lt-other" });
    await make({ fleets: { [FLEET]: fleetSettings(), other } });
    world.ec2
      .on(CreateFleetCommand, { TargetCapacitySpecification: { TotalTargetCapacity: 2 } }, false)
      .rejects(new Error("broken"));
    const jobs = [...queued(2), recordOf(event("queued", 9, sinceStart(), { fleet: "other" }))];

    const answer = await takeMessages(world.sandbox(), jobs, soon());

    expect(answer.batchItemFailures).toEqual([]);
    expect(world.database.items(HANDOFF_TABLE)).toHaveLength(1);
  });

  it("registers in token mode without a call to GitHub", async () => {
    await make({ mode: "token" });

    await takeMessages(world.sandbox(), queued(2), soon());

    expect(world.server.requests).toEqual([]);
    expect(world.database.items(HANDOFF_TABLE)).toHaveLength(2);
  });
});

describe("the launch function, with several subnets in a zone", () => {
  const subnetIds = ["subnet-a", "subnet-b", "subnet-a2"];
  const zones = new Map([
    ["subnet-a", "zone a"],
    ["subnet-b", "zone b"],
    ["subnet-a2", "zone a"],
  ]);
  const fleets = { [FLEET]: fleetSettings({ subnetIds, maximumMachines: 1000 }) };
  const subnetsAsked = () =>
    world.ec2
      .commandCalls(CreateFleetCommand)
      .map(({ args: [{ input }] }) => [
        ...new Set(input.LaunchTemplateConfigs?.[0]?.Overrides?.map(({ SubnetId = "" }) => SubnetId)),
      ]);
  const launched = () => world.database.items(HANDOFF_TABLE).length;

  it("names one of each zone in a launch, and the others by turns", async () => {
    await make({ fleets, zones });
    const parts = world.sandbox();

    for (let job = 1; job <= 30; job++) await takeMessages(parts, queued(1, job), soon());

    expect(launched()).toBe(30);
    const asked = subnetsAsked();
    expect(asked).toHaveLength(30);
    expect(asked.every((some) => some.length === 2 && some.includes("subnet-b"))).toBe(true);
    expect(new Set(asked.flat())).toEqual(new Set(subnetIds));
    expect(logger.error).not.toHaveBeenCalled();
  });

  it("has another stand in for one without addresses, at once and in the same market", async () => {
    await make({ fleets, zones });
    const parts = world.sandbox();
    const launch = parts.provider.launch.bind(parts.provider);
    const markets: string[] = [];
    parts.provider.launch = async (one) => {
      markets.push(one.market);
      if (markets.length > 1) return launch(one);
      const { Overrides } = (
        JSON.parse(one.parameters) as { LaunchTemplateConfigs: [{ Overrides: { SubnetId: string }[] }] }
      ).LaunchTemplateConfigs[0];
      const errors = Overrides.map(({ SubnetId: subnetId }) => ({
        code: "InsufficientFreeAddressesInSubnet",
        message: "full",
        pool: { type: "m7i.large", subnetId },
      }));
      full = errors.map(({ pool }) => pool.subnetId);
      return { answered: true, machines: [], errors };
    };
    let full: string[] = [];

    await takeMessages(parts, queued(1), soon());

    expect(markets).toEqual(["spot", "spot"]);
    expect(subnetsAsked()).toEqual([subnetIds.filter((subnetId) => !full.includes(subnetId))]);
    expect(launched()).toBe(1);
  });

  it("launches all the same when EC2 does not tell the zones", async () => {
    await make({ fleets, zones });
    world.ec2.on(DescribeSubnetsCommand).rejects(new Error("not authorized"));
    jest.spyOn(logger, "warn").mockReturnValue();

    await takeMessages(world.sandbox(), queued(3), soon());

    expect(launched()).toBe(3);
    expect(subnetsAsked()).toEqual([subnetIds, ["subnet-a"]]);
    expect(logger.warn).toHaveBeenCalledWith("zones of subnets not read", expect.anything());
    expect(logger.error).not.toHaveBeenCalled();
  });

  it("finds the zones out after a refusal, when it did not know them before", async () => {
    await make({ fleets, zones });
    const parts = world.sandbox();
    const { ready } = parts.provider;
    parts.provider.ready = () => Promise.resolve();

    await takeMessages(parts, queued(3), soon());
    await ready(fleetSettings({ subnetIds }));

    expect(launched()).toBe(3);
    expect(subnetsAsked()).toEqual([subnetIds, ["subnet-a", "subnet-b"]]);
    expect(world.ec2.commandCalls(DescribeSubnetsCommand)).toHaveLength(1);
  });
});
