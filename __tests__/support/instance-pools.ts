/**
 * What EC2 answers to a CreateFleet whose overrides name one instance type twice in one zone. It refuses the whole
 * request, and launches nothing. Seen by others:
 * https://github.com/aws-samples/aws-plugin-for-slurm/issues/19
 * https://github.com/github-aws-runners/terraform-aws-github-runner/issues/5297
 */
export const DUPLICATE_POOLS = {
  code: "InvalidFleetConfig",
  message: "The fleet configuration contains duplicate instance pools.",
} as const;

/** An override of CreateFleet, as the SDK has it. */
export interface Override {
  readonly InstanceType?: string;
  readonly SubnetId?: string;
}

export type ZoneOf = (subnetId: string) => string;

/** Zones of subnets, by id. One that is not named is alone in a zone of its own. */
export type Zones = ReadonlyMap<string, string>;

export const zonesBy =
  (zones: Zones): ZoneOf =>
  (subnetId) =>
    zones.get(subnetId) ?? `zone of ${subnetId}`;

/** Whether two overrides are one instance type in one zone. */
export const hasDuplicatePools = (overrides: readonly Override[], zoneOf: ZoneOf): boolean => {
  const pools = overrides.map(({ InstanceType, SubnetId = "" }) => `${InstanceType} in ${zoneOf(SubnetId)}`);
  return new Set(pools).size < pools.length;
};

const OVERRIDE = /^LaunchTemplateConfigs\.\d+\.(Overrides\.\d+)\.(InstanceType|SubnetId)$/;

/** The overrides of a request on the wire, by their number in it: `Overrides.1`. */
export const overridesIn = (asked: URLSearchParams): ReadonlyMap<string, Override> => {
  const overrides = new Map<string, Override>();
  for (const [key, value] of asked) {
    const [, number, field] = OVERRIDE.exec(key) ?? [];
    if (number && field) overrides.set(number, { ...overrides.get(number), [field]: value });
  }
  return overrides;
};
