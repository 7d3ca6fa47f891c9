import { EphemeralRunners, type EphemeralRunnersProps } from "../../../constructs/ephemeral-runners";
import { GithubConnection } from "../../../constructs/github-connection";
import { applied } from "../applied";
import { synthesize } from "../synth";
import type { Resource } from "../terraform";

const KEY = "arn:aws:kms:eu-central-1:123456789012:key/own";
const FURTHER_KEY = "arn:aws:kms:eu-central-1:123456789012:key/further";
const CREDENTIAL_KEY = "arn:aws:kms:eu-central-1:123456789012:key/credential";
const org = "acme";
const credentialKmsKeyArn = CREDENTIAL_KEY;
const app = { org, appId: "123", privateKeyParameter: "/team/key" };
const furtherApps = [{ appId: "456", privateKeyParameter: "/team/key-456" }];
const linux = { name: "linux", labels: ["linux"] };
const image = {
  name: "image",
  labels: ["image"],
  imageId: "ami-0123456789abcdef0",
  markets: ["spot" as const],
};
const arm64 = { name: "arm64", labels: ["arm64"], architecture: "arm64" as const };

/** 30 KB. */
const manyRepositories = Array.from({ length: 1000 }, (_, index) => `a-repository-of-the-team-${index}`);

export interface Variant {
  readonly what: string;
  readonly resources: readonly Resource[];
  /** Keys of what the team stores, by name of the parameter. */
  readonly credentials: Readonly<Record<string, string>>;
  /** A second key that may be used. */
  readonly furtherKey?: string;
  /** Nobody has launched spot in its account yet. Default: somebody has */
  readonly lacksSpotRole?: boolean;
}

const variant = (
  what: string,
  props: Omit<EphemeralRunnersProps, "fleets"> & Partial<Pick<EphemeralRunnersProps, "fleets">>,
): Variant => ({
  what,
  resources: applied(
    synthesize(
      (stack) =>
        void new EphemeralRunners(stack, "Runners", { prefix: "acme-ci", fleets: [linux], ...props }),
    ),
  ),
  furtherKey: props.furtherKmsKeyArn,
  credentials:
    props.github.credentialKmsKeyArn === undefined
      ? {}
      : Object.fromEntries(props.github.credentialParameters.map((name) => [name, CREDENTIAL_KEY])),
});

/** Between them they hold every statement that a prop brings. */
export const variants = (): readonly Variant[] => [
  variant("an App, and nothing else said", { github: GithubConnection.app(app) }),
  variant("several Apps, several fleets and keys of the team's", {
    github: GithubConnection.app({ ...app, furtherApps, credentialKmsKeyArn }),
    fleets: [linux, image, arm64],
    kmsKeyArn: KEY,
    webhook: "app",
  }),
  variant("a key that takes the place of another", {
    github: GithubConnection.app({ ...app, furtherApps, credentialKmsKeyArn }),
    kmsKeyArn: KEY,
    furtherKmsKeyArn: FURTHER_KEY,
    webhook: "app",
  }),
  variant("a key that was taken out", {
    github: GithubConnection.token({ org, tokenParameter: "/team/pat" }),
    furtherKmsKeyArn: FURTHER_KEY,
  }),
  variant("an App that registers by token, with keys of the team's", {
    github: GithubConnection.app({ ...app, registration: "token", credentialKmsKeyArn }),
    kmsKeyArn: KEY,
  }),
  variant("a personal access token, with keys of the team's", {
    github: GithubConnection.token({ org, tokenParameter: "/team/pat", credentialKmsKeyArn }),
    kmsKeyArn: KEY,
  }),
  variant("one repository, its webhook made by hand, in a network of the team's", {
    github: GithubConnection.app({
      repository: "acme/app",
      appId: "123",
      privateKeyParameter: "/team/key",
    }),
    webhook: "manual",
    network: { existing: { subnetIds: ["subnet-1", "subnet-2"], securityGroupIds: ["sg-1", "sg-2"] } },
  }),
  variant("lists that find no room in the functions' environments", {
    github: GithubConnection.app(app),
    repositories: manyRepositories,
    backlogRepositories: manyRepositories,
  }),
  variant("launches of which AWS may leave the template untold", {
    github: GithubConnection.app(app),
    requireLaunchTemplate: false,
  }),
  {
    ...variant("an account that has never used spot", {
      github: GithubConnection.app(app),
      createSpotServiceLinkedRole: true,
    }),
    lacksSpotRole: true,
  },
];
