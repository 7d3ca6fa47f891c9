import { DataAwsCallerIdentity } from "@cdktf/provider-aws/lib/data-aws-caller-identity";
import { DataAwsPartition } from "@cdktf/provider-aws/lib/data-aws-partition";
import { DataAwsService } from "@cdktf/provider-aws/lib/data-aws-service";
import { DataAwsServicePrincipal } from "@cdktf/provider-aws/lib/data-aws-service-principal";
import { Fn, Token } from "cdktf";
import { Construct } from "constructs";
import { checkFramework } from "./framework";
import { scopesOfProvider } from "./providers";

/** Where the stack stands, for ARNs of what it does not make itself. The provider answers it in every plan. */
export class AwsEnvironment extends Construct {
  /** Source of `partition`. */
  public readonly partitionData: DataAwsPartition;
  /** Source of `region`. */
  public readonly regionData: DataAwsService;
  /** Source of `accountId`. */
  public readonly callerIdentity: DataAwsCallerIdentity;

  /** `aws`, `aws-cn`, `aws-eusc`, ... */
  public readonly partition: string;
  /** Domain of AWS's endpoints: `amazonaws.com`, `amazonaws.com.cn`, `amazonaws.eu`, ... */
  public readonly dnsSuffix: string;
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
    // Of data.aws_region, provider 5 knows `name` and `id`, and provider 6 deprecates both. This one names the region of
    // the provider in both, and calls nothing.
    this.regionData = new DataAwsService(this, "Region", { serviceId: "ec2" });
    this.callerIdentity = new DataAwsCallerIdentity(this, "Caller");
    this.partition = this.partitionData.partition;
    this.dnsSuffix = this.partitionData.dnsSuffix;
    this.region = this.regionData.region;
    this.accountId = this.callerIdentity.accountId;
  }

  /** ARN of something in this region; `accountId` is empty for what AWS itself owns, such as images. */
  public arn(service: string, resource: string, accountId: string = this.accountId): string {
    return `arn:${this.partition}:${service}:${this.region}:${accountId}:${resource}`;
  }

  /** Name of a service in trust policies and permissions, such as `ec2.amazonaws.com`: partitions differ. */
  public principal(service: "apigateway" | "ec2" | "events" | "lambda" | "spot"): string {
    const id = `Principal-${service}`;
    const made = this.node.tryFindChild(id) as DataAwsServicePrincipal | undefined;
    return (made ?? new DataAwsServicePrincipal(this, id, { serviceName: service })).name;
  }

  /** Host of a service's endpoint in this region, such as `sqs.eu-west-1.amazonaws.com`; `*` stands for any region. */
  public host(service: string, region: string = this.region): string {
    return `${service}.${region}.${this.dnsSuffix}`;
  }

  /**
   * Name of the gateway endpoint of `s3` or `dynamodb`. China's begin with `com.amazonaws`, as everybody's do there, and
   * not with the `cn.` of the partition: https://github.com/aws/aws-cdk, `GatewayVpcEndpointAwsService`.
   */
  public gatewayEndpoint(service: "dynamodb" | "s3"): string {
    const reverseDnsPrefix = Fn.trimprefix(this.regionData.reverseDnsPrefix, "cn.");
    return `${reverseDnsPrefix}.${this.region}.${service}`;
  }

  /** ARN of a parameter by its name; public parameters of AWS belong to no account. */
  public parameterArn(name: string): string {
    const path = Token.asString(name).replace(/^\//, "");
    return this.arn("ssm", `parameter/${path}`, path.startsWith("aws/service/") ? "" : undefined);
  }
}
