import type { FleetSettings } from "../shared/contract";
import type { FleetView, Job, LaunchedMachine } from "../shared/ledger-items";
import { isHeld } from "../shared/ledger-lease";
import type { RunnerRecord } from "../shared/runner-records";
import { attempt } from "./attempt";
import { ageOf, UNDER_WAY_MS } from "./limits";
import type { Fate } from "./fates";
import type { Sweep } from "./parts";
import type { Records } from "./records";

/** A fleet as its provider, and then the ledger, show it. */
export interface Scene {
  readonly fleet: string;
  readonly settings: FleetSettings;
  /** The installation has it no more: nothing is launched in it. Absent: it has. */
  readonly former?: boolean;
  /** ISO 8601: before the first look. What others wrote since is newer than what was seen. */
  readonly at: string;
  /** By instance. Absent: the provider did not say. */
  readonly there?: ReadonlyMap<string, LaunchedMachine>;
  readonly view: FleetView;
}

/**
 * A fleet as it was seen. A machine's record is made before the machine is written down: so GitHub, which is asked last,
 * shows the record of each machine that the ledger shows with a registration, or it is gone.
 */
export interface Sight extends Scene {
  /** Jobs that were waiting here and are another fleet's, or nobody's: not in the view any more. */
  readonly strayed?: readonly Job[];
  /** By instance, as far as GitHub showed them. */
  readonly records: ReadonlyMap<string, RunnerRecord>;
  /** GitHub was asked, and did not show the machine's record. A list may have overlooked it. */
  readonly isAbsent: (instanceId: string) => boolean;
  /** Machines that are there and that nobody knows. */
  readonly orphans: readonly LaunchedMachine[];
  /** Instances that have a record, and are neither there nor known. */
  readonly strays: readonly string[];
  /** What became of machines that ended: the steps of the sweep add to it. */
  readonly fates: Fate[];
}

/** @throws when the ledger cannot be read */
export const lookAtFleet = async (
  sweep: Sweep,
  fleet: string,
  settings: FleetSettings,
  at: string,
  former = false,
): Promise<Scene> => {
  const { provider, ledger } = sweep.parts;
  const found = await attempt(sweep, { part: "find machines", fleet }, () => provider.find({ fleet }));
  const there = found && new Map(found.map((machine) => [machine.instanceId, machine]));
  return { fleet, settings, at, there, view: await ledger.read(fleet), ...(former && { former }) };
};

/** @throws when the ledger cannot be read */
export const compare = async (sweep: Sweep, scene: Scene, all: Records): Promise<Sight> => {
  const { fleet } = scene;
  const records = all.of(fleet);
  return {
    ...scene,
    records,
    isAbsent: (instanceId) => all.isAbsent(fleet, instanceId),
    orphans: await findOrphans(sweep, scene),
    strays: await findStrays(sweep, scene, records),
    fates: [],
  };
};

const shownIn = ({ machines, unseen }: FleetView): Set<string> =>
  new Set([...machines.map(({ instanceId }) => instanceId), ...unseen]);

/** Those of the instances that nobody knows. What the holder of the lease has under way may be known soon. */
const nobodys = async <T>(
  { parts }: Sweep,
  fleet: string,
  items: readonly T[],
  of: (item: T) => { readonly instanceId: string; readonly underWay: boolean },
): Promise<T[]> => {
  if (items.length === 0) return [];
  const states = await parts.ledger.states(
    fleet,
    items.map((item) => of(item).instanceId),
  );
  return items.filter((item) => {
    const { instanceId, underWay } = of(item);
    const state = states.get(instanceId);
    return state === undefined ? !underWay : state === "gone";
  });
};

const findOrphans = async (
  sweep: Sweep,
  { fleet, there, view, former }: Scene,
): Promise<LaunchedMachine[]> => {
  const { now } = sweep.parts;
  const shown = shownIn(view);
  const hidden = [...(there?.values() ?? [])].filter(({ instanceId }) => !shown.has(instanceId));
  // Of a former fleet nobody finds a launch again that was left behind.
  const held = isHeld(view.lease, now()) || former;
  const launches = new Set(former ? [] : view.lease.launches.map(({ launchId }) => launchId));
  return nobodys(sweep, fleet, hidden, (machine) => {
    // Who has held the lease for less long than this has not launched it.
    const young = !!held && ageOf(machine, now()) < UNDER_WAY_MS;
    return { instanceId: machine.instanceId, underWay: young || launches.has(machine.launchId) };
  });
};

/**
 * The machine of a record may have been launched after the provider was asked. So it is asked once more, and then the
 * ledger: what a later look does not know, of that which an earlier one saw, is known to nobody.
 */
const findStrays = async (
  sweep: Sweep,
  scene: Scene,
  records: ReadonlyMap<string, RunnerRecord>,
): Promise<string[]> => {
  const { fleet, settings, at, former } = scene;
  const unknownTo = ({ there, view }: Scene): string[] => {
    const shown = shownIn(view);
    return there ? [...records.keys()].filter((id) => !shown.has(id) && !there.has(id)) : [];
  };
  if (unknownTo(scene).length === 0) return [];
  const later = await lookAtFleet(sweep, fleet, settings, at, former);
  const { lease } = later.view;
  // Of which launch a record is, it does not say.
  const underWay = isHeld(lease, sweep.parts.now()) || lease.launches.length > 0;
  return nobodys(sweep, fleet, unknownTo(later), (instanceId) => ({ instanceId, underWay }));
};
