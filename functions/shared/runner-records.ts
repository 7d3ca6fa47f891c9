import type { Octokit } from "@octokit/rest";
import type { FleetSettings, GithubSettings } from "./contract";
import { WORK_FOLDER } from "./handoff";

/** A runner's record at GitHub, with the configuration that makes a machine this runner. */
export interface JitRunner {
  readonly runnerId: number;
  readonly encodedJitConfig: string;
}

/** The runners of an organization or of a repository: the same calls below different paths. */
const pathOf = ({ owner, repository }: GithubSettings): string =>
  repository
    ? `/repos/${encodeURIComponent(owner)}/${encodeURIComponent(repository)}`
    : `/orgs/${encodeURIComponent(owner)}`;

/**
 * https://docs.github.com/en/rest/actions/self-hosted-runners#create-configuration-for-a-just-in-time-runner-for-an-organization
 *
 * @throws GithubError, with 409 when there is a runner of this name
 */
export const generateJitConfig = async (
  octokit: Octokit,
  github: GithubSettings,
  name: string,
  { labels, runnerGroupId }: Pick<FleetSettings, "labels" | "runnerGroupId">,
): Promise<JitRunner> => {
  const { data } = (await octokit.request(`POST ${pathOf(github)}/actions/runners/generate-jitconfig`, {
    name,
    runner_group_id: Number(runnerGroupId),
    labels: [...labels],
    work_folder: WORK_FOLDER,
  })) as { data: { runner: { id: number }; encoded_jit_config: string } };
  return { runnerId: data.runner.id, encodedJitConfig: data.encoded_jit_config };
};

/**
 * Deletes the runner of this name, if there is one. GitHub refuses it for a runner with a job.
 *
 * @throws GithubError
 */
export const deleteRunnerByName = async (
  octokit: Octokit,
  github: GithubSettings,
  name: string,
): Promise<void> => {
  const path = `${pathOf(github)}/actions/runners`;
  const { data } = (await octokit.request(`GET ${path}`, { name, per_page: 100 })) as {
    data: { runners: { id: number; name: string }[] };
  };
  for (const runner of data.runners.filter((one) => one.name === name)) {
    await octokit.request(`DELETE ${path}/${runner.id}`);
  }
};
