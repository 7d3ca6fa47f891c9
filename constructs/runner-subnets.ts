import { DataAwsAvailabilityZones } from "@cdktf/provider-aws/lib/data-aws-availability-zones";
import { RouteTableAssociation } from "@cdktf/provider-aws/lib/route-table-association";
import { Subnet } from "@cdktf/provider-aws/lib/subnet";
import { DataResource, Fn, Op, Token } from "cdktf";
import { nameOf, tagsOf } from "./common";
import { newBeforeOld } from "./new-before-old";
import type { RunnerNetworkProps } from "./runner-network";
import type { RouteTable } from "@cdktf/provider-aws/lib/route-table";
import type { Vpc } from "@cdktf/provider-aws/lib/vpc";
import type { ITerraformDependable, Precondition } from "cdktf";
import type { Construct } from "constructs";

export const DEFAULT_CIDR_BLOCK = "10.0.0.0/16";
const DEFAULT_ZONES = 3;
/** Eighths of the VPC: room for all zones that there can be, so that one can be added without moving another. */
const SUBNET_BITS = 3;
/** No zone's name: of a subnet for which there is none. */
const NO_ZONE = "none";

export interface Subnets {
  readonly subnets: readonly Subnet[];
  readonly associations: readonly RouteTableAssociation[];
}

/** What subnets stand in. */
export interface Ground {
  readonly vpc: Vpc;
  readonly routeTable: RouteTable;
  /** Stand as long as any of the subnets. */
  readonly waysOut: readonly ITerraformDependable[];
}

/**
 * The way in which subnets get their zones, and each zone that is named. A subnet has its range by its place in the list, so
 * within one VPC none can be made in another zone while the one before stands: a change of these makes a new VPC. One more
 * at the end, or one less, changes none.
 */
export const keepZones = (
  scope: Construct,
  { availabilityZones }: RunnerNetworkProps,
): readonly DataResource[] => [
  new DataResource(scope, "ZonesBy", { input: { zones: availabilityZones ? "named" : "counted" } }),
  ...(availabilityZones ?? []).map(
    (zone, index) => new DataResource(scope, `Zone${index}`, { input: { zone } }),
  ),
];

/**
 * Subnets, each in a zone of its own. EC2 refuses a launch that names one instance type twice in a zone, so a second
 * subnet in one would only take turns with the first.
 */
export const createSubnets = (
  scope: Construct,
  props: RunnerNetworkProps,
  { vpc, routeTable, waysOut }: Ground,
): Subnets => {
  const named = props.availabilityZones;
  const found = named === undefined ? zonesOf(scope) : undefined;
  // Too many are told as a mistake; here the rest is left out, so that the synth gets as far as telling.
  const count = Math.min(named?.length ?? props.zones ?? DEFAULT_ZONES, 2 ** SUBNET_BITS);
  const subnets: Subnet[] = [];
  for (let index = 0; index < count; index++) {
    const availabilityZone = named?.[index] ?? nextZone(found ?? [], subnets);
    const block = Fn.cidrsubnet(props.cidrBlock ?? DEFAULT_CIDR_BLOCK, SUBNET_BITS, index);
    subnets.push(
      new Subnet(scope, `Subnet${index}`, {
        vpcId: vpc.id,
        cidrBlock: block,
        availabilityZone,
        mapPublicIpOnLaunch: true,
        tags: tagsOf(props, { Name: nameOf(props, "runners", String(index)) }),
        // A zone that AWS takes off the list for a while must not move the subnets behind it; and one that stands in
        // the zone of another, as older versions made it, is left there.
        lifecycle: { ...newBeforeOld, ...(found && { ignoreChanges: ["availability_zone"] }) },
        dependsOn: [...waysOut],
      }),
    );
  }
  const associations = subnets.map(
    (subnet, index) =>
      new RouteTableAssociation(scope, `Association${index}`, {
        subnetId: subnet.id,
        routeTableId: routeTable.id,
        lifecycle: {
          ...newBeforeOld,
          ...(found && index > 0 && { precondition: [hasZone(subnet, found, count)] }),
        },
      }),
  );
  return { subnets, associations };
};

const zonesOf = (scope: Construct): string[] =>
  new DataAwsAvailabilityZones(scope, "Zones", {
    state: "available",
    filter: [{ name: "opt-in-status", values: ["opt-in-not-required"] }],
  }).names;

/** The first zone that none of the subnets before is in; those that stand are where they were made. */
const nextZone = (zones: string[], before: readonly Subnet[]): string => {
  if (before.length === 0) return Token.asString(Fn.element(zones, 0));
  const taken = before.map(({ availabilityZone }) => availabilityZone);
  const free = Fn.sort(Fn.setsubtract(zones, taken));
  return Token.asString(Fn.element(Fn.concat([free, [NO_ZONE]]), 0));
};

/**
 * Ends the plan where there was no zone for a new subnet. A resource cannot say so of itself, so what is behind it does;
 * one that stands has its zone from the state, whatever the list says today.
 */
const hasZone = ({ availabilityZone }: Subnet, zones: string[], count: number): Precondition => ({
  condition: Op.neq(availabilityZone, NO_ZONE),
  errorMessage: `The network asks for ${count} zones, and this account sees ${Fn.lengthOf(zones)} in the region that need no opt-in: set zones (network.zones) to that number, or name others in availabilityZones.`,
});
