import { runnerName } from "../shared/contract";
import { deleteRunner, findRunner, type RunnerDeletion } from "../shared/runner-records";
import type { Sight } from "./look";
import type { Sweep } from "./parts";

/**
 * Deletes the record of the machine's runner at GitHub. GitHub refuses it while the runner has a job, so "deleted"
 * proves that the machine was free and gets no other job. "absent" proves the same of a machine that cannot register
 * (any more).
 */
export const releaseRunner = (
  { parts, settings }: Sweep,
  { fleet, records }: Pick<Sight, "fleet" | "records">,
  { instanceId, runnerId }: { readonly instanceId: string; readonly runnerId?: number },
): Promise<RunnerDeletion> =>
  parts.access.call(async (octokit) => {
    const { github } = settings;
    const known = records.get(instanceId)?.id ?? runnerId;
    const name = runnerName(parts.installation, fleet, instanceId);
    const id = known ?? (await findRunner(octokit, github, name))?.id;
    return id === undefined ? "absent" : deleteRunner(octokit, github, id);
  });
