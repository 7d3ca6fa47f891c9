import {
  EC2ServiceException,
  type CreateFleetCommandInput,
  type DescribeInstancesCommandInput,
  type Instance,
} from "@aws-sdk/client-ec2";

/** EC2 in memory: as much as the functions ask of it, with the two ways in which a launch goes wrong. */
export class MemoryEc2 {
  readonly instances = new Map<string, Instance>();
  /** The next launch takes effect, and its answer is lost. */
  loseAnswer = false;
  /** Every launch brings one machine less than it was asked for. */
  short = false;

  constructor(private readonly now: () => number) {}

  readonly calls: Readonly<Record<string, (input: never) => unknown>> = {
    CreateFleet: (input: CreateFleetCommandInput) => this.createFleet(input),
    DescribeInstances: (input: DescribeInstancesCommandInput) => this.describe(input),
    TerminateInstances: ({ InstanceIds = [] }: { InstanceIds?: string[] }) => this.terminate(InstanceIds),
  };

  private createFleet(input: CreateFleetCommandInput): unknown {
    const { TotalTargetCapacity = 0, DefaultTargetCapacityType } = input.TargetCapacitySpecification ?? {};
    const [Overrides] = input.LaunchTemplateConfigs?.[0]?.Overrides ?? [];
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

  private terminate(ids: readonly string[]): unknown {
    for (const id of ids) {
      const instance = this.instances.get(id);
      if (!instance) {
        const about = { name: "InvalidInstanceID.NotFound", message: id } as const;
        throw new EC2ServiceException({ ...about, $fault: "client", $metadata: { httpStatusCode: 400 } });
      }
      instance.State = { Name: "terminated" };
    }
    return {};
  }
}
