import type { FleetSettings } from "./contract";
import { classOf, judge, type LaunchError, type Pool } from "./launch-errors";

/** The zone of a subnet; absent: nobody knows it yet. */
export type ZoneOf = (subnetId: string) => string | undefined;

type Places = Pick<FleetSettings, "instanceTypes" | "subnetIds">;

const isIn = (pools: readonly Pool[], type: string, subnetId: string): boolean =>
  pools.some((pool) => pool.type === type && pool.subnetId === subnetId);

/** A subnet whose zone nobody knows counts as alone in one: that holds for most networks, and EC2 says where it does not. */
const zoneOrSelf = (subnetId: string, zoneOf: ZoneOf): string => zoneOf(subnetId) ?? subnetId;

const byZone = (subnetIds: readonly string[], zoneOf: ZoneOf): ReadonlyMap<string, readonly string[]> => {
  const zones = new Map<string, string[]>();
  for (const subnetId of subnetIds) {
    const zone = zoneOrSelf(subnetId, zoneOf);
    zones.set(zone, [...(zones.get(zone) ?? []), subnetId]);
  }
  return zones;
};

/**
 * The pools that one launch names: every type in one subnet of each zone. EC2 refuses the whole launch for a type that it
 * names twice in a zone: https://github.com/github-aws-runners/terraform-aws-github-runner/issues/5297
 *
 * @param without pools to leave out: where one subnet of a zone is left out whole, another stands in
 * @param turn whose turn it is where a zone has several subnets
 */
export const poolsOf = (
  { instanceTypes, subnetIds }: Places,
  without: readonly Pool[],
  zoneOf: ZoneOf,
  turn: number,
): Pool[] => {
  const open = subnetIds.filter((subnetId) => instanceTypes.some((type) => !isIn(without, type, subnetId)));
  const chosen = [...byZone(open, zoneOf).values()].map((some) => some[turn % some.length] as string);
  return instanceTypes.flatMap((type) =>
    chosen.filter((subnetId) => !isIn(without, type, subnetId)).map((subnetId) => ({ type, subnetId })),
  );
};

/**
 * Which pools another launch in the same market leaves out, after one that ended with these errors. CreateFleet can end
 * with pools that it has not asked for all that the full ones could not give: they are asked once, without the full ones.
 * A subnet that is full itself has its place taken by another of its zone, for as long as there is one.
 *
 * @returns undefined when nothing is left to ask
 */
export const leaveOut = (
  { instanceTypes, subnetIds }: Places,
  without: readonly Pool[],
  errors: readonly LaunchError[],
  zoneOf: ZoneOf,
): readonly Pool[] | undefined => {
  if (judge(errors) !== "elsewhere" || errors.some(({ pool }) => pool === undefined)) return undefined;
  const ofSubnets = errors.filter(({ code }) => classOf(code).of === "subnet");
  if (without.length > 0 && ofSubnets.length === 0) return undefined;
  const fullSubnets = new Set(ofSubnets.map(({ pool }) => pool?.subnetId));
  const fullPools = errors.flatMap(({ code, pool }) =>
    pool && classOf(code).of !== "subnet" ? [`${pool.type} in ${zoneOrSelf(pool.subnetId, zoneOf)}`] : [],
  );
  const isFull = (type: string, subnetId: string): boolean =>
    fullSubnets.has(subnetId) || fullPools.includes(`${type} in ${zoneOrSelf(subnetId, zoneOf)}`);
  const pools = instanceTypes.flatMap((type) => subnetIds.map((subnetId) => ({ type, subnetId })));
  const out = pools.filter(({ type, subnetId }) => isIn(without, type, subnetId) || isFull(type, subnetId));
  return out.length > without.length && out.length < pools.length ? out : undefined;
};

/**
 * What to leave out once EC2 has refused a launch for two subnets in one zone: all but one subnet of each zone where the
 * zones are known by now, and all but the first subnet where they are not.
 *
 * @returns undefined when the launch named no two subnets of which that could be
 */
export const leaveOutDoubled = (
  { instanceTypes, subnetIds }: Places,
  without: readonly Pool[],
  zoneOf: ZoneOf,
): readonly Pool[] | undefined => {
  if (without.length > 0) return undefined;
  const allKnown = subnetIds.every((subnetId) => zoneOf(subnetId) !== undefined);
  const kept = allKnown
    ? [...byZone(subnetIds, zoneOf).values()].map(([first]) => first)
    : subnetIds.slice(0, 1);
  const out = subnetIds.filter((subnetId) => !kept.includes(subnetId));
  return out.length === 0
    ? undefined
    : instanceTypes.flatMap((type) => out.map((subnetId) => ({ type, subnetId })));
};
