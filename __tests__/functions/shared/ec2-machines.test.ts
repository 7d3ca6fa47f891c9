import {
  CreateFleetCommand,
  DescribeInstancesCommand,
  EC2Client,
  EC2ServiceException,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import { mockClient } from "aws-sdk-client-mock";
import { ec2Machines } from "../../../functions/shared/ec2-machines";
import type { Market } from "../../../functions/shared/contract";
import type { Pool } from "../../../functions/shared/launch-errors";
import { FLEET, fleetSettings, INSTALLATION, START } from "../../support/fleet-world";

const ec2 = mockClient(EC2Client);
const provider = ec2Machines(new EC2Client({}), INSTALLATION, () => START);
const prepared = (market: Market = "spot", count = 3, without: readonly Pool[] = []) =>
  provider.prepare({
    launchId: "launch-1",
    fleet: FLEET,
    settings: fleetSettings(),
    market,
    count,
    createdAt: START,
    without,
  });
const failure = (name: string, status: number) =>
  new EC2ServiceException({ name, message: name, $fault: "client", $metadata: { httpStatusCode: status } });

const unknownId = (message: string) =>
  new EC2ServiceException({ name: "InvalidInstanceID.NotFound", message, $fault: "client", $metadata: {} });
const ended = () => ec2.commandCalls(TerminateInstancesCommand).map(({ args }) => args[0].input.InstanceIds);

beforeEach(() => ec2.reset());

describe("a launch on EC2", () => {
  it("is an instant fleet of every type in every zone, tagged, from the fleet's own template", async () => {
    ec2.on(CreateFleetCommand).resolves({});

    await provider.launch(prepared());

    expect(ec2.commandCalls(CreateFleetCommand)[0]?.args[0].input).toEqual({
      Type: "instant",
      ClientToken: "launch-1",
      LaunchTemplateConfigs: [
        {
          LaunchTemplateSpecification: { LaunchTemplateId: "lt-0123456789abcdef0", Version: "4" },
          Overrides: [
            { InstanceType: "m7i.large", SubnetId: "subnet-a" },
            { InstanceType: "m7i.large", SubnetId: "subnet-b" },
            { InstanceType: "m7a.large", SubnetId: "subnet-a" },
            { InstanceType: "m7a.large", SubnetId: "subnet-b" },
          ],
        },
      ],
      TargetCapacitySpecification: { TotalTargetCapacity: 3, DefaultTargetCapacityType: "spot" },
      SpotOptions: { AllocationStrategy: "price-capacity-optimized" },
      TagSpecifications: [
        {
          ResourceType: "instance",
          Tags: [
            { Key: "ephemeral-runners:installation", Value: "runners" },
            { Key: "ephemeral-runners:fleet", Value: FLEET },
            { Key: "ephemeral-runners:launch", Value: "launch-1" },
          ],
        },
      ],
    });
  });

  it("is the same to the letter when it is repeated", async () => {
    ec2.on(CreateFleetCommand).resolves({});
    const launch = prepared("on-demand");

    await provider.launch(launch);
    await provider.launch(JSON.parse(JSON.stringify(launch)) as typeof launch);

    const [first, second] = ec2.commandCalls(CreateFleetCommand).map(({ args }) => args[0].input);
    expect(second).toEqual(first);
    expect(first).toMatchObject({
      TargetCapacitySpecification: { DefaultTargetCapacityType: "on-demand" },
      OnDemandOptions: { AllocationStrategy: "lowest-price" },
    });
  });

  it("does not take silence for a lack of machines when the SDK has asked twice", async () => {
    const silence = (attempts: number) => ({ Instances: [], Errors: [], $metadata: { attempts } });
    ec2.on(CreateFleetCommand).resolvesOnce(silence(2)).resolvesOnce(silence(1));

    expect(await provider.launch(prepared())).toMatchObject({ answered: false });
    expect(await provider.launch(prepared())).toMatchObject({ answered: true });
  });

  it("answers with machines and errors together", async () => {
    ec2.on(CreateFleetCommand).resolves({
      $metadata: {},
      Instances: [
        { InstanceIds: ["i-00000001", "i-00000002"], InstanceType: "m7i.large", AvailabilityZone: "a" },
      ],
      Errors: [{ ErrorCode: "InsufficientInstanceCapacity", ErrorMessage: "none" }],
    });

    expect(await provider.launch(prepared())).toEqual({
      answered: true,
      machines: ["i-00000001", "i-00000002"].map((instanceId) => ({
        instanceId,
        launchId: "launch-1",
        market: "spot",
        launchedAt: new Date(START).toISOString(),
        type: "m7i.large",
        zone: "a",
      })),
      errors: [{ code: "InsufficientInstanceCapacity", message: "none" }],
    });
  });

  it("asks no pool that it is to leave out", async () => {
    ec2.on(CreateFleetCommand).resolves({});
    const full = [
      { type: "m7i.large", subnetId: "subnet-a" },
      { type: "m7a.large", subnetId: "subnet-b" },
    ];

    await provider.launch(prepared("spot", 3, full));

    const [config] = ec2.commandCalls(CreateFleetCommand)[0]?.args[0].input.LaunchTemplateConfigs ?? [];
    expect(config?.Overrides).toEqual([
      { InstanceType: "m7i.large", SubnetId: "subnet-b" },
      { InstanceType: "m7a.large", SubnetId: "subnet-a" },
    ]);
  });

  it("names with each error the pool that it came from", async () => {
    const Overrides = { InstanceType: "m7i.large" as const, SubnetId: "subnet-a", AvailabilityZone: "a" };
    ec2.on(CreateFleetCommand).resolves({
      $metadata: {},
      Errors: [
        {
          ErrorCode: "UnfulfillableCapacity",
          ErrorMessage: "none",
          LaunchTemplateAndOverrides: { Overrides },
        },
        { ErrorCode: "Unsupported", ErrorMessage: "nowhere", LaunchTemplateAndOverrides: {} },
      ],
    });

    expect((await provider.launch(prepared())).errors).toEqual([
      { code: "UnfulfillableCapacity", message: "none", pool: { type: "m7i.large", subnetId: "subnet-a" } },
      { code: "Unsupported", message: "nowhere" },
    ]);
  });

  it.each([
    ["a refusal launched nothing", failure("UnauthorizedOperation", 403), true, "UnauthorizedOperation"],
    ["after a throttle nobody can say", failure("RequestLimitExceeded", 503), false, "RequestLimitExceeded"],
    ["after a fault of EC2 nobody can say", failure("SomethingBroke", 500), false, "SomethingBroke"],
    [
      "a used token says that it took effect",
      failure("IdempotentParameterMismatch", 400),
      false,
      "IdempotentParameterMismatch",
    ],
    ["after no answer nobody can say", new Error("socket hang up"), false, "NoAnswer"],
  ])("knows that %s", async (_, error, answered, code) => {
    ec2.on(CreateFleetCommand).rejects(error);

    expect(await provider.launch(prepared())).toMatchObject({ answered, machines: [], errors: [{ code }] });
  });
});

describe("machines on EC2", () => {
  it("are found by their tags, page by page, while they start or run", async () => {
    const instance = (InstanceId: string) => ({
      InstanceId,
      InstanceType: "m7i.large" as const,
      Placement: { AvailabilityZone: "a" },
      Tags: [{ Key: "ephemeral-runners:launch", Value: "launch-1" }],
    });
    ec2
      .on(DescribeInstancesCommand)
      .resolvesOnce({
        Reservations: [{ Instances: [{ ...instance("i-00000001"), InstanceLifecycle: "spot" }] }],
        NextToken: "2",
      })
      .resolvesOnce({ Reservations: [{ Instances: [instance("i-00000002")] }] });

    const found = await provider.find({ launchId: "launch-1" });

    expect(found).toMatchObject([
      { instanceId: "i-00000001", market: "spot", launchId: "launch-1", zone: "a" },
      { instanceId: "i-00000002", market: "on-demand" },
    ]);
    expect(ec2.commandCalls(DescribeInstancesCommand)[0]?.args[0].input.Filters).toEqual([
      { Name: "tag:ephemeral-runners:installation", Values: ["runners"] },
      { Name: "tag:ephemeral-runners:launch", Values: ["launch-1"] },
      { Name: "instance-state-name", Values: ["pending", "running"] },
    ]);
  });

  it("are ended in one call, and none is made for none", async () => {
    ec2.on(TerminateInstancesCommand).resolves({});

    await provider.end([]);
    await provider.end(["i-00000001", "i-00000002"]);

    expect(ec2.commandCalls(TerminateInstancesCommand).map(({ args }) => args[0].input)).toEqual([
      { InstanceIds: ["i-00000001", "i-00000002"] },
    ]);
  });

  it("are ended without those that EC2 does not know", async () => {
    ec2.on(TerminateInstancesCommand).callsFake(({ InstanceIds }: { InstanceIds: string[] }) => {
      if (InstanceIds.includes("i-00000002")) {
        throw unknownId("The instance IDs 'i-00000002' do not exist");
      }
      return {};
    });

    await provider.end(["i-00000001", "i-00000002", "i-00000003"]);

    expect(ended().at(-1)).toEqual(["i-00000001", "i-00000003"]);
  });

  it("are not ended again and again when EC2 names none that it was asked about", async () => {
    ec2.on(TerminateInstancesCommand).rejects(unknownId("The instance ID does not exist"));

    await expect(provider.end(["i-00000001"])).rejects.toThrow("does not exist");

    expect(ended()).toHaveLength(1);
  });

  it("tell why they ended, those that did, and the others are asked about without a refusal", async () => {
    ec2.on(DescribeInstancesCommand).resolves({
      Reservations: [
        {
          Instances: [
            { InstanceId: "i-00000001", StateReason: { Code: "Server.InsufficientInstanceCapacity" } },
            { InstanceId: "i-00000002" },
          ],
        },
      ],
    });

    const ended = await provider.ended(["i-00000001", "i-00000002", "i-00000003"]);

    expect([...ended]).toEqual([
      ["i-00000001", "Server.InsufficientInstanceCapacity"],
      ["i-00000002", "unknown"],
    ]);
    const [call] = ec2.commandCalls(DescribeInstancesCommand);
    expect(call?.args[0].input).toEqual({
      Filters: [
        { Name: "instance-id", Values: ["i-00000001", "i-00000002", "i-00000003"] },
        { Name: "instance-state-name", Values: ["shutting-down", "terminated"] },
      ],
    });
  });

  it("are asked about by 200 at once, as many as a filter takes, and not at all for none", async () => {
    ec2.on(DescribeInstancesCommand).resolves({});

    await provider.ended([]);
    await provider.ended(Array.from({ length: 201 }, (_, i) => `i-${i}`));

    const asked = ec2.commandCalls(DescribeInstancesCommand).map(({ args }) => args[0].input.Filters?.[0]);
    expect(asked.map((filter) => filter?.Values?.length)).toEqual([200, 1]);
  });
});
