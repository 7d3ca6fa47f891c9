import { TerraformOutput, Token } from "cdktf";
import { RunnerNetwork } from "../../constructs/runner-network";
import { mistakes, synthesize } from "../support/synth";
import type { RunnerNetworkProps } from "../../constructs/runner-network";
import type { TerraformStack } from "cdktf";

const put =
  (more: Partial<RunnerNetworkProps> = {}) =>
  (stack: TerraformStack): RunnerNetwork =>
    new RunnerNetwork(stack, "N", { prefix: "acme", ...more });

const existing = { subnetIds: ["subnet-1", "subnet-2"], securityGroupIds: ["sg-1"] };

describe("RunnerNetwork", () => {
  it("makes a small VPC with three public subnets, gateways, and no NAT", () => {
    expect(synthesize(put()).counts()).toEqual({
      aws_default_security_group: 1,
      aws_internet_gateway: 1,
      aws_main_route_table_association: 1,
      aws_route: 1,
      aws_route_table: 1,
      aws_route_table_association: 3,
      aws_security_group: 1,
      aws_subnet: 3,
      aws_vpc: 1,
      aws_vpc_endpoint: 2,
      aws_vpc_security_group_egress_rule: 1,
      terraform_data: 1,
    });
  });

  it("lets nothing in, and port 443 out", () => {
    const synthesized = synthesize(put());

    expect(synthesized.resource("aws_security_group")).not.toHaveProperty("ingress");
    expect(synthesized.resource("aws_security_group")).not.toHaveProperty("egress");
    expect(synthesized.resource("aws_vpc_security_group_egress_rule")).toMatchObject({
      security_group_id: expect.stringMatching(
        /^\$\{aws_security_group\.N_SecurityGroup_\w+\.id\}$/,
      ) as string,
      ip_protocol: "tcp",
      from_port: 443,
      to_port: 443,
      cidr_ipv4: "0.0.0.0/0",
    });
  });

  it("lets port 80 out when asked to", () => {
    const rules = Object.values(
      synthesize(put({ allowHttp: true })).resources("aws_vpc_security_group_egress_rule"),
    );

    expect(rules.map(({ from_port: from, to_port: to }) => [from, to])).toEqual([
      [80, 80],
      [443, 443],
    ]);
  });

  it("empties the security group that comes with the VPC", () => {
    const group = synthesize(put()).resource("aws_default_security_group");

    expect(group).not.toHaveProperty("ingress");
    expect(group).not.toHaveProperty("egress");
  });

  it("spreads subnets over the region's zones, and leaves them where they are", () => {
    const synthesized = synthesize(put({ zones: 2, cidrBlock: "10.9.0.0/20" }));
    const subnets = Object.values(synthesized.resources("aws_subnet"));
    const [first, second] = subnets.map(({ availability_zone: zone }) =>
      String(zone).replace(/_[0-9A-F]{8}\b/g, ""),
    );

    expect(first).toBe("${element(data.aws_availability_zones.N_Zones.names, 0)}");
    expect(second).toBe(
      '${element(concat(sort(setsubtract(data.aws_availability_zones.N_Zones.names, [aws_subnet.N_Subnet0.availability_zone])), ["none"]), 0)}',
    );
    expect(subnets.map(({ cidr_block: block }) => block)).toEqual([
      '${cidrsubnet("10.9.0.0/20", 3, 0)}',
      '${cidrsubnet("10.9.0.0/20", 3, 1)}',
    ]);
    for (const subnet of subnets) {
      expect(subnet).toMatchObject({
        map_public_ip_on_launch: true,
        lifecycle: { create_before_destroy: true, ignore_changes: ["availability_zone"] },
      });
    }
  });

  it("makes all anew before anything goes, but for the group that comes with the VPC", () => {
    const { resource } = synthesize(put({ allowHttp: true })).json as {
      resource: Record<string, Record<string, { lifecycle?: { create_before_destroy?: boolean } }>>;
    };
    const others = Object.entries(resource)
      .filter(([, all]) => !Object.values(all).every(({ lifecycle }) => lifecycle?.create_before_destroy))
      .map(([type]) => type);

    expect(others.sort()).toEqual(["aws_default_security_group", "terraform_data"]);
  });

  it("keeps every way out until the last subnet is gone", () => {
    const synthesized = synthesize(put({ allowHttp: true }));
    const addresses = (type: string) => Object.keys(synthesized.resources(type)).map((id) => `${type}.${id}`);

    for (const { depends_on: needs } of Object.values(synthesized.resources("aws_subnet"))) {
      expect([...(needs as string[])].sort()).toEqual(
        [
          "aws_main_route_table_association",
          "aws_route",
          "aws_vpc_endpoint",
          "aws_vpc_security_group_egress_rule",
        ].flatMap(addresses),
      );
    }
  });

  it("makes a gateway anew with the VPC, and the VPC with other zones", () => {
    const synthesized = synthesize(put({ availabilityZones: ["eu-west-1b", "eu-west-1c"] }));
    const triggers = (type: string) =>
      (synthesized.resource(type).lifecycle as { replace_triggered_by: string[] }).replace_triggered_by;

    expect(triggers("aws_internet_gateway")).toEqual([expect.stringMatching(/^aws_vpc\.N_Vpc_\w+\.id$/)]);
    expect(triggers("aws_main_route_table_association")).toEqual(triggers("aws_internet_gateway"));
    expect(triggers("aws_vpc")).toEqual(
      ["ZonesBy", "Zone0", "Zone1"].map(
        (id) => expect.stringMatching(new RegExp(`^terraform_data\\.N_${id}_\\w+$`)) as unknown,
      ),
    );
    const inputs = Object.values(synthesized.resources("terraform_data")).map(({ input }) => input);
    expect(inputs).toEqual(
      expect.arrayContaining([{ zones: "named" }, { zone: "eu-west-1b" }, { zone: "eu-west-1c" }]),
    );
  });

  it("has the plan end where the account sees fewer zones, with the number that it sees", () => {
    const associations = Object.values(
      synthesize(put({ zones: 2 })).resources("aws_route_table_association"),
    );

    expect(associations.map(({ lifecycle }) => lifecycle)).toEqual([
      { create_before_destroy: true },
      {
        create_before_destroy: true,
        precondition: [
          {
            condition: expect.stringMatching(
              /^\$\{\(?aws_subnet\.N_Subnet1_\w+\.availability_zone != "none"\)?\}$/,
            ) as unknown,
            error_message: expect.stringMatching(
              /asks for 2 zones, and this account sees \$\{length\(data\.aws_availability_zones\.N_Zones_\w+\.names\)\} .*set zones \(network\.zones\)/,
            ) as unknown,
          },
        ],
      },
    ]);
  });

  it("takes the names of zones, and asks for none then", () => {
    const synthesized = synthesize(put({ availabilityZones: ["eu-west-1b", "eu-west-1c"] }));
    const subnets = Object.values(synthesized.resources("aws_subnet"));

    expect(subnets.map(({ availability_zone: zone }) => zone)).toEqual(["eu-west-1b", "eu-west-1c"]);
    for (const { lifecycle } of subnets) expect(lifecycle).not.toHaveProperty("ignore_changes");
    expect(synthesized.json.data).not.toHaveProperty("aws_availability_zones");
  });

  it("reaches S3 and DynamoDB by gateways, which cost nothing", () => {
    const endpoints = Object.values(synthesize(put()).resources("aws_vpc_endpoint"));

    expect(
      endpoints.map(({ service_name: name }) =>
        String(name)
          .replace(/\$\{trimprefix\(data\.aws_service\.\w+\.reverse_dns_prefix, "cn\."\)\}/, "PREFIX")
          .replace(/\$\{data\.aws_service\.\w+\.region\}/, "REGION"),
      ),
    ).toEqual(["PREFIX.REGION.dynamodb", "PREFIX.REGION.s3"]);
    for (const endpoint of endpoints) {
      expect(endpoint).toMatchObject({
        vpc_endpoint_type: "Gateway",
        route_table_ids: [expect.stringMatching(/^\$\{aws_route_table\.N_RouteTable_\w+\.id\}$/)],
      });
    }
  });

  it("hands on what it made", () => {
    const synthesized = synthesize((stack) => {
      const { subnetIds, securityGroupIds } = put()(stack);
      new TerraformOutput(stack, "ids", { value: [...subnetIds, ...securityGroupIds] });
    });

    expect(synthesized.json.output).toEqual({
      ids: {
        value: [
          expect.stringMatching(/^\$\{aws_subnet\.N_Subnet0_\w+\.id\}$/),
          expect.stringMatching(/^\$\{aws_subnet\.N_Subnet1_\w+\.id\}$/),
          expect.stringMatching(/^\$\{aws_subnet\.N_Subnet2_\w+\.id\}$/),
          expect.stringMatching(/^\$\{aws_security_group\.N_SecurityGroup_\w+\.id\}$/),
        ],
      },
    });
  });

  it("makes nothing where subnets and security groups are there", () => {
    let network: RunnerNetwork | undefined;
    const synthesized = synthesize((stack) => {
      network = put({ existing })(stack);
    });

    expect(synthesized.counts()).toEqual({});
    expect(network?.subnetIds).toEqual(existing.subnetIds);
    expect(network?.securityGroupIds).toEqual(["sg-1"]);
  });

  it("makes only a security group in a VPC that is there", () => {
    const synthesized = synthesize(put({ existing: { vpcId: "vpc-1", subnetIds: ["subnet-1"] } }));

    expect(synthesized.counts()).toEqual({ aws_security_group: 1, aws_vpc_security_group_egress_rule: 1 });
    expect(synthesized.resource("aws_security_group")).toMatchObject({ vpc_id: "vpc-1" });
  });

  it("stands twice in a stack, with tags of its own", () => {
    const synthesized = synthesize((stack) => {
      new RunnerNetwork(stack, "A", { prefix: "a", tags: { team: "x" } });
      new RunnerNetwork(stack, "B", { prefix: "b" });
    });

    expect(synthesized.counts()).toMatchObject({ aws_vpc: 2, aws_subnet: 6 });
    expect(Object.values(synthesized.resources("aws_vpc")).map(({ tags }) => tags)).toEqual([
      { Name: "a-runners", team: "x", "ephemeral-runners:installation": "a" },
      { Name: "b-runners", "ephemeral-runners:installation": "b" },
    ]);
  });

  it.each<Partial<RunnerNetworkProps>>([
    { cidrBlock: "10.64.0.0/18" },
    { cidrBlock: "192.168.7.0/24" },
    { availabilityZones: ["us-gov-west-1b", "us-west-2-lax-1a", "us-east-1-wl1-bos-wlz-1"] },
    { availabilityZones: [Token.asString("${data.x.y.names[0]}")] },
    {
      existing: {
        vpcId: Token.asString("${aws_vpc.x.id}"),
        subnetIds: [Token.asString("${aws_subnet.x.id}"), Token.asString("${aws_subnet.x.id}")],
        securityGroupIds: [Token.asString("${aws_security_group.x.id}")],
      },
    },
  ])("takes %j", (more) => {
    expect(mistakes((stack) => void put(more)(stack))).toEqual([]);
  });

  it.each<[Partial<RunnerNetworkProps>, string]>([
    [{ existing, zones: 2 }, "existing and zones exclude each other: leave out existing, or zones."],
    [
      { existing: { subnetIds: ["subnet-1"] } },
      "existing needs vpcId, to make a security group in it, or securityGroupIds.",
    ],
    [
      { existing: { vpcId: "vpc-1", subnetIds: [] } },
      "existing.subnetIds must name at least one, and is empty.",
    ],
    [
      { availabilityZones: ["eu-west-1a", "eu-west-1b", "eu-west-1a"] },
      'availabilityZones names "eu-west-1a" twice: leave one out.',
    ],
    [
      { existing: { ...existing, subnetIds: ["subnet-1", "subnet-2", "subnet-1"] } },
      'existing.subnetIds names "subnet-1" twice: leave one out.',
    ],
    [
      { existing, allowHttp: true },
      "allowHttp is for the security group that is made: add the rule to existing.securityGroupIds yourself.",
    ],
    [{ zones: Infinity }, "zones must be a whole number from 1 to 6, and is Infinity."],
    [{ zones: 7 }, "zones must be a whole number from 1 to 6, and is 7."],
    [
      { zones: 1, availabilityZones: ["eu-west-1a"] },
      "zones and availabilityZones exclude each other: leave out zones, or availabilityZones.",
    ],
    [{ availabilityZones: [] }, "availabilityZones must name at least one, and is empty."],
    [
      { cidrBlock: "10.0.0.0/8" },
      'cidrBlock must be a block from /16 to /24 such as "10.0.0.0/16", with zeros behind its bits, and is "10.0.0.0/8".',
    ],
    ...["10.0.0.0", "10.0.0.300/16", "10.0.1.0/16", "10.0.0.128/24", "fd00::/16"].map(
      (cidrBlock): [Partial<RunnerNetworkProps>, string] => [
        { cidrBlock },
        `cidrBlock must be a block from /16 to /24 such as "10.0.0.0/16", with zeros behind its bits, and is "${cidrBlock}".`,
      ],
    ),
    ...["a", "eu-west-1", "euw1-az1", "EU-WEST-1A"].map((zone): [Partial<RunnerNetworkProps>, string] => [
      { availabilityZones: ["eu-west-1a", zone] },
      `availabilityZones[1] must be a zone such as "eu-west-1a", and is "${zone}".`,
    ]),
    [
      { existing: { vpcId: "main", subnetIds: ["subnet-1"] } },
      'existing.vpcId must be an id such as "vpc-0123456789abcdef0", and is "main".',
    ],
    [
      { existing: { vpcId: "vpc-1", subnetIds: ["subnet-1", "10.0.0.0/24"] } },
      'existing.subnetIds[1] must be an id such as "subnet-0123456789abcdef0", and is "10.0.0.0/24".',
    ],
    [
      { existing: { ...existing, securityGroupIds: ["default"] } },
      'existing.securityGroupIds[0] must be an id such as "sg-0123456789abcdef0", and is "default".',
    ],
  ])("refuses %j", (more, message) => {
    expect(mistakes((stack) => void put(more)(stack))).toEqual([message]);
  });

  it.each<[unknown, string]>([
    [{ existing: {} }, "existing.subnetIds is missing: it must be a list of texts."],
    [
      { existing: { subnetIds: "subnet-1" } },
      'existing.subnetIds must be a list of texts, and is "subnet-1".',
    ],
    [{ zones: "3" }, 'zones must be a number, and is "3". Take the quotes off.'],
  ])("refuses %j before anything is built", (more, message) => {
    expect(() => synthesize(put(more as Partial<RunnerNetworkProps>))).toThrow(`[test/N] ${message}`);
  });
});
