import type { SweepSettings } from "../shared/contract";
import { reconcile } from "../shared/reconcile";
import { attempt } from "./attempt";
import { readBacklog } from "./backlog";
import { checkJobs } from "./check-jobs";
import { clearGone } from "./clear-gone";
import { endMachines } from "./end-machines";
import { lookAtFleet, lookAtRecords, type Records, type Sight } from "./look";
import { measureMachines } from "./measure";
import { markMachines } from "./mark-machines";
import type { Sweep, SweepParts } from "./parts";
import { redeliver } from "./redeliver";
import { removeRecords } from "./remove-records";
import { tellRunnerVersions } from "./runner-versions";
import { runTasks } from "./tasks";

/** Kept for what comes last: a round of `reconcile` is not begun with less than 20 seconds left. */
const RESERVE_MS = 25_000;

/** In this order: what is found out first counts for what comes after. */
const steps: readonly (readonly [name: string, step: (sweep: Sweep, sight: Sight) => Promise<void>])[] = [
  ["check jobs", checkJobs],
  ["clear gone", clearGone],
  ["mark machines", markMachines],
  ["end machines", endMachines],
  ["run tasks", runTasks],
  ["remove records", removeRecords],
];

/**
 * Repairs what events cannot, then reconciles every fleet. What fails, or finds no time, is no matter of the rest, and
 * is tried again by the next sweep.
 *
 * @param deadline epoch milliseconds at which this function is stopped
 */
export const sweep = async (parts: SweepParts, settings: SweepSettings, deadline: number): Promise<void> => {
  const one: Sweep = { parts, settings, hasTime: () => parts.now() < deadline - RESERVE_MS };
  await Promise.all([
    // Another function does the work, and takes its time.
    attempt(one, { part: "redeliver" }, () => redeliver(one)),
    sweepFleets(one, deadline),
  ]);
};

const sweepFleets = async (sweep: Sweep, deadline: number): Promise<void> => {
  const { parts, settings } = sweep;
  const at = new Date(parts.now()).toISOString();
  // One read for all. If it fails, each fleet fails for itself.
  await parts.fleetSettings.load(settings.fleets).catch(() => undefined);
  const records = await lookAtRecords(sweep);
  // A fleet that cannot be looked at is still reconciled.
  const swept = await Promise.all(settings.fleets.map((fleet) => sweepFleet(sweep, fleet, { at, records })));
  const sights = swept.filter((sight) => sight !== undefined);
  measureMachines(sweep, sights);
  await attempt(sweep, { part: "tell runner versions" }, () => tellRunnerVersions(sweep, records));
  if (sweep.hasTime()) await attempt(sweep, { part: "read backlog" }, () => readBacklog(sweep, sights));
  await Promise.all(
    settings.fleets.map((fleet) =>
      attempt(sweep, { part: "reconcile", fleet }, async () =>
        reconcile(parts, fleet, await parts.fleetSettings.get(fleet), deadline),
      ),
    ),
  );
};

const sweepFleet = async (
  sweep: Sweep,
  fleet: string,
  seen: { readonly at: string; readonly records?: Records },
): Promise<Sight | undefined> => {
  const sight = await attempt(sweep, { part: "look", fleet }, async () =>
    lookAtFleet(sweep, fleet, await sweep.parts.fleetSettings.get(fleet), seen),
  );
  if (!sight) return undefined;
  for (const [part, step] of steps) {
    if (!sweep.hasTime()) break;
    await attempt(sweep, { part, fleet }, () => step(sweep, sight));
  }
  return sight;
};
