import type { GithubSettings, RunnerRelease } from "./contract";
import { runnersPath } from "./runner-records";
import { releaseOf } from "./runner-release";

/** As much of octokit as is used here: the clients of the functions have different plugins. */
interface Requests {
  request(route: string): Promise<{ readonly data: unknown }>;
}

/** https://docs.github.com/en/rest/actions/self-hosted-runners#list-runner-applications-for-an-organization */
interface RunnerApplication {
  readonly os: string;
  readonly architecture: string;
  readonly filename: string;
  readonly sha256_checksum?: string;
}

const VERSION = /^actions-runner-linux-\w+-(\d+\.\d+\.\d+)\.tar\.gz$/;

const sumOf = (one: RunnerApplication | undefined): string => String(one?.sha256_checksum).toLowerCase();

/**
 * The version of the runner that GitHub offers for download. Undefined: none for Linux, or without the checksum of one of
 * the architectures, which is an optional field.
 *
 * @throws GithubError
 */
export const offeredRelease = async (
  octokit: Requests,
  github: GithubSettings,
): Promise<RunnerRelease | undefined> => {
  const { data } = await octokit.request(`GET ${runnersPath(github)}/downloads`);
  // What stands between us and a server may answer with anything, and that is no offer either.
  const applications = (Array.isArray(data) ? data : []) as readonly (RunnerApplication | null)[];
  const of = (name: string): RunnerApplication | undefined =>
    applications.find((one) => one?.os === "linux" && one.architecture === name) ?? undefined;
  const [x64, arm64] = [of("x64"), of("arm64")];
  const versions = [x64, arm64].map((one) => VERSION.exec(String(one?.filename))?.[1]);
  if (versions[0] !== versions[1]) return undefined;
  return releaseOf(versions[0], { x64: sumOf(x64), arm64: sumOf(arm64) });
};
