import { machineItem, type Machine } from "../shared/ledger-items";
import { getRunner } from "../shared/runner-records";
import { SECOND_LOOK_MS, sinceTime } from "./limits";
import type { Sight } from "./look";
import type { Sweep } from "./parts";

/**
 * Machines that should be free, and have or had no record when GitHub was asked. With JIT the record is there before
 * the machine is; in token mode an idle machine has had one.
 */
export const suspects = ({ settings }: Sweep, { view, there, records, isAbsent }: Sight): Machine[] =>
  view.machines.filter(({ instanceId, state, runnerId, absentAt }) => {
    const registered = state === "idle" || (state === "starting" && settings.registration === "jit");
    const noted = absentAt !== undefined && records.has(instanceId);
    return registered && runnerId !== undefined && there?.has(instanceId) && (isAbsent(instanceId) || noted);
  });

/**
 * Whether the machine's runner listens in vain: it was given a job and could not acquire it, and its registration,
 * which is good for one job, was used up by that. The runner does not notice and goes on listening.
 * https://github.com/actions/runner/issues/4617, https://github.com/actions/runner/pull/4618,
 * https://github.com/actions/runner/issues/4728
 *
 * That a list leaves a runner out proves nothing: it is missed twice, and then asked for by its own id.
 */
export const isGhost = async (sweep: Sweep, sight: Sight, machine: Machine): Promise<boolean> => {
  const { parts, settings } = sweep;
  const { fleet } = sight;
  const { instanceId, runnerId, absentAt } = machine;
  const note = (since: string | undefined): Promise<boolean> =>
    parts.ledger.note(fleet, machineItem(instanceId), { absentAt: since });
  if (runnerId === undefined) return false;
  if (sight.records.has(instanceId)) {
    await note(undefined);
    return false;
  }
  if (absentAt === undefined) {
    await note(new Date(parts.now()).toISOString());
    return false;
  }
  if (sinceTime(absentAt, parts.now()) <= SECOND_LOOK_MS) return false;
  const runner = await parts.access.call((octokit) => getRunner(octokit, settings.github, runnerId));
  if (runner) return false;
  // It may have had a job, to its end, since the ledger was read.
  const state = (await parts.ledger.states(fleet, [instanceId])).get(instanceId);
  return state === machine.state;
};
