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
import { FLEET, fleetSettings, INSTALLATION, START } from "../../support/fleet-world";

const ec2 = mockClient(EC2Client);
const provider = ec2Machines(new EC2Client({}), INSTALLATION);
const prepared = (market: Market = "spot", count = 3) =>
  provider.prepare({
    launchId: "launch-1",
    fleet: FLEET,
    settings: fleetSettings(),
    market,
    count,
    createdAt: START,
  });
const failure = (name: string, status: number) =>
  new EC2ServiceException({ name, message: name, $fault: "client", $metadata: { httpStatusCode: status } });

beforeEach(() => ec2.reset());

describe("a launch on EC2", () => {
  it("is an instant fleet of every type in every subnet, tagged, from the fleet's own template", async () => {
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

  it("answers with machines and errors together", async () => {
    ec2.on(CreateFleetCommand).resolves({
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
        type: "m7i.large",
        zone: "a",
      })),
      errors: [{ code: "InsufficientInstanceCapacity", message: "none" }],
    });
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
});
