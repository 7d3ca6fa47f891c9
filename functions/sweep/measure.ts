import { MACHINE_HOURS_METRIC, RUNNER_AGE_METRIC } from "../shared/contract";
import { logger } from "../shared/logger";
import { amountOf } from "../shared/metrics";
import { sinceTime } from "./limits";
import type { Sight } from "./look";
import type { Sweep } from "./parts";

const HOUR_SECONDS = 60 * 60;
const DAY_MS = 24 * HOUR_SECONDS * 1000;

/**
 * CloudWatch takes money for each hour in which a metric has a value, and the alarm looks at a whole day.
 * https://aws.amazon.com/cloudwatch/pricing/
 */
const AGE_PAUSE_MS = DAY_MS / 2;

/**
 * Counts the machines that were there as if they had been since the last sweep: what starts and ends between two sweeps
 * is missed as often as it is counted in full. Where EC2 did not say, what the ledger knows of is counted; a fleet that
 * could not be looked at is not.
 */
export const measureMachines = ({ parts, settings }: Sweep, sights: readonly Sight[]): void => {
  const machines = sights.reduce((sum, { there, view }) => sum + (there?.size ?? view.machines.length), 0);
  if (machines === 0) return;
  const hours = (machines * settings.sweepSeconds) / HOUR_SECONDS;
  logger.info("machines", { machines, ...amountOf(parts.installation, MACHINE_HOURS_METRIC, hours) });
};

/** Says how old the runner's version is, where that is known. */
export const tellRunnerAge = ({ parts, settings }: Sweep): void => {
  const { runner } = settings;
  if (!runner || parts.now() - parts.runnerAge.toldAt < AGE_PAUSE_MS) return;
  parts.runnerAge.toldAt = parts.now();
  const days = sinceTime(runner.releasedAt, parts.now()) / DAY_MS;
  logger.info("runner version", { ...runner, ...amountOf(parts.installation, RUNNER_AGE_METRIC, days) });
};
