import { REGISTRATIONS } from "./github-checks";
import { propsOf } from "./schema/node";
import type { FurtherAppProps, GithubAppProps, GithubTokenProps } from "./github-connection";
import type { ListOf, Rows } from "./schema/node";

/** What the props of a connection may be, for who writes JavaScript or JSON. */

const GITHUB: Rows<Omit<GithubAppProps, keyof FurtherAppProps | "registration" | "furtherApps">> = {
  org: "a text",
  repository: "a text",
  baseUrl: "a text",
  credentialKmsKeyArn: "a text",
};

export const FURTHER_APP: Rows<FurtherAppProps> = {
  appId: "a text",
  installationId: "a text",
  privateKeyParameter: "the name of an SSM parameter",
};

const FURTHER_APPS: ListOf = {
  kind: "a list of Apps",
  items: propsOf<FurtherAppProps>()(FURTHER_APP, ["appId", "privateKeyParameter"]),
};

/** Organization or repository is needed, which no table says: ./github-checks does. */
export const GITHUB_APP = propsOf<Omit<GithubAppProps, "org" | "repository"> & Partial<Place>>()(
  {
    ...GITHUB,
    ...FURTHER_APP,
    registration: { oneOf: REGISTRATIONS },
    furtherApps: FURTHER_APPS,
  },
  ["appId", "privateKeyParameter"],
);

export const GITHUB_TOKEN = propsOf<Omit<GithubTokenProps, "org" | "repository"> & Partial<Place>>()(
  {
    ...GITHUB,
    tokenParameter: "the name of an SSM parameter",
  },
  ["tokenParameter"],
);

type Place = Record<"org" | "repository", string>;
