import { SsmParameter } from "@cdktf/provider-aws/lib/ssm-parameter";
import { Fn, Op } from "cdktf";
import { tagsOf } from "./common";
import {
  DEFAULT_LABEL_MATCH,
  DEFAULT_MARKETS,
  DEFAULT_MAXIMUM_MACHINES,
  fleetArchitecture,
  fleetInstanceTypes,
} from "./fleet";
import { isUnknownList, toJson } from "./lists";
import { newBeforeOld } from "./new-before-old";
import { addCheck, knownBytes, likelyBytes } from "./validation";
import type { NamedProps } from "./common";
import type { Precondition } from "cdktf";
import type { FleetProps } from "./fleet";
import type { UsedLaunchTemplate } from "./used-launch-template";
import type { FleetSettings } from "../functions/shared/contract";
import type { Construct } from "constructs";

export interface FleetParameterProps extends NamedProps {
  readonly fleet: FleetProps;
  /** Name of the parameter. */
  readonly name: string;
  readonly template: UsedLaunchTemplate;
  readonly subnetIds: readonly string[];
  readonly runnerGroup: { readonly id: string; readonly name: string };
}

/**
 * What a parameter holds; an advanced one costs 0.05 USD a month.
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html
 */
const MAXIMUM_BYTES = { Standard: 4096, Advanced: 8192 };

const tierOf = (value: string): keyof typeof MAXIMUM_BYTES =>
  likelyBytes(value) > MAXIMUM_BYTES.Standard ? "Advanced" : "Standard";

/** What launching for one fleet takes, where the functions read it: in an environment, many fleets would not find room. */
export const fleetParameter = (scope: Construct, id: string, props: FleetParameterProps): SsmParameter => {
  const value = toJson(settingsOf(props));
  addCheck(scope, () => [...poolMistakes(props), ...lengthMistakes(props.fleet.name, value)]);
  return new SsmParameter(scope, id, {
    name: props.name,
    description: `What the launch function knows of fleet ${props.fleet.name}`,
    type: "String",
    // Nothing in it is secret, and this way the plan shows it.
    insecureValue: value,
    ...(tierOf(value) === "Advanced" && { tier: "Advanced" }),
    tags: tagsOf(props),
    lifecycle: {
      ...newBeforeOld,
      ...(isUnknownList(props.subnetIds) && { precondition: limitsAtPlan(props, value) }),
    },
  });
};

const settingsOf = ({ fleet, template, subnetIds, runnerGroup }: FleetParameterProps): FleetSettings => ({
  labels: fleet.labels,
  ...(fleet.labelMatch !== undefined &&
    fleet.labelMatch !== DEFAULT_LABEL_MATCH && { labelMatch: fleet.labelMatch }),
  runnerGroupId: runnerGroup.id,
  runnerGroupName: runnerGroup.name,
  launchTemplateId: template.id,
  launchTemplateVersion: template.version,
  instanceTypes: fleetInstanceTypes(fleet),
  subnetIds,
  markets: fleet.markets ?? DEFAULT_MARKETS,
  maximumMachines: fleet.maximumMachines ?? DEFAULT_MAXIMUM_MACHINES,
  roleId: template.roleId,
  architecture: fleetArchitecture(fleet),
});

/**
 * EC2 has this limit for other types of fleets, and says none for `instant`:
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_FleetLaunchTemplateConfigRequest.html
 * Sixteen requests so long, which are the most that a fleet's item in the ledger holds, are within DynamoDB's 400 KB.
 */
const MAXIMUM_POOLS = 300;

const poolMistakes = ({ fleet, subnetIds }: FleetParameterProps): readonly string[] => {
  if (isUnknownList(subnetIds)) return [];
  const types = fleetInstanceTypes(fleet).length;
  const pools = types * subnetIds.length;
  return pools <= MAXIMUM_POOLS
    ? []
    : [
        `Fleet ${fleet.name} has ${types} instance types in ${subnetIds.length} subnets: of the ${pools} pairs a launch can name ${MAXIMUM_POOLS}, so leave out some of them.`,
      ];
};

/** What a reference will become is not known here, so this is the least that the parameter takes. */
const lengthMistakes = (fleet: string, value: string): readonly string[] => {
  const bytes = knownBytes(value);
  return bytes <= MAXIMUM_BYTES.Advanced
    ? []
    : [
        `Labels, instance types and subnets of fleet ${fleet} take ${bytes} bytes together, and a parameter holds ${MAXIMUM_BYTES.Advanced}: shorten them.`,
      ];
};

/** The same limits, where only Terraform knows how many subnets there are. */
const limitsAtPlan = ({ fleet, subnetIds }: FleetParameterProps, value: string): Precondition[] => {
  const types = fleetInstanceTypes(fleet).length;
  const most = Math.floor(MAXIMUM_POOLS / types);
  const limit = MAXIMUM_BYTES[tierOf(value)];
  const room = limit - knownBytes(value);
  const count = Fn.lengthOf(subnetIds);
  return [
    {
      condition: Op.gte(count, 1),
      errorMessage: "The list of subnetIds is empty: it must name at least one.",
    },
    {
      condition: Op.lte(count, most),
      errorMessage: `Fleet ${fleet.name} has ${types} instance types, and a launch can name ${MAXIMUM_POOLS} pairs of a type and a subnet: give it ${most} subnets at most, or fewer types.`,
    },
    {
      condition: Op.lte(Fn.lengthOf(Fn.jsonencode(subnetIds)), room),
      errorMessage: `Labels, instance types and subnets of fleet ${fleet.name} take more than the ${limit} bytes of a parameter together: shorten them.`,
    },
  ];
};
