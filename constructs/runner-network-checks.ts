import { addCheckOnce, checkFilled, checkNotBoth, checkPattern, checkPlain, checkRange } from "./validation";
import type { ExistingNetwork, RunnerNetworkProps } from "./runner-network";
import type { Construct } from "constructs";

/** The region with the most, us-east-1, has 6: https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html */
const MAXIMUM_ZONES = 6;

type OwnProps = Omit<RunnerNetworkProps, "prefix" | "tags">;

const existingMistakes = (
  at: string,
  { vpcId, subnetIds, securityGroupIds }: ExistingNetwork,
): readonly string[] => [
  ...checkFilled(`${at}.subnetIds`, subnetIds),
  ...checkFilled(`${at}.securityGroupIds`, securityGroupIds),
  ...(vpcId === undefined && securityGroupIds === undefined
    ? [`${at} needs vpcId, to make a security group in it, or securityGroupIds.`]
    : []),
];

const networkMistakes = (props: OwnProps, at: string): readonly string[] => [
  ...checkNotBoth(`${at}existing`, props.existing, {
    [`${at}cidrBlock`]: props.cidrBlock,
    [`${at}zones`]: props.zones,
    [`${at}availabilityZones`]: props.availabilityZones,
  }),
  ...(props.existing === undefined ? [] : existingMistakes(`${at}existing`, props.existing)),
  ...(props.existing?.securityGroupIds !== undefined && props.allowHttp
    ? [
        `${at}allowHttp is for the security group that is made: add the rule to ${at}existing.securityGroupIds yourself.`,
      ]
    : []),
  ...checkPattern(
    `${at}cidrBlock`,
    props.cidrBlock,
    /^\d{1,3}(?:\.\d{1,3}){3}\/(?:1[6-9]|2[0-4])$/,
    'a block from /16 to /24 such as "10.0.0.0/16"',
  ),
  ...checkRange(`${at}zones`, props.zones, 1, MAXIMUM_ZONES),
  ...checkNotBoth(`${at}zones`, props.zones, { [`${at}availabilityZones`]: props.availabilityZones }),
  ...checkFilled(`${at}availabilityZones`, props.availabilityZones),
  ...checkPlain(`${at}availabilityZones`, props.availabilityZones, (names) =>
    names.length > 8
      ? [`${at}availabilityZones has ${names.length} names, and the VPC has room for 8 subnets.`]
      : [],
  ),
];

/** Checks a network, once; `at` stands before each prop, as the user wrote it: "network." or nothing. */
export const checkNetwork = (scope: Construct, props: OwnProps, at = ""): void => {
  addCheckOnce(scope, "network", () => networkMistakes(props, at));
};
