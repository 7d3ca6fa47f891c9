import { commonOf } from "./common";
import { fleetArchitecture } from "./fleet";
import { fleetParameter } from "./fleet-parameter";
import { asList } from "./lists";
import { RunnerLaunchTemplate } from "./runner-launch-template";
import { MACHINE } from "./shape";
import { existingTemplate, madeTemplate } from "./used-launch-template";
import { isKnown } from "./validation";
import type { AwsEnvironment } from "./aws-environment";
import type { FunctionProps } from "./common";
import type { FleetProps, MachineProps } from "./fleet";
import type { RunnerTables } from "./runner-tables";
import type { UsedLaunchTemplate } from "./used-launch-template";
import type { SsmParameter } from "@cdktf/provider-aws/lib/ssm-parameter";
import type { Construct } from "constructs";

export interface FleetPartsProps extends FunctionProps {
  readonly fleets: readonly FleetProps[];
  readonly network: { readonly subnetIds: readonly string[]; readonly securityGroupIds: readonly string[] };
  readonly runnerGroup: { readonly id: string; readonly name: string };
  readonly tables: RunnerTables;
  readonly aws: AwsEnvironment;
  /** Names of the fleets' parameters begin with it. */
  readonly fleetParameterPrefix: string;
}

/** What is made for each fleet, by its name. */
export interface FleetParts {
  /** Without the fleets that have a template of the team's own. */
  readonly launchTemplates: Readonly<Record<string, RunnerLaunchTemplate>>;
  readonly parameters: Readonly<Record<string, SsmParameter>>;
  /** In the order of the fleets. */
  readonly used: readonly UsedLaunchTemplate[];
}

/** Two fleets of one name are told as a mistake; here the second is left out, so that the synth gets as far as telling. */
export const distinctFleets = (fleets: readonly FleetProps[]): readonly FleetProps[] =>
  fleets.filter(
    ({ name }, index) => isKnown(name) && fleets.findIndex((other) => other.name === name) === index,
  );

/** Every prop of a machine that the fleet has. */
const machineOf = (fleet: FleetProps): MachineProps =>
  Object.fromEntries((Object.keys(MACHINE) as (keyof MachineProps)[]).map((key) => [key, fleet[key]]));

const createTemplate = (scope: Construct, fleet: FleetProps, props: FleetPartsProps): RunnerLaunchTemplate =>
  new RunnerLaunchTemplate(scope, `Template-${fleet.name}`, {
    ...machineOf(fleet),
    architecture: fleetArchitecture(fleet),
    ...commonOf(props),
    fleet: fleet.name,
    handoffTable: props.tables.handoff,
    securityGroupIds: asList(props.network.securityGroupIds),
  });

/** Launch template, where the team brings none, and parameter of each fleet. */
export const fleetParts = (scope: Construct, props: FleetPartsProps): FleetParts => {
  const fleets = distinctFleets(props.fleets);
  const launchTemplates = Object.fromEntries(
    fleets
      .filter(({ existingLaunchTemplate }) => existingLaunchTemplate === undefined)
      .map((fleet) => [fleet.name, createTemplate(scope, fleet, props)]),
  );
  const used = fleets.map(({ name, existingLaunchTemplate }) =>
    existingLaunchTemplate === undefined
      ? madeTemplate(launchTemplates[name] as RunnerLaunchTemplate)
      : existingTemplate(props.aws, existingLaunchTemplate),
  );
  const parameters = Object.fromEntries(
    fleets.map((fleet, index) => [
      fleet.name,
      fleetParameter(scope, `Settings-${fleet.name}`, {
        prefix: props.prefix,
        tags: props.tags,
        fleet,
        name: `${props.fleetParameterPrefix}${fleet.name}`,
        template: used[index] as UsedLaunchTemplate,
        subnetIds: asList(props.network.subnetIds),
        runnerGroup: props.runnerGroup,
      }),
    ]),
  );
  return { launchTemplates, parameters, used };
};
