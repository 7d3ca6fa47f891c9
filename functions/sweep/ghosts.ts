import type { FleetSettings } from "../shared/contract";
import { machineItem, type Machine } from "../shared/ledger-items";
import { DEFAULT_GROUP, getRunner, type RunnerRecord } from "../shared/runner-records";
import { SECOND_LOOK_MS, sinceTime } from "./limits";
import type { Sight } from "./look";
import type { Sweep } from "./parts";

/**
 * Machines that should be free, and have or had no record when GitHub was asked, or one in another group. With JIT the record is there before
 * the machine is; in token mode an idle machine has had one.
 */
export const suspects = (
  { settings: { registration } }: Sweep,
  { settings, view, there, records, isAbsent }: Sight,
): Machine[] =>
  view.machines.filter(({ instanceId, state, runnerId, absentAt }) => {
    const registered = state === "idle" || (state === "starting" && registration === "jit");
    const record = records.get(instanceId);
    const noted = absentAt !== undefined && record !== undefined;
    const isSuspect = isAbsent(instanceId) || noted || isReturned(settings, record);
    return registered && runnerId !== undefined && there?.has(instanceId) && isSuspect;
  });

/** Its group was removed. Of a fleet that no sweep has met the group is not known: it may be the default one. */
const isReturned = (
  { runnerGroupId }: Pick<FleetSettings, "runnerGroupId">,
  record: RunnerRecord | undefined,
): boolean => record?.groupId === DEFAULT_GROUP && !["", DEFAULT_GROUP].includes(runnerGroupId);

/** Why the machine has to go. */
const NO_RECORD = "GitHub knows its runner no more";
const NO_GROUP = "its runner group is gone";

/**
 * What is wrong with a machine that the list of its group leaves out; undefined: nothing, as far as one can tell. That a
 * list leaves a runner out proves nothing, so it is asked for by its own id.
 *
 * - GitHub does not know it, twice. Its runner listens in vain: it was given a job and could not acquire it, and its registration,
 * which is good for one job, was used up by that. The runner does not notice and goes on listening.
 * https://github.com/actions/runner/issues/4617, https://github.com/actions/runner/pull/4618,
 * https://github.com/actions/runner/issues/4728
 * - It is in GitHub's default group, and the fleet has another. "Runners are automatically returned to the default group
 * when their group is removed", and that group may serve public repositories:
 * https://docs.github.com/en/actions/how-tos/manage-runners/self-hosted-runners/manage-access#removing-a-self-hosted-runner-group
 */
export const whyGone = async (sweep: Sweep, sight: Sight, machine: Machine): Promise<string | undefined> => {
  const { parts, settings } = sweep;
  const { fleet } = sight;
  const { instanceId, runnerId, absentAt } = machine;
  const note = (since: string | undefined): Promise<boolean> =>
    parts.ledger.note(fleet, machineItem(instanceId), { absentAt: since });
  if (runnerId === undefined) return undefined;
  const record = sight.records.get(instanceId);
  if (isReturned(sight.settings, record)) return NO_GROUP;
  if (record) {
    await note(undefined);
    return undefined;
  }
  if (absentAt !== undefined && sinceTime(absentAt, parts.now()) <= SECOND_LOOK_MS) return undefined;
  const runner = await parts.access.call((octokit) => getRunner(octokit, settings.github, runnerId));
  if (runner) return isReturned(sight.settings, runner) ? NO_GROUP : undefined;
  if (absentAt === undefined) {
    await note(new Date(parts.now()).toISOString());
    return undefined;
  }
  // It may have had a job, to its end, since the ledger was read.
  const state = (await parts.ledger.states(fleet, [instanceId])).get(instanceId);
  return state === machine.state ? NO_RECORD : undefined;
};
