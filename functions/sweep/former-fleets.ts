import type { FleetSettings } from "../shared/contract";
import type { KnownFleet, ListedFleet } from "../shared/fleet-list";
import { logger } from "../shared/logger";
import { attempt } from "./attempt";
import { sinceTime } from "./limits";
import type { Sight } from "./look";
import type { Sweep } from "./parts";

/** Events and deliveries that are on their way come within a day, or not at all. */
const QUIET_MS = 24 * 60 * 60_000;

/** A fleet that the installation does not have any more, of which something may be left. */
export interface FormerFleet {
  readonly listed: ListedFleet;
  /** Of no use to launch anything: what is needed to look after what is left. */
  readonly settings: FleetSettings;
}

const settingsOf = ({ roleId = "", runnerGroupId = "", runnerGroupName = "" }: Partial<KnownFleet> = {}) => ({
  ...{ roleId, runnerGroupId, runnerGroupName },
  labels: [],
  launchTemplateId: "",
  launchTemplateVersion: "",
  instanceTypes: [],
  subnetIds: [],
  markets: [],
  maximumMachines: 0,
});

/**
 * Those that stand in the list and that this function was not told of. It is written down which fleets there are, so that
 * they are known when they are renamed or taken away: their jobs and machines stand in the ledger under their names.
 */
export const findFormer = async (
  sweep: Sweep,
  current: ReadonlyMap<string, FleetSettings>,
): Promise<readonly FormerFleet[]> => {
  const { parts, settings } = sweep;
  const listed = await attempt(sweep, { part: "list fleets" }, () => parts.fleetList.read());
  if (!listed) return [];
  await attempt(sweep, { part: "keep fleets" }, () => keepCurrent(sweep, current, listed));
  const former = listed.filter(({ fleet }) => !settings.fleets.includes(fleet));
  return Promise.all(
    former.map(async (one): Promise<FormerFleet> => {
      const since = one.formerSince ?? new Date(parts.now()).toISOString();
      if (one.formerSince === undefined) {
        logger.warn("fleet gone", { fleet: one.fleet });
        await attempt(sweep, { part: "keep fleets", fleet: one.fleet }, () =>
          parts.fleetList.leave(one.fleet, since),
        );
      }
      return { listed: { ...one, formerSince: since }, settings: settingsOf(one.known) };
    }),
  );
};

const keepCurrent = async (
  { parts }: Sweep,
  current: ReadonlyMap<string, FleetSettings>,
  listed: readonly ListedFleet[],
): Promise<void> => {
  const news = [...current].flatMap(([fleet, { roleId, runnerGroupId, runnerGroupName }]) => {
    const known = { roleId, runnerGroupId, runnerGroupName };
    const before = listed.find((one) => one.fleet === fleet);
    const isKept =
      before?.known?.roleId === roleId &&
      before.known.runnerGroupId === runnerGroupId &&
      before.known.runnerGroupName === runnerGroupName &&
      before.formerSince === undefined;
    return isKept ? [] : [{ fleet, known }];
  });
  await Promise.all(news.map(({ fleet, known }) => parts.fleetList.keep(fleet, known)));
};

/** Nobody looks any more at a former fleet of which nothing has been left for a day. */
export const endFormer = async (
  sweep: Sweep,
  former: readonly FormerFleet[],
  sights: readonly Sight[],
): Promise<void> => {
  const { parts } = sweep;
  const isQuiet = (time: string | undefined): boolean => sinceTime(time, parts.now()) > QUIET_MS;
  const over = former.filter(({ listed: { fleet, formerSince, heardAt } }) => {
    const sight = sights.find((one) => one.fleet === fleet);
    return sight !== undefined && isEmpty(sight) && isQuiet(formerSince) && isQuiet(heardAt);
  });
  await Promise.all(
    over.map(async ({ listed }) => {
      if (await parts.fleetList.end(listed)) logger.info("fleet forgotten", { fleet: listed.fleet });
    }),
  );
};

const isEmpty = ({ there, view: { waiting, withdrawn, overdue, machines, tasks, unseen } }: Sight): boolean =>
  there?.size === 0 &&
  [waiting, withdrawn, overdue, machines, tasks, unseen].every((items) => items.length === 0);
