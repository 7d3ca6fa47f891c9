import { MACHINE_HOURS_METRIC } from "../shared/contract";
import { logger } from "../shared/logger";
import { amountOf } from "../shared/metrics";
import type { Sight } from "./look";
import type { Sweep } from "./parts";

const HOUR_SECONDS = 60 * 60;

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
