/** The ground of machines: each of these rows by itself, for machines run on what is changed. */
import { emulatorRegion } from "../../../support/moto";
import { NETWORK } from "../ground";
import { alone, together, type Step } from "../row";

/** What an own network is made of, and may be made anew. */
const OWN_NETWORK = [
  "aws_vpc",
  "aws_subnet",
  "aws_route",
  "aws_route_table",
  "aws_route_table_association",
  "aws_internet_gateway",
  "aws_main_route_table_association",
  "aws_security_group",
  "aws_vpc_endpoint",
  "aws_default_security_group",
  "aws_vpc_security_group_egress_rule",
];
const subnets = ["aws_subnet", "aws_route_table_association"];
/** The settings of a fleet, as the functions read them. */
const settings = "aws_ssm_parameter";
const existing = "runners.network.existing";
const { vpcId, subnetIds, securityGroupIds } = NETWORK;
const [first, second] = subnetIds;

export const networkSteps: readonly Step[] = [
  ...alone([
    {
      key: "runners.network.cidrBlock",
      values: ["10.9.0.0/16"],
      shows: [["aws_subnet", '"cidr_block":"10.9.']],
      replaces: OWN_NETWORK,
    },
    {
      key: "runners.network.zones",
      what: "3 to 2",
      values: [2],
      shows: [["aws_subnet", `!"availability_zone":"${emulatorRegion}c"`]],
      replaces: subnets,
    },
    {
      key: "runners.network.availabilityZones",
      values: [[`${emulatorRegion}c`, `${emulatorRegion}a`]],
      shows: [["aws_subnet", `!"availability_zone":"${emulatorRegion}b"`]],
      replaces: subnets,
    },
    {
      key: existing,
      what: "own to existing and back",
      values: [NETWORK],
      shows: [[settings, first]],
      replaces: OWN_NETWORK,
    },
    {
      key: "runners.network.allowHttp",
      values: [true],
      shows: [["aws_vpc_security_group_egress_rule", '"from_port":80,']],
      replaces: ["aws_vpc_security_group_egress_rule"],
    },
  ]),
  together("an existing network's keys", [
    {
      key: `${existing}.vpcId`,
      values: [vpcId, undefined],
      beside: { [existing]: { vpcId, subnetIds: [first] } },
      shows: [
        ["aws_security_group", vpcId],
        ["aws_launch_template", "{group}"],
      ],
      replaces: OWN_NETWORK,
    },
    {
      key: `${existing}.subnetIds`,
      values: [[first], [second]],
      shows: [
        [settings, first],
        [settings, second],
      ],
    },
    {
      key: `${existing}.securityGroupIds`,
      values: [undefined, securityGroupIds],
      shows: [
        ["aws_security_group", vpcId],
        ["aws_launch_template", "{group}"],
      ],
      replaces: OWN_NETWORK,
    },
  ]),
];
