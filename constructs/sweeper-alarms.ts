import { MACHINE_HOURS_METRIC, RUNNER_LIFE_METRIC } from "../functions/shared/contract";
import { createAlarm } from "./alarm";
import { nameOf } from "./common";
import { DEFAULT_MAXIMUM_MACHINES } from "./fleet";
import { isKnown } from "./validation";
import type { FleetProps } from "./fleet";
import type { SweeperProps } from "./sweeper";
import type { CloudwatchMetricAlarm } from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
import type { Construct } from "constructs";

const DAY_SECONDS = 24 * 60 * 60;

/** A fleet that works at its cap from morning to evening is busy; one that is there at night as well has lost its way. */
const BUSY_HOURS = 12;

/**
 * GitHub names a day 30 days ahead at the least, when a newer version is released. Renewal takes an hour of them, so with
 * so few left it does not work, or is switched off; and there is time to act.
 * https://docs.github.com/en/actions/reference/runners/self-hosted-runners
 */
const RUNNER_DAYS_LEFT = 10;

/** Undefined: a cap is not known at synth. A fleet that is emptied still has machines that work: of how many, no cap says. */
export const defaultMachineHours = (fleets: readonly FleetProps[]): number | undefined => {
  const caps = fleets.map(({ maximumMachines }) => maximumMachines || DEFAULT_MAXIMUM_MACHINES);
  return caps.every(isKnown) ? BUSY_HOURS * caps.reduce((sum, cap) => sum + cap, 0) : undefined;
};

export const machineHoursMistakes = ({
  maximumMachineHoursPerDay: hours,
  launcher,
}: SweeperProps): readonly string[] =>
  hours === undefined && defaultMachineHours(launcher.fleets) === undefined
    ? [
        "maximumMachineHoursPerDay must be given where the maximumMachines of a fleet is not known at synth: it is derived from it.",
      ]
    : [];

export const machineHoursAlarm = (scope: Construct, props: SweeperProps): CloudwatchMetricAlarm => {
  const threshold = props.maximumMachineHoursPerDay ?? defaultMachineHours(props.launcher.fleets);
  return createAlarm(scope, "MachineHoursAlarm", props, {
    alarmName: nameOf(props, "machine-hours"),
    alarmDescription: `Machines ran for more than ${threshold} hours together within a day, and cost accordingly. See which fleet and which repository asks for so many, then lower its maximumMachines, or raise maximumMachineHoursPerDay.`,
    namespace: MACHINE_HOURS_METRIC.namespace,
    metricName: MACHINE_HOURS_METRIC.name,
    dimensions: { [MACHINE_HOURS_METRIC.dimension]: props.prefix },
    statistic: "Sum",
    period: DAY_SECONDS,
    threshold,
  });
};

export const runnerAgeAlarm = (scope: Construct, props: SweeperProps): CloudwatchMetricAlarm =>
  createAlarm(scope, "RunnerAgeAlarm", props, {
    alarmName: nameOf(props, "runner-age"),
    alarmDescription: `GitHub refuses a version of the runner that is in use within ${RUNNER_DAYS_LEFT} days, or does already. Which one, says "runner versions" in the log of ${nameOf(props, "sweep")}. Where renewRunnerVersion is on, the log of ${nameOf(props, "rotate-tokens")} says why it was not renewed; else set the fleets' runnerVersion and runnerSha256, update this package, or make your image anew.`,
    namespace: RUNNER_LIFE_METRIC.namespace,
    metricName: RUNNER_LIFE_METRIC.name,
    dimensions: { [RUNNER_LIFE_METRIC.dimension]: props.prefix },
    statistic: "Minimum",
    comparisonOperator: "LessThanThreshold",
    period: DAY_SECONDS,
    threshold: RUNNER_DAYS_LEFT,
  });
