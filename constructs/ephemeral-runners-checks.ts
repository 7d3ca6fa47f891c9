import { webhookMistakes } from "./github-webhook";
import { fullNames } from "./sweeper-checks";
import { isKnown } from "./validation";
import type { EphemeralRunnersProps } from "./ephemeral-runners";

/** What the webhook leaves alone must not come in by another door. */
const backlogMistakes = ({
  github,
  repositories,
  backlogRepositories = [],
}: EphemeralRunnersProps): readonly string[] => {
  if (repositories === undefined || !isKnown(repositories) || !isKnown(backlogRepositories)) return [];
  const served = fullNames(repositories, github).map((name) => name.toLowerCase());
  return fullNames(backlogRepositories, github).flatMap((name, index) =>
    served.includes(name.toLowerCase())
      ? []
      : [
          `backlogRepositories[${index}] is "${name}", and repositories does not name it: name it there, or leave it out.`,
        ],
  );
};

/** What is wrong with one prop beside another. */
export const installationMistakes = (props: EphemeralRunnersProps): readonly string[] => [
  ...mistakesOfGithub(props),
  ...backlogMistakes(props),
];

const mistakesOfGithub = ({ github, runnerGroup, webhook }: EphemeralRunnersProps): readonly string[] => [
  ...webhookMistakes(webhook, github),
  ...(runnerGroup?.mistakes ?? []),
  ...(runnerGroup !== undefined && github.level === "repository"
    ? ["runnerGroup is for an organization, and github is one repository: leave runnerGroup out."]
    : []),
  ...(runnerGroup?.name === "" && github.registration === "token"
    ? [
        "With registration tokens the runner is told its group by name: give RunnerGroup.fromId the name, too.",
      ]
    : []),
];
