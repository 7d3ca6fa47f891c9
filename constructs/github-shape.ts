import { isObject, pathOf, shapeMistakes } from "./shape";
import type { FurtherAppProps, GithubAppProps, GithubTokenProps } from "./github-connection";
import type { Shape } from "./shape";

/** Keys and kinds of a connection's props, for who writes JavaScript or JSON. */

const GITHUB: Shape<Omit<GithubAppProps, keyof FurtherAppProps | "registration" | "furtherApps">> = {
  org: "a text",
  repository: "a text",
  baseUrl: "a text",
  credentialKmsKeyArn: "a text",
};

export const FURTHER_APP: Shape<FurtherAppProps> = {
  appId: "a text",
  installationId: "a text",
  privateKeyParameter: "the name of an SSM parameter",
};

export const GITHUB_APP: Shape<GithubAppProps> = {
  ...GITHUB,
  ...FURTHER_APP,
  registration: "a text",
  furtherApps: "a list of Apps",
};

export const GITHUB_TOKEN: Shape<GithubTokenProps> = {
  ...GITHUB,
  tokenParameter: "the name of an SSM parameter",
};

const CREDENTIAL = ["appId", "privateKeyParameter"] as const;

export const furtherAppsShapeMistakes = (at: string, apps: unknown): readonly string[] =>
  Array.isArray(apps) && apps.every(isObject)
    ? apps.flatMap((app, index) => shapeMistakes(`${at}[${index}]`, app, FURTHER_APP, CREDENTIAL))
    : [];

export const githubAppShapeMistakes = (at: string, props: unknown): readonly string[] => [
  ...shapeMistakes(at, props, GITHUB_APP, CREDENTIAL),
  ...(isObject(props) ? furtherAppsShapeMistakes(pathOf(at, "furtherApps"), props.furtherApps) : []),
];
