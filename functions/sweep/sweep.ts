import { ringAlarm } from "../shared/alarm";
import type { FleetSettings } from "../shared/contract";
import type { FleetSettingsSource } from "../shared/fleet-settings";
import { logger } from "../shared/logger";
import { reconcile } from "../shared/reconcile";
import type { ReconcileParts } from "../shared/reconcile-launch";

/**
 * A machine may not show yet for some seconds after its launch, so a younger one is not missed.
 * https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html
 */
const YOUNG_MS = 2 * 60_000;

export interface SweepParts extends ReconcileParts {
  readonly fleetSettings: FleetSettingsSource;
}

/**
 * Repairs what events cannot, in every fleet: gives back the places of machines that are gone, then reconciles. What
 * fails in one fleet is no matter of the others.
 *
 * @param deadline epoch milliseconds at which this function is stopped
 */
export const sweep = async (
  parts: SweepParts,
  fleets: readonly string[],
  deadline: number,
): Promise<void> => {
  await parts.fleetSettings.load(fleets);
  await Promise.all(
    fleets.map(async (fleet) => {
      try {
        await sweepFleet(parts, fleet, await parts.fleetSettings.get(fleet), deadline);
      } catch (error) {
        ringAlarm(parts.installation, "sweep failed", { fleet, error });
      }
    }),
  );
};

const sweepFleet = async (
  parts: SweepParts,
  fleet: string,
  settings: FleetSettings,
  deadline: number,
): Promise<void> => {
  const { machines } = await parts.ledger.read(fleet);
  const grown = machines.filter(({ changedAt }) => parts.now() - Date.parse(changedAt) > YOUNG_MS);
  if (grown.length > 0) {
    const living = new Set((await parts.provider.find({ fleet })).map(({ instanceId }) => instanceId));
    const gone = grown.map(({ instanceId }) => instanceId).filter((id) => !living.has(id));
    await Promise.all(gone.map((id) => parts.ledger.markGone(fleet, id)));
    if (gone.length > 0) logger.warn("machines gone", { fleet, instanceIds: gone });
  }
  await reconcile(parts, fleet, settings, deadline);
};
