import { A_KEY_ARN, KEY_ARN } from "./common";
import { checkArn, checkNotBoth, checkPattern, checkPlain, isKnown, shown } from "./validation";
import type { GithubAppProps, GithubTokenProps } from "./github-connection";
import type { AppCredential, RegistrationMode } from "../functions/shared/contract";

/** What is wrong with a connection to GitHub, in the user's words. */

export const REGISTRATIONS: readonly RegistrationMode[] = ["jit", "token"];

/** Each App adds an ARN to two roles, whose policies have 10,240 characters: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
export const MAXIMUM_FURTHER_APPS = 4;

const LOGIN = "[A-Za-z0-9](?:[A-Za-z0-9_-]{0,38})";
export const REPOSITORY = "[A-Za-z0-9._-]{1,100}";
/** How GitHub's tokens and PEM files begin: https://github.blog/2021-04-05-behind-githubs-new-authentication-token-formats/ */
const SECRET = /-----BEGIN|^(?:gh[a-z]_|github_pat_)|\s/;

type Place = Pick<GithubAppProps, "org" | "repository" | "baseUrl" | "credentialKmsKeyArn">;

/** Addresses of GitHub's own that are not the one in a browser's address bar, however they are written. */
const hostMistakes = (baseUrl: string | undefined): readonly string[] => {
  if (typeof baseUrl !== "string" || !isKnown(baseUrl) || !URL.canParse(baseUrl)) return [];
  const { hostname } = new URL(baseUrl);
  if (/^(?:api|www)\.github\.com$/.test(hostname))
    return [`github.baseUrl is ${shown(baseUrl)}: leave it out for github.com.`];
  return /(?:^|\.)ghe\.com$/.test(hostname) && !/^(?!api\.)[a-z0-9-]+\.ghe\.com$/.test(hostname)
    ? [
        `github.baseUrl is ${shown(baseUrl)}: with data residency it is "https://SUBDOMAIN.ghe.com", without "api.".`,
      ]
    : [];
};

const placeMistakes = (props: Place): readonly string[] => [
  ...(props.org === undefined && props.repository === undefined
    ? ['github needs either org, such as "acme", or repository, such as "acme/widget".']
    : []),
  ...checkNotBoth("github.org", props.org, { "github.repository": props.repository }),
  ...checkPattern("github.org", props.org, new RegExp(`^${LOGIN}$`), 'a login such as "acme"'),
  ...checkPattern(
    "github.repository",
    props.repository,
    new RegExp(`^${LOGIN}/${REPOSITORY}$`),
    'owner and name, such as "acme/widget"',
  ),
  ...checkPattern(
    "github.baseUrl",
    props.baseUrl,
    /^https:\/\/[A-Za-z0-9.-]+(?::\d+)?$|^http:\/\/127\.0\.0\.1(?::\d+)?$/,
    'an address without a path, such as "https://ghe.example.com"',
  ),
  ...hostMistakes(props.baseUrl),
  ...checkArn("github.credentialKmsKeyArn", props.credentialKmsKeyArn, KEY_ARN, A_KEY_ARN),
];

/** Never shows the value: it may be the secret itself. */
const parameterMistakes = (prop: string, value: string): readonly string[] =>
  checkPlain(prop, value, (known) => {
    if (SECRET.test(known))
      return [
        `${prop} looks like a secret. Secrets are never props: give the name of the parameter that holds it.`,
      ];
    return /^\/[A-Za-z0-9_.-]+(?:\/[A-Za-z0-9_.-]+)*$/.test(known)
      ? []
      : [
          `${prop} must be the full name of an SSM parameter, beginning with "/", such as "/acme/github-key".`,
        ];
  });

const credentialMistakes = (at: string, app: AppCredential): readonly string[] => [
  ...checkPattern(`${at}.appId`, app.appId, /^\d+$/, "digits, as the App's settings page shows them"),
  ...checkPattern(`${at}.installationId`, app.installationId, /^\d+$/, "digits"),
  ...parameterMistakes(`${at}.privateKeyParameter`, app.privateKeyParameter),
];

/** Values of a key that an App has in common with one before it; which value is not said, since it may be a secret. */
const sharedMistakes = (
  apps: readonly (readonly [at: string, app: AppCredential])[],
  key: "appId" | "privateKeyParameter",
  why: string,
): readonly string[] =>
  apps.flatMap(([at, app], index) => {
    const [first] = apps.slice(0, index).find(([, other]) => other[key] === app[key]) ?? [];
    return first === undefined || !isKnown(app[key]) ? [] : [`${at}.${key} is that of ${first}: ${why}`];
  });

const furtherMistakes = (props: GithubAppProps): readonly string[] => {
  const further = props.furtherApps ?? [];
  if (further.length === 0) return [];
  const placed = further.map((app, index) => [`github.furtherApps[${index}]`, app] as const);
  const all = [["github", props] as const, ...placed];
  return [
    ...(props.registration === "token"
      ? [
          'github.furtherApps share the making of JIT configurations, and github.registration is "token", which makes none: leave one of them out.',
        ]
      : []),
    ...(further.length > MAXIMUM_FURTHER_APPS
      ? [`github.furtherApps has ${further.length} Apps, and ${MAXIMUM_FURTHER_APPS} can share the load.`]
      : []),
    ...placed.flatMap(([at, app]) => credentialMistakes(at, app)),
    ...sharedMistakes(all, "appId", "GitHub counts the calls of an App together, so name another one."),
    ...sharedMistakes(
      all,
      "privateKeyParameter",
      "each App has a key of its own, so name the parameter of its own.",
    ),
  ];
};

export const appMistakes = (props: GithubAppProps): readonly string[] => [
  ...placeMistakes(props),
  ...credentialMistakes("github", props),
  ...furtherMistakes(props),
];

export const tokenMistakes = (props: GithubTokenProps): readonly string[] => [
  ...placeMistakes(props),
  ...parameterMistakes("github.tokenParameter", props.tokenParameter),
];
