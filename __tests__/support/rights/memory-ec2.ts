import {
  EC2ServiceException,
  type CreateFleetCommandInput,
  type DescribeInstancesCommandInput,
  type DescribeSubnetsCommandInput,
  type Instance,
} from "@aws-sdk/client-ec2";
import { DUPLICATE_POOLS, hasDuplicatePools } from "../instance-pools";

/**
 * EC2 in memory: as much as the functions ask of it, with the two ways in which a launch goes wrong. The account sees
 * two zones, as in us-west-1, so of three subnets two are in one zone.
 */
export class MemoryEc2 {
  readonly instances = new Map<string, Instance>();
  /** The next launch takes effect, and its answer is lost. */
  loseAnswer = false;
  /** The next launch brings nothing: the subnet that it names first has no free address. */
  full = false;
  /** Every launch brings one machine less than it was asked for. */
  short = false;

  private readonly zones = new Map<string, string>();

  constructor(private readonly now: () => number) {}

  readonly calls: Readonly<Record<string, (input: never) => unknown>> = {
    CreateFleet: (input: CreateFleetCommandInput) => this.createFleet(input),
    DescribeInstances: (input: DescribeInstancesCommandInput) => this.describe(input),
    DescribeSubnets: (input: DescribeSubnetsCommandInput) => this.describeSubnets(input),
    TerminateInstances: ({ InstanceIds = [] }: { InstanceIds?: string[] }) => this.terminate(InstanceIds),
  };

  private createFleet(input: CreateFleetCommandInput): unknown {
    const overrides = input.LaunchTemplateConfigs?.[0]?.Overrides ?? [];
    if (hasDuplicatePools(overrides, (id) => this.zoneOf(id)))
      throw refusal(DUPLICATE_POOLS.code, DUPLICATE_POOLS.message);
    const { TotalTargetCapacity = 0, DefaultTargetCapacityType } = input.TargetCapacitySpecification ?? {};
    const [Overrides] = overrides;
    if (this.full) {
      this.full = false;
      const about = {
        ErrorCode: "InsufficientFreeAddressesInSubnet",
        LaunchTemplateAndOverrides: { Overrides },
      };
      return { $metadata: {}, Instances: [], Errors: [about] };
    }
    const count = TotalTargetCapacity - (this.short ? 1 : 0);
    const ids = Array.from({ length: count }, () => {
      const InstanceId = `i-${(this.instances.size + 1).toString(16).padStart(17, "0")}`;
      this.instances.set(InstanceId, {
        InstanceId,
        InstanceType: Overrides?.InstanceType,
        InstanceLifecycle: DefaultTargetCapacityType === "spot" ? "spot" : undefined,
        LaunchTime: new Date(this.now()),
        State: { Name: "running" },
        Tags: input.TagSpecifications?.[0]?.Tags,
      });
      return InstanceId;
    });
    if (this.loseAnswer) {
      this.loseAnswer = false;
      throw Object.assign(new Error("no answer"), { name: "TimeoutError" });
    }
    const Errors = [{ ErrorCode: "InsufficientInstanceCapacity", ErrorMessage: "none left" }];
    return {
      $metadata: {},
      Instances: [{ InstanceIds: ids, InstanceType: Overrides?.InstanceType }],
      Errors: this.short ? Errors : [],
    };
  }

  private describe({ Filters = [] }: DescribeInstancesCommandInput): unknown {
    const valueOf = (instance: Instance, name: string): string | undefined => {
      if (name === "instance-id") return instance.InstanceId;
      if (name === "instance-state-name") return instance.State?.Name;
      return instance.Tags?.find(({ Key }) => `tag:${Key}` === name)?.Value;
    };
    const Instances = [...this.instances.values()].filter((instance) =>
      Filters.every(({ Name = "", Values = [] }) => Values.includes(valueOf(instance, Name) ?? "")),
    );
    return { Reservations: [{ Instances }] };
  }

  private describeSubnets({ Filters = [] }: DescribeSubnetsCommandInput): unknown {
    const ids = Filters.find(({ Name }) => Name === "subnet-id")?.Values ?? [];
    return { Subnets: ids.map((SubnetId) => ({ SubnetId, AvailabilityZone: this.zoneOf(SubnetId) })) };
  }

  /** One after the other as they are first heard of. */
  private zoneOf(subnetId: string): string {
    const zone = this.zones.get(subnetId) ?? `us-west-1${this.zones.size % 2 === 0 ? "a" : "c"}`;
    this.zones.set(subnetId, zone);
    return zone;
  }

  private terminate(ids: readonly string[]): unknown {
    for (const id of ids) {
      const instance = this.instances.get(id);
      if (!instance) throw refusal("InvalidInstanceID.NotFound", id);
      instance.State = { Name: "terminated" };
    }
    return {};
  }
}

const refusal = (name: string, message: string): EC2ServiceException =>
  new EC2ServiceException({ name, message, $fault: "client", $metadata: { httpStatusCode: 400 } });
