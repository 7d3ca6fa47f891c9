import { REPOSITORY } from "./github-checks";
import { machineHoursMistakes } from "./sweeper-alarms";
import { DEFAULT_IDLE_BACKSTOP_MINUTES } from "./user-data";
import { checkFilled, checkPattern, checkRange, isKnown } from "./validation";
import type { GithubConnection } from "./github-connection";
import type { SweeperProps } from "./sweeper";

export const DEFAULT_IDLE_LIMIT_MINUTES = 5;

/** Against a slip of the keys: 40 of the largest fleets, day and night. */
const MAXIMUM_MACHINE_HOURS = 1_000_000;

/** `widget` and `acme/widget`, both as `acme/widget`. */
export const fullNames = (names: readonly string[], { settings }: GithubConnection): readonly string[] =>
  names.map((name) => (String(name).includes("/") ? name : `${settings.owner}/${name}`));

const backlogPattern = new RegExp(`^(?:[A-Za-z0-9_-]+/)?${REPOSITORY}$`);

const backlogMistakes = ({ backlogRepositories, launcher: { github } }: SweeperProps): readonly string[] => {
  const wrong = checkFilled("backlogRepositories", backlogRepositories);
  if (wrong.length > 0) return wrong;
  const { owner, repository } = github.settings;
  const only = repository === undefined ? `${owner}/` : `${owner}/${repository}`;
  // GitHub does not tell cases apart.
  const isServed = (name: string): boolean =>
    fullNames([name], github)
      .map((full) => full.toLowerCase())
      .every((full) =>
        repository === undefined ? full.startsWith(only.toLowerCase()) : full === only.toLowerCase(),
      );
  return (backlogRepositories ?? []).flatMap((name, index) => {
    const at = `backlogRepositories[${index}]`;
    const mistakes = checkPattern(at, name, backlogPattern, 'a repository such as "widget" or "acme/widget"');
    if (mistakes.length > 0 || isServed(name)) return mistakes;
    return [
      `${at} is "${name}", and github serves ${only}${repository === undefined ? "*" : ""}: leave it out.`,
    ];
  });
};

const idleMistakes = ({ idleLimitMinutes, launcher }: SweeperProps): readonly string[] =>
  launcher.fleets.flatMap(({ idleBackstopMinutes = DEFAULT_IDLE_BACKSTOP_MINUTES }, index) => {
    const limit = idleLimitMinutes ?? DEFAULT_IDLE_LIMIT_MINUTES;
    const isFine = !isKnown(limit) || !isKnown(idleBackstopMinutes) || limit < idleBackstopMinutes;
    return isFine
      ? []
      : [
          `idleLimitMinutes (${limit}) must be less than fleets[${index}].idleBackstopMinutes (${idleBackstopMinutes}): a machine would end itself, perhaps as GitHub gives it a job, before GitHub is asked. Lower the one, or raise the other.`,
        ];
  });

export const sweeperMistakes = (props: SweeperProps): readonly string[] => [
  ...checkRange("sweepMinutes", props.sweepMinutes, 1, 5, "minutes"),
  ...checkRange("idleLimitMinutes", props.idleLimitMinutes, 1, 60, "minutes"),
  ...checkRange("checkAfterMinutes", props.checkAfterMinutes, 1, 60, "minutes"),
  ...checkRange(
    "maximumMachineHoursPerDay",
    props.maximumMachineHoursPerDay,
    1,
    MAXIMUM_MACHINE_HOURS,
    "hours",
  ),
  ...machineHoursMistakes(props),
  ...idleMistakes(props),
  ...backlogMistakes(props),
];
