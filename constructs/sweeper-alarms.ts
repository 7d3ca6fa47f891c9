import { MACHINE_HOURS_METRIC, RUNNER_AGE_METRIC } from "../functions/shared/contract";
import { createAlarm } from "./alarm";
import { nameOf } from "./common";
import { DEFAULT_MAXIMUM_MACHINES } from "./fleet";
import runner from "./runner-version.json";
import { isKnown } from "./validation";
import type { FleetProps } from "./fleet";
import type { SweeperProps } from "./sweeper";
import type { SweepSettings } from "../functions/shared/contract";
import type { CloudwatchMetricAlarm } from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
import type { Construct } from "constructs";

const DAY_SECONDS = 24 * 60 * 60;

/** A fleet that works at its cap from morning to evening is busy; one that is there at night as well has lost its way. */
const BUSY_HOURS = 12;

/**
 * GitHub gives no jobs to a runner 30 days after the release that follows its version, and that release may be as old as
 * the version is, less a moment. So up to 30 days all is well for certain, and 5 are left to look.
 * https://docs.github.com/en/actions/reference/runners/self-hosted-runners
 */
const RUNNER_AGE_DAYS = 25;

/** The version whose age is known, if any fleet's machines download it. */
export const watchedRunner = (fleets: readonly FleetProps[]): SweepSettings["runner"] => {
  const { version, releasedAt } = runner;
  const isUsed = fleets.some(({ runnerVersion = version }) => runnerVersion === version);
  return isUsed ? { version, releasedAt } : undefined;
};

/** Undefined: a cap is not known at synth. */
export const defaultMachineHours = (fleets: readonly FleetProps[]): number | undefined => {
  const caps = fleets.map(({ maximumMachines = DEFAULT_MAXIMUM_MACHINES }) => maximumMachines);
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

export const runnerAgeAlarm = (scope: Construct, props: SweeperProps): CloudwatchMetricAlarm | undefined =>
  watchedRunner(props.launcher.fleets) &&
  createAlarm(scope, "RunnerAgeAlarm", props, {
    alarmName: nameOf(props, "runner-age"),
    alarmDescription: `The runner's version is more than ${RUNNER_AGE_DAYS} days old, and GitHub gives no jobs to one 30 days after the next release. If github.com/actions/runner has a newer release, update this package, or set the fleets' runnerVersion and runnerSha256. If not, there is nothing to do yet.`,
    namespace: RUNNER_AGE_METRIC.namespace,
    metricName: RUNNER_AGE_METRIC.name,
    dimensions: { [RUNNER_AGE_METRIC.dimension]: props.prefix },
    statistic: "Maximum",
    period: DAY_SECONDS,
    threshold: RUNNER_AGE_DAYS,
  });
