import { redeliveryDays } from "../functions/shared/contract";
import { checkRange } from "./validation";
import type { TokenRotationProps } from "./token-rotation";

/** What is secret is to be replaced once in a while; a quarter of a year is the longest that anybody asks for. */
const MAXIMUM_SECRET_DAYS = 90;

/** A secret is replaced only once the one before it is not accepted any more: sooner, and the rotation would wait for that. */
const secretMistakes = ({
  github,
  webhook,
  webhookSecretRotationDays: days,
}: TokenRotationProps): readonly string[] => {
  if (days === undefined) return [];
  if (webhook === undefined)
    return [
      "webhookSecretRotationDays is for a webhook that rotation sets, and this one is made by hand: leave it out, and renew its secret yourself.",
    ];
  const least = redeliveryDays(github.settings);
  return checkRange("webhookSecretRotationDays", days, least, MAXIMUM_SECRET_DAYS, "days");
};

/** Below this prefix stands what the rotation function writes. */
const credentialMistakes = ({ github, prefix }: TokenRotationProps): readonly string[] => {
  const own = `/${prefix}/github/`;
  const prop = github.credential.kind === "app" ? "privateKeyParameter" : "tokenParameter";
  return github.credentialParameters.flatMap((name, index) => {
    const at = index === 0 ? "github" : `github.furtherApps[${index - 1}]`;
    return name.startsWith(own)
      ? [`${at}.${prop} must not stand below "${own}": rotation would overwrite it. Give it another name.`]
      : [];
  });
};

export const rotationMistakes = (props: TokenRotationProps): readonly string[] => [
  ...credentialMistakes(props),
  ...checkRange("rotationMinutes", props.rotationMinutes, 5, 50, "minutes"),
  ...secretMistakes(props),
  ...(/^(?:aws|ssm)/.test(props.prefix)
    ? [
        `prefix must not begin with "aws" or "ssm", which Parameter Store keeps for itself, and is "${props.prefix}".`,
      ]
    : []),
];
