import type { GithubSettings } from "./contract";
import { GithubError, type GithubClient } from "./github";
import { runnersPath } from "./runner-records";

/**
 * Of an answer like {"runner_version": "2.336.0", "runtime_deprecates_at": "2026-11-05T08:04:55Z"}. A day that is not
 * set is null, or left out.
 * https://docs.github.com/en/rest/actions/self-hosted-runners#get-runner-version-end-of-life-schedule-for-an-organization
 */
interface Schedule {
  readonly registration_deprecates_at?: string | null;
  readonly runtime_deprecates_at?: string | null;
}

/**
 * Until when GitHub lets a version of the runner register and gives it jobs, whichever ends first: ISO 8601, or null while
 * no day is named. Undefined: GitHub does not know the version, or is an Enterprise Server that cannot be asked.
 *
 * @throws GithubError
 */
export const acceptedUntil = async (
  octokit: GithubClient,
  github: GithubSettings,
  version: string,
): Promise<string | null | undefined> => {
  try {
    const route = `GET ${runnersPath(github)}/deprecations/${encodeURIComponent(version)}`;
    const { data } = (await octokit.request(route)) as { data: Schedule };
    const { registration_deprecates_at, runtime_deprecates_at } = data;
    const days = [registration_deprecates_at, runtime_deprecates_at]
      .map((day) => Date.parse(day ?? ""))
      .filter((day) => !Number.isNaN(day));
    return days.length === 0 ? null : new Date(Math.min(...days)).toISOString();
  } catch (error) {
    if (error instanceof GithubError && error.status === 404) return undefined;
    throw error;
  }
};
