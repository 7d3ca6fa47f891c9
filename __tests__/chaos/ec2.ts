import {
  EC2Client,
  EC2ServiceException,
  type CreateFleetCommandInput,
  type CreateFleetCommandOutput,
  type DescribeInstancesCommandInput,
  type DescribeSubnetsCommandInput,
  type Instance as Description,
} from "@aws-sdk/client-ec2";
import { TAG, type Market } from "../../functions/shared/contract";
import { DUPLICATE_POOLS, hasDuplicatePools } from "../support/instance-pools";
import type { AwsThrottle } from "../support/token-buckets";
import type { Capacity } from "./capacity";
import type { Clock } from "./clock";
import type { Instance } from "./instance";
import type { Sandbox } from "./lambda";
import type { Random } from "./random";
import type { Wire } from "./wire";
import type { AwsCallName } from "./wire-tables";

export interface Ec2Rules {
  /** Milliseconds after its launch from which an instance stands in answers. */
  readonly visibleAfter: readonly [from: number, to: number];
  /** Share of the repetitions of a launch that are answered with nothing, although the first brought machines. */
  readonly forgetful: number;
  /** Instances that one answer of DescribeInstances holds. */
  readonly pageSize: number;
  /** How many zones have two subnets instead of one. */
  readonly doubledZones: number;
}

interface Fleet {
  readonly input: string;
  readonly answer: Partial<CreateFleetCommandOutput>;
}

/** EC2 shows what has ended for about an hour. */
const SHOWN_AFTER_END_MS = 60 * 60_000;

/** EC2 in memory: CreateFleet with its client tokens, the eventual consistency of lists, and termination. */
export class Ec2 {
  readonly instances = new Map<string, Instance>();
  /** Machines wanted and had, by launch. */
  readonly launches = new Map<string, { readonly wanted: number; readonly had: number }>();
  private readonly fleets = new Map<string, Fleet>();

  constructor(
    private readonly clock: Clock,
    private readonly random: Random,
    private readonly rules: Ec2Rules,
    private readonly capacity: Capacity,
    private readonly throttling: AwsThrottle,
    /** Brings a machine to life. */
    private readonly start: (launched: {
      fleet: string;
      launchId: string;
      type: string;
      market: Market;
    }) => Instance,
  ) {}

  /** A client whose calls come from this sandbox. */
  client(sandbox: Sandbox, wire: Wire): EC2Client {
    const send = (command: { input: object; constructor: { name: string } }): Promise<unknown> => {
      const name = command.constructor.name.replace(/Command$/, "") as AwsCallName;
      const run = this.calls[name];
      if (!run) throw new Error(`${name} is not known here`);
      return wire.send(sandbox, name, () => {
        this.throttle(name, command.input);
        return run(command.input as never);
      });
    };
    return Object.assign(new EC2Client({ region: "eu-central-1" }), { send });
  }

  private readonly calls: Partial<Record<AwsCallName, (input: never) => unknown>> = {
    CreateFleet: (input: CreateFleetCommandInput) => this.createFleet(input),
    DescribeInstances: (input: DescribeInstancesCommandInput) => this.describe(input),
    DescribeSubnets: (input: DescribeSubnetsCommandInput) => describeSubnets(input),
    TerminateInstances: ({ InstanceIds = [] }: { InstanceIds?: string[] }) => this.terminate(InstanceIds),
  };

  private throttle(name: string, { TargetCapacitySpecification }: Partial<CreateFleetCommandInput>): void {
    const machines = TargetCapacitySpecification?.TotalTargetCapacity;
    const throttled = this.throttling.refuse(`ec2:${name}`, machines);
    if (throttled) throw refusal(throttled.code, "Request limit exceeded.", throttled.status);
  }

  private createFleet(input: CreateFleetCommandInput): unknown {
    const token = input.ClientToken ?? "";
    const known = this.fleets.get(token);
    if (known && known.input !== JSON.stringify(input)) throw refusal("IdempotentParameterMismatch", token);
    if (known) return this.random.chance(this.rules.forgetful) ? { Instances: [], Errors: [] } : known.answer;
    const answer = this.launch(input, token);
    this.fleets.set(token, { input: JSON.stringify(input), answer });
    return answer;
  }

  private launch(input: CreateFleetCommandInput, launchId: string): Partial<CreateFleetCommandOutput> {
    const { TotalTargetCapacity: wanted = 0, DefaultTargetCapacityType } =
      input.TargetCapacitySpecification ?? {};
    const market = DefaultTargetCapacityType as Market;
    const tags = input.TagSpecifications?.[0]?.Tags ?? [];
    const fleet = tags.find(({ Key }) => Key === TAG.fleet)?.Value ?? "";
    const overrides = input.LaunchTemplateConfigs?.[0]?.Overrides ?? [];
    if (overrides.length === 0) throw refusal("InvalidParameterValue", "No override.");
    if (hasDuplicatePools(overrides, zoneOf)) throw refusal(DUPLICATE_POOLS.code, DUPLICATE_POOLS.message);
    const Instances: { InstanceIds: string[]; InstanceType: string; LaunchTemplateAndOverrides: object }[] =
      [];
    const Errors: object[] = [];
    let missing = wanted;
    for (const Overrides of this.random.shuffle(overrides)) {
      if (missing === 0) break;
      const type = Overrides.InstanceType ?? "";
      const { SubnetId = "" } = Overrides;
      const { count, error } = this.capacity.isFull(SubnetId)
        ? { count: 0, error: "InsufficientFreeAddressesInSubnet" }
        : this.capacity.take({ type, zone: zoneOf(SubnetId), market }, missing);
      const LaunchTemplateAndOverrides = { Overrides };
      const ids = Array.from({ length: count }, () => this.add({ fleet, launchId, type, market }));
      if (count) Instances.push({ InstanceIds: ids, InstanceType: type, LaunchTemplateAndOverrides });
      if (error) Errors.push({ ErrorCode: error, ErrorMessage: "none left", LaunchTemplateAndOverrides });
      missing -= count;
    }
    this.launches.set(launchId, { wanted, had: wanted - missing });
    // What is served is served: EC2 tells of the pools that failed only when machines are missing.
    return { Instances, Errors: missing > 0 ? Errors : [] } as unknown as Partial<CreateFleetCommandOutput>;
  }

  private add(launched: { fleet: string; launchId: string; type: string; market: Market }): string {
    const instance = this.start(launched);
    instance.visibleAt = this.clock.now + this.random.between(this.rules.visibleAfter);
    this.instances.set(instance.id, instance);
    return instance.id;
  }

  private describe({ Filters = [], InstanceIds, NextToken }: DescribeInstancesCommandInput): unknown {
    const { now } = this.clock;
    const shown = [...this.instances.values()].filter(
      ({ visibleAt, endedAt = Infinity }) => visibleAt <= now && now < endedAt + SHOWN_AFTER_END_MS,
    );
    const unknown = InstanceIds?.find((id) => !shown.some((instance) => instance.id === id));
    if (unknown) throw refusal("InvalidInstanceID.NotFound", `The instance ID '${unknown}' does not exist`);
    const found = shown
      .filter(({ id }) => !InstanceIds || InstanceIds.includes(id))
      .filter((instance) =>
        Filters.every(({ Name = "", Values = [] }) => Values.includes(instance.attribute(Name) ?? "")),
      );
    const from = Number(NextToken ?? 0);
    const to = from + this.rules.pageSize;
    const Instances = found.slice(from, to).map((instance): Description => instance.describe());
    return {
      Reservations: [{ Instances }],
      NextToken: found.length > to ? String(to) : undefined,
    };
  }

  private terminate(ids: readonly string[]): unknown {
    const unknown = ids.filter((id) => !this.instances.has(id));
    if (unknown.length > 0) {
      throw refusal("InvalidInstanceID.NotFound", `The instance IDs '${unknown.join(", ")}' do not exist`);
    }
    for (const id of ids) this.instances.get(id)?.terminate();
    return {};
  }
}

/** `subnet-a`, and beside it in the same zone `subnet-a2`. */
export const subnetsOf = ({ doubledZones }: Pick<Ec2Rules, "doubledZones">): readonly string[] => {
  const zones = ["a", "b", "c"];
  return [...zones, ...zones.slice(0, doubledZones).map((zone) => `${zone}2`)].map(
    (name) => `subnet-${name}`,
  );
};

const zoneOf = (subnetId: string): string => `zone ${/^subnet-([a-z])/.exec(subnetId)?.[1]}`;

const describeSubnets = ({ Filters = [] }: DescribeSubnetsCommandInput): unknown => {
  const ids = Filters.find(({ Name }) => Name === "subnet-id")?.Values ?? [];
  return { Subnets: ids.map((SubnetId) => ({ SubnetId, AvailabilityZone: zoneOf(SubnetId) })) };
};

const refusal = (name: string, message: string, httpStatusCode = 400): EC2ServiceException =>
  new EC2ServiceException({ name, message, $fault: "client", $metadata: { httpStatusCode } });
