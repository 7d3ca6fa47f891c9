import {
  CreateFleetCommand,
  EC2ServiceException,
  paginateDescribeInstances,
  TerminateInstancesCommand,
  type CreateFleetCommandInput,
  type CreateFleetCommandOutput,
  type EC2Client,
  type Filter,
  type Instance,
} from "@aws-sdk/client-ec2";
import { TAG } from "./contract";
import { classOf, NO_ANSWER } from "./launch-errors";
import type { Launch, LaunchedMachine } from "./ledger-items";
import type { LaunchAnswer, LaunchOrder, MachineProvider } from "./machines";

/** Machines on EC2, launched by CreateFleet of type `instant`, which answers at once with machines and errors. */
export const ec2Machines = (ec2: EC2Client, installation: string): MachineProvider => ({
  prepare: (order) => ({
    launchId: order.launchId,
    market: order.market,
    count: order.count,
    parameters: JSON.stringify(createFleetInput(installation, order)),
    createdAt: order.createdAt,
  }),

  launch: async (launch) => {
    const input = JSON.parse(launch.parameters) as CreateFleetCommandInput;
    try {
      return answerOf(launch, await ec2.send(new CreateFleetCommand(input)));
    } catch (error) {
      return failureOf(error);
    }
  },

  find: async (where) => {
    const [name, value] = "launchId" in where ? [TAG.launch, where.launchId] : [TAG.fleet, where.fleet];
    const filters: Filter[] = [
      { Name: `tag:${TAG.installation}`, Values: [installation] },
      { Name: `tag:${name}`, Values: [value] },
      { Name: "instance-state-name", Values: ["pending", "running"] },
    ];
    const found: LaunchedMachine[] = [];
    for await (const { Reservations = [] } of paginateDescribeInstances(
      { client: ec2 },
      { Filters: filters },
    )) {
      found.push(...Reservations.flatMap(({ Instances = [] }) => Instances.map(machineOf)));
    }
    return found;
  },

  end: async (instanceIds) => {
    if (instanceIds.length === 0) return;
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: [...instanceIds] }));
  },
});

/**
 * Every type in every subnet; AWS picks. Spot by price and room together, which is AWS's own advice against
 * interruptions: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-fleet-allocation-strategy.html
 */
const createFleetInput = (installation: string, order: LaunchOrder): CreateFleetCommandInput => {
  const { settings, market, count, launchId, fleet } = order;
  const tags = { [TAG.installation]: installation, [TAG.fleet]: fleet, [TAG.launch]: launchId };
  return {
    Type: "instant",
    ClientToken: launchId,
    LaunchTemplateConfigs: [
      {
        LaunchTemplateSpecification: {
          LaunchTemplateId: settings.launchTemplateId,
          Version: settings.launchTemplateVersion,
        },
        Overrides: settings.instanceTypes.flatMap((type) =>
          settings.subnetIds.map((SubnetId) => ({ InstanceType: type as never, SubnetId })),
        ),
      },
    ],
    TargetCapacitySpecification: { TotalTargetCapacity: count, DefaultTargetCapacityType: market },
    ...(market === "spot"
      ? { SpotOptions: { AllocationStrategy: "price-capacity-optimized" } }
      : { OnDemandOptions: { AllocationStrategy: "lowest-price" } }),
    TagSpecifications: [
      {
        ResourceType: "instance",
        Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
      },
    ],
  };
};

const answerOf = (
  launch: Launch,
  { Instances = [], Errors = [] }: CreateFleetCommandOutput,
): LaunchAnswer => ({
  answered: true,
  machines: Instances.flatMap(
    ({ InstanceIds = [], InstanceType, AvailabilityZone, LaunchTemplateAndOverrides }) =>
      InstanceIds.map((instanceId) => ({
        instanceId,
        launchId: launch.launchId,
        market: launch.market,
        type: InstanceType,
        zone: AvailabilityZone ?? LaunchTemplateAndOverrides?.Overrides?.AvailabilityZone,
      })),
  ),
  errors: Errors.map(({ ErrorCode = "Unknown", ErrorMessage = "" }) => ({
    code: ErrorCode,
    message: ErrorMessage,
  })),
});

/** A refusal launched nothing. After a throttle, a fault of the service or no answer at all, nobody can say. */
const failureOf = (error: unknown): LaunchAnswer => {
  const refusal = error instanceof EC2ServiceException && (error.$metadata.httpStatusCode ?? 500) < 500;
  const code = error instanceof EC2ServiceException ? error.name : NO_ANSWER;
  const message = error instanceof Error ? error.message : String(error);
  return { answered: refusal && classOf(code).next !== "wait", machines: [], errors: [{ code, message }] };
};

const machineOf = (instance: Instance): LaunchedMachine => ({
  instanceId: instance.InstanceId ?? "",
  launchId: instance.Tags?.find(({ Key }) => Key === TAG.launch)?.Value ?? "",
  market: instance.InstanceLifecycle === "spot" ? "spot" : "on-demand",
  type: instance.InstanceType,
  zone: instance.Placement?.AvailabilityZone,
});
