import { handoffKey, type FleetSettings, type GithubSettings, type Handoff } from "./contract";

/** The machine looks for its registration for 5 minutes from its boot; what is older will not be taken. */
const HANDOFF_LIFE_S = 10 * 60;

/** Folder for the job's files, below the runner's own: the runner's default. */
export const WORK_FOLDER = "_work";

/**
 * The runner reads each of its arguments and flags from `ACTIONS_RUNNER_INPUT_<NAME>`, and removes it from its
 * environment: https://github.com/actions/runner/blob/main/src/Runner.Listener/CommandSettings.cs
 */
const environmentOf = (inputs: Readonly<Record<string, string | undefined>>): string =>
  Object.entries(inputs)
    .flatMap(([name, value]) => (value === undefined ? [] : [`ACTIONS_RUNNER_INPUT_${name}=${value}`]))
    .join("\n");

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

export const handoffOf = (roleId: string, instanceId: string, environment: string, now: number): Handoff => ({
  instance: handoffKey(roleId, instanceId),
  environment,
  expiresAt: Math.floor(now / 1000) + HANDOFF_LIFE_S,
});
