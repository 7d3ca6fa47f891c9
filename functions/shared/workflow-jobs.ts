import pLimit from "p-limit";
import { GithubError, type GithubClient } from "./github";
import {
  toJob,
  toRun,
  type JobAnswer,
  type RunAnswer,
  type WorkflowJob,
  type WorkflowRun,
} from "./workflow-job";

export type { JobStatus, WorkflowJob, WorkflowRun, WorkflowStep } from "./workflow-job";

/** https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api */
const ITEMS_A_PAGE = 100;

/** Of each status. With more runs under way in one repository, what is missed is seen when others have ended. */
const MOST_RUNS = 500;

/**
 * Far below the 100 that GitHub allows at once, for all that uses the same App.
 * https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits
 */
const CALLS_AT_ONCE = 10;

/** @param repository `owner/name` */
const pathOf = (repository: string): string =>
  `/repos/${repository.split("/").map(encodeURIComponent).join("/")}/actions`;

/**
 * https://docs.github.com/en/rest/actions/workflow-jobs#get-a-job-for-a-workflow-run
 *
 * @returns undefined when GitHub shows no such job
 * @throws GithubError
 */
export const getJob = (
  octokit: GithubClient,
  repository: string,
  jobId: number,
): Promise<WorkflowJob | undefined> =>
  unlessAbsent(async () => {
    const route = `GET ${pathOf(repository)}/jobs/${jobId}`;
    const { data } = (await octokit.request(route)) as { data: JobAnswer };
    return toJob(data);
  });

/**
 * https://docs.github.com/en/rest/actions/workflow-runs#get-a-workflow-run
 *
 * @returns undefined when GitHub shows no such run
 * @throws GithubError
 */
export const getRun = (
  octokit: GithubClient,
  repository: string,
  runId: number,
): Promise<WorkflowRun | undefined> =>
  unlessAbsent(async () => {
    const route = `GET ${pathOf(repository)}/runs/${runId}`;
    const { data } = (await octokit.request(route)) as { data: RunAnswer };
    return toRun(data);
  });

export type Rerun = "started" | "refused";

/** In GitHub's words. A missing permission and a limit are 403 as well, and are said in others. */
const NOT_NOW = /already running|cannot be (retried|re-?run)|unable to (retry|re-?run)|no failed/i;

/**
 * Has one job run again, and those that depend on it. GitHub refuses while its run has not ended, and for ever when
 * that is a month old.
 * https://docs.github.com/en/rest/actions/workflow-runs#re-run-a-job-from-a-workflow-run
 *
 * @throws GithubError, with 403 when the permission "actions: write" is missing
 */
export const rerunJob = (octokit: GithubClient, repository: string, jobId: number): Promise<Rerun> =>
  start(octokit, `POST ${pathOf(repository)}/jobs/${jobId}/rerun`);

/**
 * Has all jobs of a run's latest attempt run again that failed or were cancelled, and those that depend on them. Refused
 * as {@link rerunJob} is.
 * https://docs.github.com/en/rest/actions/workflow-runs#re-run-failed-jobs-from-a-workflow-run
 *
 * @throws GithubError, with 403 when the permission "actions: write" is missing
 */
export const rerunFailedJobs = (octokit: GithubClient, repository: string, runId: number): Promise<Rerun> =>
  start(octokit, `POST ${pathOf(repository)}/runs/${runId}/rerun-failed-jobs`);

const start = async (octokit: GithubClient, route: string): Promise<Rerun> => {
  try {
    await octokit.request(route);
    return "started";
  } catch (error) {
    const refused = error instanceof GithubError && error.status === 403 && !error.limited;
    if (refused && NOT_NOW.test(error.reason)) return "refused";
    throw error;
  }
};

/**
 * The jobs of a run in its latest attempt. None when GitHub shows no such run.
 * https://docs.github.com/en/rest/actions/workflow-jobs#list-jobs-for-a-workflow-run
 *
 * @throws GithubError
 */
export const listLatestJobs = (
  octokit: GithubClient,
  repository: string,
  runId: number,
): Promise<WorkflowJob[]> => listJobs(octokit, repository, runId, "latest");

/** As {@link listLatestJobs}, in all its attempts. */
export const listAllJobs = (
  octokit: GithubClient,
  repository: string,
  runId: number,
): Promise<WorkflowJob[]> => listJobs(octokit, repository, runId, "all");

const listJobs = async (
  octokit: GithubClient,
  repository: string,
  runId: number,
  filter: "latest" | "all",
): Promise<WorkflowJob[]> => {
  const route = `GET ${pathOf(repository)}/runs/${runId}/jobs`;
  const jobs = await unlessAbsent(() => octokit.paginate(route, { filter, per_page: ITEMS_A_PAGE }));
  return ((jobs ?? []) as JobAnswer[]).map(toJob);
};

/**
 * The jobs of a repository that wait for a runner: takes a call for each run that has not ended, so this is for a few
 * repositories only.
 *
 * @throws GithubError
 */
export const listQueuedJobs = async (octokit: GithubClient, repository: string): Promise<WorkflowJob[]> => {
  const statuses = ["queued", "in_progress"] as const;
  const runs = await Promise.all(statuses.map((status) => listRuns(octokit, repository, status)));
  // A run that starts between the two calls stands in both lists.
  const ids = [...new Set(runs.flat().map(({ id }) => id))];
  const atOnce = pLimit(CALLS_AT_ONCE);
  const jobs = await Promise.all(ids.map((id) => atOnce(listLatestJobs, octokit, repository, id)));
  return jobs.flat().filter(({ status }) => status === "queued");
};

const listRuns = async (
  octokit: GithubClient,
  repository: string,
  status: "queued" | "in_progress",
): Promise<RunAnswer[]> => {
  const runs: RunAnswer[] = [];
  const route = `GET ${pathOf(repository)}/runs`;
  for await (const { data } of octokit.paginate.iterator(route, { status, per_page: ITEMS_A_PAGE })) {
    runs.push(...(data as RunAnswer[]));
    if (runs.length >= MOST_RUNS) break;
  }
  return runs;
};

const unlessAbsent = async <T>(call: () => Promise<T>): Promise<T | undefined> => {
  try {
    return await call();
  } catch (error) {
    if (error instanceof GithubError && error.status === 404) return undefined;
    throw error;
  }
};
