import { DefaultSecurityGroup } from "@cdktf/provider-aws/lib/default-security-group";
import { InternetGateway } from "@cdktf/provider-aws/lib/internet-gateway";
import { MainRouteTableAssociation } from "@cdktf/provider-aws/lib/main-route-table-association";
import { Route } from "@cdktf/provider-aws/lib/route";
import { RouteTable } from "@cdktf/provider-aws/lib/route-table";
import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { Vpc } from "@cdktf/provider-aws/lib/vpc";
import { VpcEndpoint } from "@cdktf/provider-aws/lib/vpc-endpoint";
import { Construct } from "constructs";
import { AwsEnvironment } from "./aws-environment";
import { checkCommon, nameOf, tagsOf } from "./common";
import { asList } from "./lists";
import { checkNetwork } from "./runner-network-checks";
import { ANYWHERE, createRules } from "./network-egress";
import { newBeforeOld } from "./new-before-old";
import { withChangesOf, withVpc } from "./network-order";
import { createSubnets, DEFAULT_CIDR_BLOCK, keepZones } from "./runner-subnets";
import { RUNNER_NETWORK } from "./parts-shape";
import { checkProps } from "./schema/check-props";
import type { NamedProps } from "./common";
import type { RouteTableAssociation } from "@cdktf/provider-aws/lib/route-table-association";
import type { Subnet } from "@cdktf/provider-aws/lib/subnet";
import type { VpcSecurityGroupEgressRule } from "@cdktf/provider-aws/lib/vpc-security-group-egress-rule";
import type { DataResource, ITerraformDependable } from "cdktf";

/** A network that is already there. */
export interface ExistingNetwork {
  /**
   * The VPC of the subnets, in which the security group is made.
   * @default none; then `securityGroupIds` is needed
   */
  readonly vpcId?: string;

  /**
   * Subnets, in as many zones as possible. Machines in them must reach the internet: through a NAT, or with public
   * addresses given by the subnet itself (`map_public_ip_on_launch`). Of several in one zone a launch names one: they
   * take turns, and one stands in for another that has no free address.
   *
   * The list may be one that only Terraform knows: `data.aws_subnets` or the output of a module, by `Token.asList`.
   */
  readonly subnetIds: readonly string[];

  /**
   * Security groups of the machines; a list that only Terraform knows, too.
   * @default one is made, with no ingress and with egress to port 443 only
   */
  readonly securityGroupIds?: readonly string[];
}

export interface RunnerNetworkProps extends NamedProps {
  /**
   * A network to use. Excludes `cidrBlock`, `zones` and `availabilityZones`.
   * @default a small VPC of its own is made
   */
  readonly existing?: ExistingNetwork;

  /**
   * Addresses of the VPC that is made, from /16 to /24. It is connected to nothing, so it may overlap with others. Another
   * range is another VPC, beside the first until the last machine in that has ended.
   * @default "10.0.0.0/16"
   */
  readonly cidrBlock?: string;

  /**
   * Number of zones, with a public subnet each, 1 to 6. More zones are more pools of spot capacity. A zone takes one
   * subnet: where the account sees fewer zones, as in us-west-1, the plan fails and says how many there are.
   * @default 3
   */
  readonly zones?: number;

  /**
   * Names of the zones, each once. Excludes `zones`. A name at the end adds a subnet; another one in the place of a name
   * makes another VPC.
   * @default the first ones of the region that need no opt-in
   */
  readonly availabilityZones?: readonly string[];

  /**
   * Whether machines may also reach port 80, which Ubuntu's `apt` needs.
   * @default false
   */
  readonly allowHttp?: boolean;
}

/** Where machines stand: reached by nobody, reaching port 443. */
export class RunnerNetwork extends Construct {
  /** Subnets that machines are launched in: those made, or those given. */
  public readonly subnetIds: readonly string[];
  /** Security groups of the machines: the one made, or those given. */
  public readonly securityGroupIds: readonly string[];

  /** What the zones were chosen by: with another the VPC is made anew. Absent where the network is one of yours. */
  public readonly zones: readonly DataResource[] = [];
  /** Absent where the network is one of yours, as is all else that belongs to a VPC. */
  public readonly vpc?: Vpc;
  /** The VPC's default group, without a rule. */
  public readonly defaultSecurityGroup?: DefaultSecurityGroup;
  /** The way out. */
  public readonly internetGateway?: InternetGateway;
  /** The one route table of all subnets. */
  public readonly routeTable?: RouteTable;
  /** All addresses by the internet gateway. */
  public readonly internetRoute?: Route;
  /** Makes the route table that of the VPC: a subnet that is about to go loses its own association, and keeps the way out. */
  public readonly mainRouteTableAssociation?: MainRouteTableAssociation;
  /** Each in a zone of its own; machines get public addresses in them. */
  public readonly subnets: readonly Subnet[] = [];
  /** One a subnet. */
  public readonly routeTableAssociations: readonly RouteTableAssociation[] = [];
  /** Spares traffic to S3 the public internet. */
  public readonly s3Endpoint?: VpcEndpoint;
  /** Spares traffic to DynamoDB the public internet. */
  public readonly dynamodbEndpoint?: VpcEndpoint;
  /** Absent where security groups were given. */
  public readonly securityGroup?: SecurityGroup;
  /** Port 443 of every IPv4 address. */
  public readonly httpsEgress?: VpcSecurityGroupEgressRule;
  /** Port 80 of every IPv4 address; present with `allowHttp`. */
  public readonly httpEgress?: VpcSecurityGroupEgressRule;

  public constructor(scope: Construct, id: string, props: RunnerNetworkProps) {
    super(scope, id);
    checkProps(this, props, RUNNER_NETWORK);
    checkCommon(this, props);
    checkNetwork(this, props);
    const { existing } = props;

    if (existing === undefined) {
      this.zones = keepZones(this, props);
      this.vpc = this.createVpc(props, this.zones);
      this.defaultSecurityGroup = this.emptyDefaultGroup(props, this.vpc);
      this.internetGateway = new InternetGateway(this, "InternetGateway", {
        vpcId: this.vpc.id,
        tags: tagsOf(props, { Name: nameOf(props, "runners") }),
        lifecycle: withVpc(this.vpc),
      });
      this.routeTable = new RouteTable(this, "RouteTable", {
        vpcId: this.vpc.id,
        tags: tagsOf(props, { Name: nameOf(props, "runners") }),
        lifecycle: newBeforeOld,
      });
      this.internetRoute = new Route(this, "InternetRoute", {
        routeTableId: this.routeTable.id,
        destinationCidrBlock: ANYWHERE,
        gatewayId: this.internetGateway.id,
        lifecycle: newBeforeOld,
      });
      this.mainRouteTableAssociation = new MainRouteTableAssociation(this, "MainAssociation", {
        vpcId: this.vpc.id,
        routeTableId: this.routeTable.id,
        lifecycle: withVpc(this.vpc),
      });
      this.s3Endpoint = this.createGateway("S3Endpoint", props, "s3");
      this.dynamodbEndpoint = this.createGateway("DynamodbEndpoint", props, "dynamodb");
    }
    if (existing?.securityGroupIds === undefined) {
      this.securityGroup = this.createGroup(props);
      [this.httpsEgress, this.httpEgress] = createRules(this, this.securityGroup, props);
    }
    this.securityGroupIds = asList(
      existing?.securityGroupIds ?? (this.securityGroup ? [this.securityGroup.id] : []),
    );
    if (this.vpc !== undefined && this.routeTable !== undefined) {
      const made = createSubnets(this, props, {
        vpc: this.vpc,
        routeTable: this.routeTable,
        waysOut: this.waysOut(),
      });
      this.subnets = made.subnets;
      this.routeTableAssociations = made.associations;
    }
    this.subnetIds = asList(existing?.subnetIds ?? this.subnets.map((subnet) => subnet.id));
  }

  /** What machines need to get out, the group with them. */
  private waysOut(): readonly ITerraformDependable[] {
    return [
      this.internetRoute,
      this.mainRouteTableAssociation,
      this.s3Endpoint,
      this.dynamodbEndpoint,
      this.httpsEgress,
      this.httpEgress,
    ].filter((one) => one !== undefined);
  }

  private createVpc(props: RunnerNetworkProps, zones: readonly DataResource[]): Vpc {
    return new Vpc(this, "Vpc", {
      cidrBlock: props.cidrBlock ?? DEFAULT_CIDR_BLOCK,
      enableDnsSupport: true,
      enableDnsHostnames: true,
      tags: tagsOf(props, { Name: nameOf(props, "runners") }),
      lifecycle: withChangesOf(zones),
    });
  }

  /** The VPC comes with a group that lets its members talk to each other: emptied, so that nobody relies on it. */
  private emptyDefaultGroup(props: RunnerNetworkProps, vpc: Vpc): DefaultSecurityGroup {
    return new DefaultSecurityGroup(this, "DefaultSecurityGroup", {
      vpcId: vpc.id,
      tags: tagsOf(props, { Name: nameOf(props, "default-unused") }),
    });
  }

  private createGateway(id: string, props: RunnerNetworkProps, service: "dynamodb" | "s3"): VpcEndpoint {
    return new VpcEndpoint(this, id, {
      vpcId: this.vpc?.id ?? "",
      vpcEndpointType: "Gateway",
      serviceName: AwsEnvironment.of(this).gatewayEndpoint(service),
      routeTableIds: this.routeTable && [this.routeTable.id],
      tags: tagsOf(props, { Name: nameOf(props, service) }),
      lifecycle: newBeforeOld,
    });
  }

  /** Two of one name cannot stand in a VPC at once: whoever changes the description has to change the name too. */
  private createGroup(props: RunnerNetworkProps): SecurityGroup {
    const { existing } = props;
    return new SecurityGroup(this, "SecurityGroup", {
      name: nameOf(props, "runners"),
      description: "Ephemeral runners: nothing comes in",
      vpcId: existing?.vpcId ?? this.vpc?.id,
      tags: tagsOf(props, { Name: nameOf(props, "runners") }),
      lifecycle: newBeforeOld,
    });
  }
}
