import packaged from "../../constructs/runner-version.json";
import { notFound, type Answer, type Call } from "./github-route";

/** An archive of the runner. `sha256_checksum` and `temp_download_token` are optional: `runner-application` in @octokit/openapi-types. */
export interface RunnerApplication {
  readonly os: string;
  readonly architecture: string;
  readonly download_url: string;
  readonly filename: string;
  readonly sha256_checksum?: string;
}

/** Days that GitHub has named. One that it has not named is null, or left out. */
export interface RunnerSchedule {
  readonly registration_deprecates_at?: string | null;
  readonly runtime_deprecates_at?: string | null;
}

const archive = (os: string, architecture: string, version: string, sum?: string): RunnerApplication => {
  const filename = `actions-runner-${os}-${architecture}-${version}.tar.gz`;
  return {
    ...{ os, architecture, filename },
    download_url: `https://github.com/actions/runner/releases/download/v${version}/${filename}`,
    ...(sum !== undefined && { sha256_checksum: sum }),
  };
};

/** Which versions of the runner this GitHub offers, and how long it accepts them. */
export class RunnerReleases {
  /** All systems, as GitHub lists them. */
  offered: readonly RunnerApplication[] = [];
  /** By version. Of another version GitHub answers 404. */
  readonly schedules = new Map<string, RunnerSchedule>();
  /** False: an Enterprise Server that does not know the question, and answers 404. */
  tellsSchedules = true;

  constructor() {
    this.offer(packaged.version, packaged.sha256);
  }

  /** A release: nothing ends it until GitHub says so. */
  offer(version: string, sums: { readonly x64?: string; readonly arm64?: string }): void {
    this.offered = [
      archive("osx", "arm64", version, "e".repeat(64)),
      archive("linux", "x64", version, sums.x64),
      archive("linux", "arm", version, "f".repeat(64)),
      archive("linux", "arm64", version, sums.arm64),
    ];
    this.schedules.set(version, { runtime_deprecates_at: null });
  }
}

/** https://docs.github.com/en/rest/actions/self-hosted-runners#list-runner-applications-for-an-organization */
export const listApplications = ({ state }: Call): Answer => ({ status: 200, body: state.releases.offered });

/**
 * https://docs.github.com/en/rest/actions/self-hosted-runners#get-runner-version-end-of-life-schedule-for-an-organization
 * As it was seen on 29 September 2026: 2.328.0 has `runtime_deprecates_at` and nothing else, 2.337.0 null, and 9.9.9,
 * which never was, 404.
 */
export const getSchedule = ({ state, params: { version = "" } }: Call): Answer => {
  const schedule = state.releases.tellsSchedules ? state.releases.schedules.get(version) : undefined;
  return schedule ? { status: 200, body: { runner_version: version, ...schedule } } : notFound;
};
