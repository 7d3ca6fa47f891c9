/** A network with what refers to it, as the real terraform changes it while a machine runs in it. */
import {
  DescribeInternetGatewaysCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  EC2Client,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { App, TerraformStack } from "cdktf";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { GithubConnection } from "../../constructs/github-connection";
import { RunnerLauncher } from "../../constructs/runner-launcher";
import { RunnerNetwork, type RunnerNetworkProps } from "../../constructs/runner-network";
import { emulatorCredentials, emulatorRegion } from "../support/moto";

/** So long the provider waits for machines in a subnet that is to go. */
export const PATIENCE_SECONDS = 20;

/** @returns the folder of a stack with a network and the launcher that works in it */
export const synthNetwork = (outdir: string, props: Partial<RunnerNetworkProps>): string => {
  const app = new App({ outdir });
  const stack = new TerraformStack(app, "network");
  new AwsProvider(stack, "Aws", { region: emulatorRegion });
  new RunnerLauncher(stack, "Launcher", {
    prefix: "acme",
    github: GithubConnection.app({ org: "acme", appId: "1", privateKeyParameter: "/acme/key" }),
    fleets: [{ name: "linux", labels: ["linux"] }],
    network: new RunnerNetwork(stack, "Network", { prefix: "acme", ...props }),
    queue: { arn: `arn:aws:sqs:${emulatorRegion}:123456789012:jobs`, url: "https://sqs" },
    rotateFunction: { arn: "arn:aws:lambda:x", functionName: "rotate" },
    runnerGroup: { id: "7", name: "acme" },
  });
  app.synth();
  const folder = join(outdir, "stacks", "network");
  const file = join(folder, "cdk.tf.json");
  const json = JSON.parse(readFileSync(file, "utf8")) as {
    resource: Record<string, Record<string, Record<string, unknown>>>;
  };
  // The emulator has no such queue to connect with the function.
  delete json.resource.aws_lambda_event_source_mapping;
  for (const subnet of Object.values(json.resource.aws_subnet ?? {})) {
    // The provider's own is 20 minutes.
    subnet.timeouts = { delete: `${PATIENCE_SECONDS}s` };
  }
  writeFileSync(file, JSON.stringify(json));
  return folder;
};

/** What EC2 has, asked past all proxies. */
export class Ec2 {
  private readonly client: EC2Client;

  constructor(endpoint: string) {
    this.client = new EC2Client({ endpoint, region: emulatorRegion, credentials: emulatorCredentials });
  }

  /** @returns its id */
  async run(subnetId: string, groupId: string): Promise<string> {
    const { Instances = [] } = await this.client.send(
      new RunInstancesCommand({
        ImageId: "ami-12345678",
        InstanceType: "m7a.large",
        MinCount: 1,
        MaxCount: 1,
        SubnetId: subnetId,
        SecurityGroupIds: [groupId],
      }),
    );
    return String(Instances[0]?.InstanceId);
  }

  async end(id: string): Promise<void> {
    await this.client.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
  }

  /** What a machine in the subnet and the group lacks to reach port 443 of any address. */
  async lacks(subnetId: string, groupId: string): Promise<readonly string[]> {
    const { Subnets = [] } = await this.client.send(new DescribeSubnetsCommand({ SubnetIds: [subnetId] }));
    const vpcId = String(Subnets[0]?.VpcId);
    const inVpc = [{ Name: "vpc-id", Values: [vpcId] }];
    const { RouteTables = [] } = await this.client.send(new DescribeRouteTablesCommand({ Filters: inVpc }));
    const { InternetGateways = [] } = await this.client.send(
      new DescribeInternetGatewaysCommand({
        Filters: [{ Name: "attachment.vpc-id", Values: [vpcId] }],
      }),
    );
    const { SecurityGroups = [] } = await this.client.send(
      new DescribeSecurityGroupsCommand({ GroupIds: [groupId] }),
    );
    const tableOf = (own: boolean) =>
      RouteTables.find(({ Associations = [] }) =>
        Associations.some((one) => (own ? one.SubnetId === subnetId : one.Main === true)),
      );
    const { Routes = [] } = tableOf(true) ?? tableOf(false) ?? {};
    const [gateway] = InternetGateways;
    const out = Routes.some(
      ({ DestinationCidrBlock: to, GatewayId: by }) =>
        to === "0.0.0.0/0" && by === gateway?.InternetGatewayId,
    );
    const open = SecurityGroups[0]?.IpPermissionsEgress?.some(({ FromPort: port }) => port === 443);
    return [
      ...(gateway ? [] : ["gateway"]),
      ...(gateway && out ? [] : ["route"]),
      ...(open ? [] : ["egress rule"]),
    ];
  }

  /** The account's default VPC, as one of the team's own. */
  async teams(): Promise<{ readonly vpcId: string; readonly subnetIds: string[]; readonly groupId: string }> {
    const { Vpcs = [] } = await this.client.send(new DescribeVpcsCommand({}));
    const vpcId = String(Vpcs.find(({ IsDefault }) => IsDefault)?.VpcId);
    const inVpc = { Filters: [{ Name: "vpc-id", Values: [vpcId] }] };
    const { Subnets = [] } = await this.client.send(new DescribeSubnetsCommand(inVpc));
    const { SecurityGroups = [] } = await this.client.send(new DescribeSecurityGroupsCommand(inVpc));
    const group = SecurityGroups.find(({ GroupName }) => GroupName === "default");
    return {
      vpcId,
      subnetIds: Subnets.map(({ SubnetId }) => String(SubnetId)).sort(),
      groupId: String(group?.GroupId),
    };
  }

  /** Ranges of the VPCs, without the account's default one, and of the subnets in them. */
  async standing(): Promise<Readonly<Record<string, readonly string[]>>> {
    const { Vpcs = [] } = await this.client.send(new DescribeVpcsCommand({}));
    const own = Vpcs.filter(({ IsDefault }) => !IsDefault);
    const { Subnets = [] } = await this.client.send(new DescribeSubnetsCommand({}));
    return Object.fromEntries(
      own.map(({ VpcId, CidrBlock }) => [
        String(CidrBlock),
        Subnets.filter((subnet) => subnet.VpcId === VpcId)
          .map((subnet) => `${subnet.CidrBlock} ${subnet.AvailabilityZone?.slice(-1)}`)
          .sort(),
      ]),
    );
  }
}
