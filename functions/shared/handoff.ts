import {
  handoffKey,
  runnerArchiveUrl,
  type FleetSettings,
  type GithubSettings,
  type Handoff,
  type RunnerRelease,
} from "./contract";

/** The machine looks for its registration for 5 minutes from its boot; what is older will not be taken. */
const HANDOFF_LIFE_S = 10 * 60;

/** Folder for the job's files, below the runner's own: the runner's default. */
export const WORK_FOLDER = "_work";

/**
 * Has the runner end with code 7 when GitHub refuses its version, where it would end with 0 otherwise:
 * https://github.com/actions/runner/blob/v2.336.0/src/Misc/layoutroot/run-helper.sh.template
 * The unit sets it as well. Here it reaches configuring, and machines whose boot script is older than that unit.
 */
const TELL_DEPRECATION = "ACTIONS_RUNNER_RETURN_VERSION_DEPRECATED_EXIT_CODE=1";

/**
 * The runner reads each of its arguments and flags from `ACTIONS_RUNNER_INPUT_<NAME>`, and removes it from its
 * environment: https://github.com/actions/runner/blob/main/src/Runner.Listener/CommandSettings.cs
 */
const environmentOf = (inputs: Readonly<Record<string, string | undefined>>): string =>
  [
    ...Object.entries(inputs).flatMap(([name, value]) =>
      value === undefined ? [] : [`ACTIONS_RUNNER_INPUT_${name}=${value}`],
    ),
    TELL_DEPRECATION,
  ].join("\n");

export const jitEnvironment = (encodedJitConfig: string): string =>
  environmentOf({ JITCONFIG: encodedJitConfig });

/** Ephemeral always: nothing switches it off. */
export const tokenEnvironment = (
  github: GithubSettings,
  { labels, runnerGroupName }: Pick<FleetSettings, "labels" | "runnerGroupName">,
  name: string,
  registrationToken: string,
): string =>
  environmentOf({
    URL: [github.webUrl, github.owner, github.repository].filter(Boolean).join("/"),
    TOKEN: registrationToken,
    NAME: name,
    LABELS: labels.join(","),
    // Only organizations have runner groups.
    RUNNERGROUP: github.repository ? undefined : runnerGroupName,
    WORK: WORK_FOLDER,
    EPHEMERAL: "true",
    UNATTENDED: "true",
  });

export interface HandoffContent {
  readonly environment: string;
  /** Absent: the machine takes the version in its user data. */
  readonly release?: RunnerRelease;
}

export const handoffOf = (
  { roleId, architecture }: Pick<FleetSettings, "roleId" | "architecture">,
  instanceId: string,
  { environment, release }: HandoffContent,
  now: number,
): Handoff => ({
  instance: handoffKey(roleId, instanceId),
  environment,
  ...(release &&
    architecture && {
      runner: `${runnerArchiveUrl(release.version, architecture)} ${release.sha256[architecture]}`,
    }),
  expiresAt: Math.floor(now / 1000) + HANDOFF_LIFE_S,
});
