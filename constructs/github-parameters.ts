import { PERSONAL } from "../functions/shared/contract";
import type { NamedProps } from "./common";
import type { GithubConnection } from "./github-connection";
import type { GithubTokenSettings } from "../functions/shared/contract";

/**
 * Names of the SSM parameters that only run time fills. Plain strings, known at synth: what reads a parameter needs no
 * reference to what creates it, so functions and parameters make no cycle.
 */
export interface GithubParameters {
  readonly installationToken: string;
  readonly registrationToken: string;
  readonly webhookSecret: string;
  /** With the version of the runner that machines take. */
  readonly runnerVersion: string;
  /** Written by Terraform alone: changes with what the rotation function works with. */
  readonly settingsRevision: string;
}

const nameOf = ({ prefix }: NamedProps, name: string): string => `/${prefix}/github/${name}`;

export const githubParameters = (naming: NamedProps): GithubParameters => ({
  installationToken: nameOf(naming, "installation-token"),
  registrationToken: nameOf(naming, "registration-token"),
  webhookSecret: nameOf(naming, "webhook-secret"),
  runnerVersion: nameOf(naming, "runner-version"),
  settingsRevision: nameOf(naming, "settings-revision"),
});

/** Where the installation token of an App stands that shares the load of the first. */
export const furtherTokenParameter = (naming: NamedProps, appId: string): string =>
  nameOf(naming, `installation-token-${appId}`);

/** The tokens that GitHub's REST API is called with: an installation token of each App, or the personal access token. */
export const githubTokens = (
  github: GithubConnection,
  naming: NamedProps,
): readonly GithubTokenSettings[] => {
  const { credential, furtherApps } = github;
  if (credential.kind === "token") return [{ name: PERSONAL, parameter: credential.tokenParameter }];
  return [
    { name: credential.appId, parameter: githubParameters(naming).installationToken },
    ...furtherApps.map(({ appId }) => ({ name: appId, parameter: furtherTokenParameter(naming, appId) })),
  ];
};
