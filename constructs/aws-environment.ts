import { DataAwsCallerIdentity } from "@cdktf/provider-aws/lib/data-aws-caller-identity";
import { DataAwsPartition } from "@cdktf/provider-aws/lib/data-aws-partition";
import { DataAwsRegion } from "@cdktf/provider-aws/lib/data-aws-region";
import { Construct } from "constructs";
import { checkFramework } from "./framework";
import { scopesOfProvider } from "./providers";

/** Where the stack stands, for ARNs of what it does not make itself. The provider answers it in every plan. */
export class AwsEnvironment extends Construct {
  /** Source of `partition`. */
  public readonly partitionData: DataAwsPartition;
  /** Source of `region`. */
  public readonly regionData: DataAwsRegion;
  /** Source of `accountId`. */
  public readonly callerIdentity: DataAwsCallerIdentity;

  /** `aws`, `aws-cn`, ... */
  public readonly partition: string;
  /** `eu-west-1`, ... */
  public readonly region: string;
  /** Twelve digits. */
  public readonly accountId: string;

  /** The one of the constructs around `scope` that use the same provider; where none has it, one made in `scope`. */
  public static of(scope: Construct): AwsEnvironment {
    const beside = scopesOfProvider(scope).flatMap((ancestor) => ancestor.node.children);
    const found = beside.find((child): child is AwsEnvironment => child instanceof AwsEnvironment);
    return found ?? new AwsEnvironment(scope, "Aws");
  }

  public constructor(scope: Construct, id: string) {
    super(scope, id);
    checkFramework(this);
    this.partitionData = new DataAwsPartition(this, "Partition");
    this.regionData = new DataAwsRegion(this, "Region");
    this.callerIdentity = new DataAwsCallerIdentity(this, "Caller");
    this.partition = this.partitionData.partition;
    // `name` is deprecated in version 6 of the provider, and `region` is unknown to version 5: `id` is both.
    this.region = this.regionData.id;
    this.accountId = this.callerIdentity.accountId;
  }

  /** ARN of something in this region; `accountId` is empty for what AWS itself owns, such as images. */
  public arn(service: string, resource: string, accountId: string = this.accountId): string {
    return `arn:${this.partition}:${service}:${this.region}:${accountId}:${resource}`;
  }

  /** ARN of a parameter by its name; public parameters of AWS belong to no account. */
  public parameterArn(name: string): string {
    const path = name.replace(/^\//, "");
    return this.arn("ssm", `parameter/${path}`, path.startsWith("aws/service/") ? "" : undefined);
  }
}
