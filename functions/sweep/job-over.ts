import { machineItem, type Machine } from "../shared/ledger-items";
import { getJob } from "../shared/workflow-jobs";
import { ageOf, BOOT_MS, ENDING_MS, SECOND_LOOK_MS, sinceTime } from "./limits";
import type { Sight } from "./look";
import type { Sweep } from "./parts";

/**
 * Whether a busy machine's job has ended without anybody telling, as when the `completed` event was lost. GitHub
 * removes the record of an ephemeral runner with its job.
 */
export const isJobOver = async (sweep: Sweep, sight: Sight, machine: Machine): Promise<boolean> => {
  const { parts, settings } = sweep;
  const { instanceId, jobId, repository, absentAt } = machine;
  const record = sight.records.get(instanceId);
  const now = parts.now();
  const noteAbsent = (since: number | undefined): Promise<boolean> =>
    parts.ledger.note(sight.fleet, machineItem(instanceId), {
      absentAt: since === undefined ? undefined : new Date(since).toISOString(),
    });
  if (record && absentAt) await noteAbsent(undefined);
  if (!record && !sight.isAbsent(instanceId)) return false;
  if (record?.busy || ageOf(machine, now) <= BOOT_MS[settings.registration]) return false;
  if (jobId !== undefined && repository !== undefined) {
    const job = await parts.access.call((octokit) => getJob(octokit, repository, jobId));
    const atGithub = now + parts.access.skew();
    return !job || (job.status === "completed" && sinceTime(job.completedAt, atGithub) > ENDING_MS);
  }
  if (record) return false;
  if (absentAt) return sinceTime(absentAt, now) > SECOND_LOOK_MS;
  await noteAbsent(now);
  return false;
};
