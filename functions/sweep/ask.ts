import { runnerName } from "../shared/contract";
import type { Machine } from "../shared/ledger-items";
import { findRunner, getRunner } from "../shared/runner-records";
import { each } from "./attempt";
import { ageOf, BOOT_MS } from "./limits";
import type { Scene } from "./look";
import { inTurn } from "./notes";
import type { Sweep } from "./parts";
import type { Records } from "./records";

/** Calls for one fleet in a sweep: 50 of every two minutes are 1,500 of an App's 5,000 in an hour. */
const ASKS_A_SWEEP = 50;

/** Of a machine at work only the end can be missing, and it ends by itself: it is asked for once in so many sweeps. */
const SWEEPS_A_ROUND = 15;

/** A younger machine has not come up yet. */
const YOUNG_MS = 60_000;

/** A machine to be asked for. */
export interface Ask {
  readonly fleet: string;
  readonly machine: Machine;
  /** Which of the notes says where to go on, where not all of its kind are asked for. */
  readonly place?: string;
}

/** The machines of a fleet of which GitHub's word matters now, as far as it is not known yet. */
export const asksOf = (
  { parts, settings }: Sweep,
  { fleet, view, there }: Scene,
  records: Records,
): readonly Ask[] => {
  const { notes, now } = parts;
  const of = (states: readonly Machine["state"][], youngMs: number): Machine[] =>
    view.machines
      .filter((machine) => states.includes(machine.state) && ageOf(machine, now()) > youngMs)
      .filter(({ instanceId: id }) => (there?.has(id) ?? true) && !records.of(fleet).has(id));
  const some = (kind: string, machines: readonly Machine[], most: number): Ask[] => {
    const place = machines.length > most ? `ask ${kind}/${fleet}` : undefined;
    const ordered = place === undefined ? machines : inTurn(machines, notes.get(place)).slice(0, most);
    return ordered.map((machine) => ({ fleet, machine, place }));
  };
  const busy = of(["busy"], BOOT_MS[settings.registration]);
  const few = Math.min(Math.ceil(busy.length / SWEEPS_A_ROUND), ASKS_A_SWEEP / 2);
  const free = of(["starting", "idle"], YOUNG_MS);
  return [...some("free", free, ASKS_A_SWEEP - few), ...some("busy", busy, few)];
};

/** Asks for each: by its own id, or by its name where that is not known. */
export const ask = async (sweep: Sweep, asks: readonly Ask[], records: Records): Promise<void> => {
  const { parts, settings } = sweep;
  const { access, installation, notes } = parts;
  await each(sweep, { part: "ask for runners" }, asks, async ({ fleet, machine, place }) => {
    const { instanceId, runnerId } = machine;
    const name = runnerName(installation, fleet, instanceId);
    const runner = await access.call((octokit) =>
      runnerId === undefined
        ? findRunner(octokit, settings.github, name)
        : getRunner(octokit, settings.github, runnerId),
    );
    if (runner) records.add([runner]);
    else records.addMissing(fleet, instanceId);
    if (place !== undefined) notes.set(place, notes.get(place) + 1);
  });
};
