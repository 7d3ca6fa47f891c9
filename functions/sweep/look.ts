import { machineOfRunner, type FleetSettings } from "../shared/contract";
import type { FleetView, LaunchedMachine } from "../shared/ledger-items";
import { isHeld } from "../shared/ledger-lease";
import { listRunners, type RunnerRecord } from "../shared/runner-records";
import { attempt } from "./attempt";
import { ageOf, UNDER_WAY_MS } from "./limits";
import type { Fate } from "./fates";
import type { Sweep } from "./parts";

/** Records of ours, by fleet and instance. */
export type Records = ReadonlyMap<string, ReadonlyMap<string, RunnerRecord>>;

/**
 * A fleet as it was seen, in this order: records at GitHub, machines at their provider, the ledger. A machine has
 * been launched before its record is made, and is written down after it: so what an earlier look saw and a later one
 * does not know is known to nobody, except for what the holder of the lease has under way.
 */
export interface Sight {
  readonly fleet: string;
  readonly settings: FleetSettings;
  /** ISO 8601: before the first look. What others wrote since is newer than what was seen. */
  readonly at: string;
  /** By instance. Absent: GitHub did not say. */
  readonly records?: ReadonlyMap<string, RunnerRecord>;
  /** By instance. Absent: the provider did not say. */
  readonly there?: ReadonlyMap<string, LaunchedMachine>;
  readonly view: FleetView;
  /** Machines that are there and that nobody knows. */
  readonly orphans: readonly LaunchedMachine[];
  /** Instances that have a record, and are neither there nor known. */
  readonly strays: readonly string[];
  /** What became of machines that ended: the steps of the sweep add to it. */
  readonly fates: Fate[];
}

/** One call for all fleets. Runners of others are left out. */
export const lookAtRecords = async (sweep: Sweep): Promise<Records | undefined> => {
  const { access, installation } = sweep.parts;
  const { github } = sweep.settings;
  const runners = await attempt(sweep, { part: "list runners" }, () =>
    access.call((octokit) => listRunners(octokit, github)),
  );
  if (!runners) return undefined;
  const records = new Map<string, Map<string, RunnerRecord>>();
  for (const runner of runners) {
    const machine = machineOfRunner(installation, runner.name);
    if (!machine) continue;
    const ofFleet = records.get(machine.fleet) ?? new Map<string, RunnerRecord>();
    records.set(machine.fleet, ofFleet.set(machine.instanceId, runner));
  }
  return records;
};

/** @throws when the ledger cannot be read */
export const lookAtFleet = async (
  sweep: Sweep,
  fleet: string,
  settings: FleetSettings,
  seen: { readonly at: string; readonly records?: Records },
): Promise<Sight> => {
  const { provider, ledger } = sweep.parts;
  const found = await attempt(sweep, { part: "find machines", fleet }, () => provider.find({ fleet }));
  const there = found && new Map(found.map((machine) => [machine.instanceId, machine]));
  const records = seen.records && (seen.records.get(fleet) ?? new Map<string, RunnerRecord>());
  const view = await ledger.read(fleet);
  const unknown = there && (await findUnknown(sweep, { fleet, there, records, view }));
  return {
    fleet,
    settings,
    at: seen.at,
    records,
    there,
    view,
    orphans: [],
    strays: [],
    fates: [],
    ...unknown,
  };
};

const findUnknown = async (
  { parts }: Sweep,
  {
    fleet,
    there,
    records,
    view,
  }: Pick<Sight, "fleet" | "records" | "view"> & { readonly there: NonNullable<Sight["there"]> },
): Promise<Pick<Sight, "orphans" | "strays">> => {
  const { lease, machines, unseen } = view;
  const shown = new Set([...machines.map(({ instanceId }) => instanceId), ...unseen]);
  const hidden = [...there.values()].filter(({ instanceId }) => !shown.has(instanceId));
  const left = [...(records?.keys() ?? [])].filter((id) => !shown.has(id) && !there.has(id));
  const ids = [...hidden.map(({ instanceId }) => instanceId), ...left];
  const states = await parts.ledger.states(fleet, ids);

  const held = isHeld(lease, parts.now());
  const launches = new Set(lease.launches.map(({ launchId }) => launchId));
  const isNobodys = (id: string, underWay: boolean): boolean => {
    const state = states.get(id);
    return state === undefined ? !underWay : state === "gone";
  };
  return {
    orphans: hidden.filter((machine) => {
      const { instanceId, launchId } = machine;
      // Who has held the lease for less long than this has not launched it.
      const young = held && ageOf(machine, parts.now()) < UNDER_WAY_MS;
      return isNobodys(instanceId, young || launches.has(launchId));
    }),
    // Of which launch a record is, it does not say.
    strays: left.filter((id) => isNobodys(id, held || launches.size > 0)),
  };
};
