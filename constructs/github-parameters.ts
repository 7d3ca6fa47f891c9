import type { NamedProps } from "./common";

/**
 * Names of the SSM parameters that only run time fills. Plain strings, known at synth: what reads a parameter needs no
 * reference to what creates it, so functions and parameters make no cycle.
 */
export interface GithubParameters {
  readonly installationToken: string;
  readonly registrationToken: string;
  readonly webhookSecret: string;
}

export const githubParameters = ({ prefix }: NamedProps): GithubParameters => ({
  installationToken: `/${prefix}/github/installation-token`,
  registrationToken: `/${prefix}/github/registration-token`,
  webhookSecret: `/${prefix}/github/webhook-secret`,
});
