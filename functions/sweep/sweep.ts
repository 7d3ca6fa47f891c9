import type { SweepSettings } from "../shared/contract";
import { reconcile } from "../shared/reconcile";
import { attempt } from "./attempt";
import { readBacklog } from "./backlog";
import { checkJobs } from "./check-jobs";
import { clearGone } from "./clear-gone";
import { countLosses } from "./count-losses";
import { endMachines } from "./end-machines";
import { endFormer, findFormer } from "./former-fleets";
import { compare, lookAtFleet, type Sight } from "./look";
import { lookAtRecords } from "./look-at-records";
import { matchJobs } from "./match-jobs";
import { measureMachines } from "./measure";
import { markMachines } from "./mark-machines";
import { sweepUntil, type Sweep, type SweepParts } from "./parts";
import { redeliver } from "./redeliver";
import { removeRecords } from "./remove-records";
import { tellRunnerVersions } from "./runner-versions";
import { runTasks } from "./tasks";
import { takeTurns, type Step } from "./turns";

/** Kept for what comes last: a round of `reconcile` is not begun with less than 20 seconds left. */
const RESERVE_MS = 25_000;

/** In this order: what is found out first counts for what comes after. */
const stepsOfFleet: readonly Step<Sight>[] = [
  ["check jobs", checkJobs],
  ["clear gone", clearGone],
  ["mark machines", markMachines],
  ["end machines", endMachines],
  ["run tasks", runTasks],
  ["remove records", removeRecords],
];

const steps: readonly Step<readonly Sight[]>[] = [
  [
    "sweep fleets",
    async (sweep, sights) => {
      await Promise.all(
        sights.map(async (sight) => {
          const { fleet } = sight;
          await takeTurns(sweep, { fleet }, stepsOfFleet, sight);
          // Last, whichever step had the first turn: what the steps found out is known to this sweep only.
          await attempt(sweep, { part: "count losses", fleet }, () => countLosses(sweep, sight));
        }),
      );
    },
  ],
  ["read backlog", readBacklog],
];

/**
 * Repairs what events cannot, then reconciles every fleet. What fails, or finds no time, is no matter of the rest, and
 * is tried again by the next sweep.
 *
 * @param deadline epoch milliseconds at which this function is stopped
 */
export const sweep = async (parts: SweepParts, settings: SweepSettings, deadline: number): Promise<void> => {
  const one = sweepUntil(parts, settings, deadline - RESERVE_MS);
  await attempt(one, { part: "read notes" }, () => parts.notes.load());
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
  const loaded = await parts.fleetSettings.load(settings.fleets).catch(() => undefined);
  const former = await findFormer(sweep, loaded ?? new Map());
  const current = await allOf(settings.fleets, (fleet) =>
    attempt(sweep, { part: "look", fleet }, async () =>
      lookAtFleet(sweep, fleet, await parts.fleetSettings.get(fleet), at),
    ),
  );
  const others = await allOf(former, ({ listed: { fleet }, settings: last }) =>
    attempt(sweep, { part: "look", fleet }, () => lookAtFleet(sweep, fleet, last, at, true)),
  );
  const scenes = [...current, ...others];
  const records = await lookAtRecords(sweep, scenes);
  const seen = await allOf(scenes, (scene) =>
    attempt(sweep, { part: "look", fleet: scene.fleet }, () => compare(sweep, scene, records)),
  );
  const sights = await matchJobs(sweep, seen);
  await takeTurns(sweep, {}, steps, sights);
  measureMachines(sweep, sights);
  await attempt(sweep, { part: "tell runner versions" }, () => tellRunnerVersions(sweep, sights));
  await attempt(sweep, { part: "end former fleets" }, () => endFormer(sweep, former, seen));
  await attempt(sweep, { part: "write notes" }, () => parts.notes.save());
  // A fleet that cannot be looked at is still reconciled.
  await allOf(settings.fleets, (fleet) =>
    attempt(sweep, { part: "reconcile", fleet }, async () =>
      reconcile(parts, fleet, await parts.fleetSettings.get(fleet), deadline),
    ),
  );
};

/** All at once: of each what it came to, unless it failed. */
const allOf = async <T, R>(
  items: readonly T[],
  run: (item: T) => Promise<R | undefined>,
): Promise<Awaited<R>[]> => {
  const all = await Promise.all(items.map(run));
  return all.filter((one) => one !== undefined);
};
