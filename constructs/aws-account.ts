import { DataAwsCallerIdentity } from "@cdktf/provider-aws/lib/data-aws-caller-identity";
import { DataAwsPartition } from "@cdktf/provider-aws/lib/data-aws-partition";
import { DataAwsRegion } from "@cdktf/provider-aws/lib/data-aws-region";
import { TerraformStack } from "cdktf";
import { Construct } from "constructs";

const ID = "EphemeralRunnersAccount";

/**
 * Partition, region and account of the stack's AWS provider, for the ARN of what is not a resource of the stack, or of
 * what is made after the policy that names it. One for a stack, however many installations stand in it.
 */
export class AwsAccount extends Construct {
  public static of(scope: Construct): AwsAccount {
    const stack = TerraformStack.of(scope);
    return (stack.node.tryFindChild(ID) as AwsAccount | undefined) ?? new AwsAccount(stack, ID);
  }

  public readonly partition: DataAwsPartition;
  public readonly region: DataAwsRegion;
  public readonly identity: DataAwsCallerIdentity;

  private constructor(scope: Construct, id: string) {
    super(scope, id);
    this.partition = new DataAwsPartition(this, "Partition");
    this.region = new DataAwsRegion(this, "Region");
    this.identity = new DataAwsCallerIdentity(this, "Identity");
  }

  public arn(service: string, resource: string): string {
    return `arn:${this.partition.partition}:${service}:${this.regionName}:${this.identity.accountId}:${resource}`;
  }

  /** @param name the full name, with its leading slash */
  public parameterArn(name: string): string {
    return this.arn("ssm", `parameter${name}`);
  }

  /** The value of `kms:ViaService` for calls that come by way of a service. */
  public via(service: string): string {
    return `${service}.${this.regionName}.${this.partition.dnsSuffix}`;
  }

  // `id` is what the AWS provider 5 and 6 both have without a deprecation: 6 deprecates `name`, 5 lacks `region`.
  private get regionName(): string {
    return this.region.id;
  }
}
