import { furtherTokenParameter, githubParameters } from "./github-parameters";
import { isKnown } from "./validation";
import type { NamedProps } from "./common";
import type { GithubConnection } from "./github-connection";
import type { AppCredential, FurtherApp } from "../functions/shared/contract";

interface RotationNames extends NamedProps {
  readonly github: GithubConnection;
  readonly renewRunnerVersion?: boolean;
}

/** The parameters that the rotation function fills. */
export interface UsedParameters {
  readonly installationToken?: string;
  readonly furtherApps: readonly FurtherApp[];
  readonly registrationToken?: string;
  readonly webhookSecret: string;
  /** The only one that holds no secret. */
  readonly runnerVersion?: string;
}

/** Those that hold a secret. */
export const secretNamesOf = ({
  installationToken,
  furtherApps,
  registrationToken,
  webhookSecret,
}: UsedParameters) =>
  [
    installationToken,
    ...furtherApps.map(({ installationTokenParameter }) => installationTokenParameter),
    registrationToken,
    webhookSecret,
  ].filter((name) => name !== undefined);

export const namesOf = (used: UsedParameters): readonly string[] => [
  ...secretNamesOf(used),
  ...(used.runnerVersion === undefined ? [] : [used.runnerVersion]),
];

/** Registration tokens are minted for those only who register with them: whoever holds one can add a runner. */
export const usedParameters = (props: RotationNames): UsedParameters => {
  const { installationToken, registrationToken, webhookSecret, runnerVersion } = githubParameters(props);
  const { credential, registration } = props.github;
  return {
    furtherApps: distinctApps(props).map((app) => ({
      ...app,
      installationTokenParameter: furtherTokenParameter(props, app.appId),
    })),
    ...(credential.kind === "app" && { installationToken }),
    ...(registration === "token" && { registrationToken }),
    webhookSecret,
    ...((props.renewRunnerVersion ?? true) && { runnerVersion }),
  };
};

/** Two Apps of one id are told as a mistake; here the second is left out, so that the synth gets as far as telling. */
const distinctApps = ({ github }: RotationNames): readonly AppCredential[] =>
  github.furtherApps.filter(
    ({ appId }, index, apps) => isKnown(appId) && apps.findIndex((app) => app.appId === appId) === index,
  );

/**
 * The function writes its parameters with `Update`, which matches nothing here, so it cannot call itself for ever. Of
 * `others`, which are written by people or by Terraform, it may write none.
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-cwe.html
 */
export const parameterEvents = (own: readonly string[], others: readonly string[]): object => ({
  source: ["aws.ssm"],
  "detail-type": ["Parameter Store Change"],
  detail: {
    $or: [
      { name: own, operation: ["Create"] },
      { name: others, operation: ["Create", "Update"] },
    ],
  },
});
