import type { FleetSettings, GithubSettings } from "./contract";
import { GithubError, type GithubClient } from "./github";
import { WORK_FOLDER } from "./handoff";

/** A runner's record at GitHub, with the configuration that makes a machine this runner. */
export interface JitRunner {
  readonly runnerId: number;
  readonly encodedJitConfig: string;
}

/** What GitHub knows of a runner. */
export interface RunnerRecord {
  readonly id: number;
  readonly name: string;
  readonly status: "online" | "offline";
  /** Lags behind: false proves nothing. */
  readonly busy: boolean;
  /** Id of the group that it is in, where GitHub tells it. */
  readonly groupId?: string;
  /** Of the runner, once it was online, where GitHub tells it: not on every Enterprise Server. */
  readonly version?: string;
}

/** `busy`: GitHub refuses, since the runner has a job; it is there as before. */
export type RunnerDeletion = "deleted" | "absent" | "busy";

/** https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api */
export const RUNNERS_A_PAGE = 100;

/**
 * GitHub's own group, which every organization has. It is the group of all who name no other, so a list of it is no
 * shorter than the list of all: https://docs.github.com/en/actions/concepts/runners/runner-groups
 */
export const DEFAULT_GROUP = "1";

/** A machine waits: two tries and the removal of what a lost answer left have to fit well within its wait. */
const request = { timeout: 5000 } as const;

/** The runners of an organization or of a repository: the same calls below different paths. */
export const runnersPath = ({ owner, repository }: GithubSettings): string => {
  const scope = repository
    ? `/repos/${encodeURIComponent(owner)}/${encodeURIComponent(repository)}`
    : `/orgs/${encodeURIComponent(owner)}`;
  return `${scope}/actions/runners`;
};

/**
 * https://docs.github.com/en/rest/actions/self-hosted-runners#create-configuration-for-a-just-in-time-runner-for-an-organization
 *
 * @throws GithubError, with 409 when there is a runner of this name
 */
export const generateJitConfig = async (
  octokit: GithubClient,
  github: GithubSettings,
  name: string,
  { labels, runnerGroupId }: Pick<FleetSettings, "labels" | "runnerGroupId">,
): Promise<JitRunner> => {
  const { data } = (await octokit.request(`POST ${runnersPath(github)}/generate-jitconfig`, {
    name,
    runner_group_id: Number(runnerGroupId),
    labels: [...labels],
    work_folder: WORK_FOLDER,
    request,
  })) as { data: { runner: { id: number }; encoded_jit_config: string } };
  return { runnerId: data.runner.id, encodedJitConfig: data.encoded_jit_config };
};

/** Which part of which list. */
export interface RunnerQuery {
  /** As {@link runnerList} names it. Default: all runners */
  readonly group?: string;
  /** Counted from 1. Default: 1 */
  readonly page?: number;
}

/** One page of a list of runners. */
export interface RunnerPage {
  /** How many runners are in the whole list. */
  readonly total: number;
  readonly runners: readonly RunnerRecord[];
}

/** The shortest list of GitHub's in which runners of a group stand. Runners of one such name are in one list. */
export const runnerList = (
  { repository }: GithubSettings,
  { runnerGroupId }: Pick<FleetSettings, "runnerGroupId">,
): string | undefined =>
  repository !== undefined || runnerGroupId === DEFAULT_GROUP ? undefined : runnerGroupId;

/**
 * A page of a group's runners, or, without a group, of all runners: those of others too. A page is cut from the list as
 * it stands when it is asked for: a runner that goes in between can hide another, so what is not in here may be there all
 * the same. A group's list has no filter by name.
 * https://docs.github.com/en/rest/actions/self-hosted-runner-groups#list-self-hosted-runners-in-a-group-for-an-organization
 *
 * @throws GithubError
 */
export const listRunners = async (
  octokit: GithubClient,
  github: GithubSettings,
  { group, page = 1 }: RunnerQuery = {},
): Promise<RunnerPage> => {
  const path =
    group === undefined
      ? runnersPath(github)
      : `/orgs/${encodeURIComponent(github.owner)}/actions/runner-groups/${encodeURIComponent(group)}/runners`;
  const { data } = (await octokit.request(`GET ${path}`, { per_page: RUNNERS_A_PAGE, page })) as {
    data: { total_count: number; runners: unknown[] };
  };
  return { total: data.total_count, runners: records(data.runners) };
};

/**
 * The runner of this id. Undefined: GitHub has no such runner (any more), which a list does not prove.
 *
 * @throws GithubError
 */
export const getRunner = async (
  octokit: GithubClient,
  github: GithubSettings,
  runnerId: number,
): Promise<RunnerRecord | undefined> => {
  try {
    const { data } = (await octokit.request(`GET ${runnersPath(github)}/${runnerId}`, { request })) as {
      data: unknown;
    };
    return records([data])[0];
  } catch (error) {
    if (error instanceof GithubError && error.status === 404) return undefined;
    throw error;
  }
};

/**
 * The runner of this name, of which there is one at the most.
 *
 * @throws GithubError
 */
export const findRunner = async (
  octokit: GithubClient,
  github: GithubSettings,
  name: string,
): Promise<RunnerRecord | undefined> => {
  const route = `GET ${runnersPath(github)}`;
  const { data } = (await octokit.request(route, { name, per_page: RUNNERS_A_PAGE, request })) as {
    data: { runners: unknown[] };
  };
  return records(data.runners).find((runner) => runner.name === name);
};

const records = (runners: readonly unknown[]): RunnerRecord[] =>
  (runners as (RunnerRecord & { runner_group_id?: number })[]).map((runner) => {
    const { id, name, status, busy, version, runner_group_id: groupId } = runner;
    return {
      ...{ id, name, status, busy },
      ...(typeof groupId === "number" && { groupId: String(groupId) }),
      ...(typeof version === "string" && { version }),
    };
  });

/** 422 with `Runner "..." is still running a job`, or `is currently running a job and cannot be deleted`. */
const RUNS_A_JOB = /running a job/i;

/**
 * Deletes a runner unless it has a job: then GitHub refuses, and that decides, whatever `busy` in its record says.
 *
 * @throws GithubError
 */
export const deleteRunner = async (
  octokit: GithubClient,
  github: GithubSettings,
  runnerId: number,
): Promise<RunnerDeletion> => {
  try {
    await octokit.request(`DELETE ${runnersPath(github)}/${runnerId}`, { request });
    return "deleted";
  } catch (error) {
    if (!(error instanceof GithubError)) throw error;
    if (error.status === 404) return "absent";
    if (error.status === 422 && RUNS_A_JOB.test(error.reason)) return "busy";
    throw error;
  }
};

/**
 * Deletes the runner of this name, if there is one and it has no job.
 *
 * @throws GithubError
 */
export const deleteRunnerByName = async (
  octokit: GithubClient,
  github: GithubSettings,
  name: string,
): Promise<RunnerDeletion> => {
  const runner = await findRunner(octokit, github, name);
  return runner ? deleteRunner(octokit, github, runner.id) : "absent";
};
