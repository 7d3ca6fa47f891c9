import { isIPv4 } from "node:net";
import { checkList, isUnknownList } from "./lists";
import {
  addCheckOnce,
  checkFilled,
  checkNotBoth,
  checkPattern,
  checkPlain,
  checkRange,
  isKnown,
  shown,
} from "./validation";
import type { ExistingNetwork, RunnerNetworkProps } from "./runner-network";
import type { Construct } from "constructs";

/** The region with the most, us-east-1, has 6: https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html */
const MAXIMUM_ZONES = 6;

type OwnProps = Omit<RunnerNetworkProps, "prefix" | "tags">;

const idMistakes = (prop: string, id: string | undefined, kind: string): readonly string[] =>
  isKnown(id)
    ? checkPattern(prop, id, new RegExp(`^${kind}-[0-9a-z]+$`), `an id such as "${kind}-0123456789abcdef0"`)
    : [];

const idsMistakes = (prop: string, ids: readonly string[] | undefined, kind: string): readonly string[] =>
  !isUnknownList(ids) ? (ids ?? []).flatMap((id, index) => idMistakes(`${prop}[${index}]`, id, kind)) : [];

/** A zone, and no region: "eu-west-1a"; local ones have more behind the region. https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html */
const ZONE = /^[a-z]{2,}(?:-[a-z]+)+-\d(?:[a-z]|-[a-z0-9-]+)$/;

const existingMistakes = (
  at: string,
  { vpcId, subnetIds, securityGroupIds }: ExistingNetwork,
): readonly string[] => [
  ...checkList(`${at}.subnetIds`, subnetIds),
  ...checkList(`${at}.securityGroupIds`, securityGroupIds),
  ...doubledMistakes(`${at}.subnetIds`, subnetIds),
  ...idMistakes(`${at}.vpcId`, vpcId, "vpc"),
  ...idsMistakes(`${at}.subnetIds`, subnetIds, "subnet"),
  ...idsMistakes(`${at}.securityGroupIds`, securityGroupIds, "sg"),
  ...(vpcId === undefined && securityGroupIds === undefined
    ? [`${at} needs vpcId, to make a security group in it, or securityGroupIds.`]
    : []),
];

const doubledMistakes = (prop: string, values: readonly string[]): readonly string[] => {
  const doubled = isUnknownList(values)
    ? undefined
    : values.find((value, index) => isKnown(value) && values.indexOf(value) !== index);
  return doubled === undefined ? [] : [`${prop} names "${doubled}" twice: leave one out.`];
};

/** A base address and nothing behind it, as AWS wants a block: "10.0.0.0/16", and not "10.0.0.1/16". */
const isBlock = (text: string): boolean => {
  const [, address = "", bits = ""] = /^([\d.]+)\/(1[6-9]|2[0-4])$/.exec(text) ?? [];
  if (!isIPv4(address)) return false;
  const [, , third = 0, fourth = 0] = address.split(".").map(Number);
  return (third * 256 + fourth) % 2 ** (32 - Number(bits)) === 0;
};

const blockMistakes = (prop: string, block: string | undefined): readonly string[] =>
  checkPlain(prop, block, (known) =>
    isBlock(known)
      ? []
      : [
          `${prop} must be a block from /16 to /24 such as "10.0.0.0/16", with zeros behind its bits, and is ${shown(known)}.`,
        ],
  );

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
  ...blockMistakes(`${at}cidrBlock`, props.cidrBlock),
  ...checkRange(`${at}zones`, props.zones, 1, MAXIMUM_ZONES),
  ...checkNotBoth(`${at}zones`, props.zones, { [`${at}availabilityZones`]: props.availabilityZones }),
  ...checkFilled(`${at}availabilityZones`, props.availabilityZones),
  ...checkPlain(`${at}availabilityZones`, props.availabilityZones, (names) =>
    names.length > 8
      ? [`${at}availabilityZones has ${names.length} names, and the VPC has room for 8 subnets.`]
      : [
          ...names.flatMap((name, index) =>
            isKnown(name)
              ? checkPattern(`${at}availabilityZones[${index}]`, name, ZONE, 'a zone such as "eu-west-1a"')
              : [],
          ),
          ...doubledMistakes(`${at}availabilityZones`, names),
        ],
  ),
];

/** Checks a network, once; `at` stands before each prop, as the user wrote it: "network." or nothing. */
export const checkNetwork = (scope: Construct, props: OwnProps, at = ""): void => {
  addCheckOnce(scope, "network", () => networkMistakes(props, at));
};
