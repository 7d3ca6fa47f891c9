import { ConfigurationError } from "../constructs";
import { FURTHER_APP, furtherAppsShapeMistakes, GITHUB_APP, GITHUB_TOKEN } from "../constructs/github-shape";
import {
  EXISTING_NETWORK,
  FLEET,
  fleetsShapeMistakes,
  INSTALLATION,
  isObject,
  NETWORK,
  networkShapeMistakes,
  shapeMistakes,
} from "../constructs/shape";
import { checkPattern, shown } from "../constructs/validation";
import type { EphemeralRunnersProps, GithubAppProps, GithubTokenProps } from "../constructs";
import type { Kind, Shape } from "../constructs/shape";

/** The context of cdktf.json: which keys it may hold, and what each of them must be. */

export type GithubContext = GithubAppProps | GithubTokenProps;

/** Props of EphemeralRunners as JSON: `github` and `runnerGroup` are what their factories take. */
export interface RunnersContext extends Omit<EphemeralRunnersProps, "github" | "runnerGroup"> {
  readonly github: GithubContext;
  /** `{ "id": "3", "name": "runners" }`, or `{ "default": true }` for GitHub's default group. */
  readonly runnerGroup?: { readonly id: string; readonly name?: string } | { readonly default: true };
}

export interface AppContext {
  readonly region: string;
  readonly runners: RunnersContext;
}

const DEFAULT_REGION = "us-east-1";

const RUNNERS: Shape<RunnersContext> = { github: "an object", ...INSTALLATION, runnerGroup: "an object" };
const GITHUB: Shape<GithubAppProps & GithubTokenProps> = { ...GITHUB_APP, ...GITHUB_TOKEN };
const RUNNER_GROUP: Readonly<Record<"id" | "name" | "default", Kind>> = {
  id: "a text",
  name: "a text",
  default: "true or false",
};

type Json = Readonly<Record<string, unknown>>;

const unknownKeys = (at: string, given: unknown, shape: Readonly<Record<string, Kind>>): readonly string[] =>
  isObject(given)
    ? Object.keys(given)
        .filter((key) => !Object.hasOwn(shape, key))
        .map((key) => `${at}.${key} is unknown. Known are: ${Object.keys(shape).join(", ")}.`)
    : [];

const givenOf = (given: Json, keys: readonly string[]): readonly string[] =>
  keys.filter((key) => given[key] !== undefined);

const APP_KEYS = ["appId", "installationId", "privateKeyParameter", "registration", "furtherApps"] as const;

const credentialMistakes = (at: string, github: Json): readonly string[] => {
  const ofApp = givenOf(github, APP_KEYS);
  if (github.tokenParameter !== undefined)
    return ofApp.map(
      (key) =>
        `${at}.${key} is for a GitHub App, and ${at}.tokenParameter is given too: leave one of them out.`,
    );
  if (ofApp.length === 0)
    return [
      `${at} has no credential: give appId and privateKeyParameter (of a GitHub App), or tokenParameter (of a personal access token).`,
    ];
  return shapeMistakes(
    at,
    { appId: github.appId, privateKeyParameter: github.privateKeyParameter },
    GITHUB_APP,
    ["appId", "privateKeyParameter"],
  ).filter((mistake) => mistake.includes("is missing"));
};

const furtherAppsMistakes = (at: string, apps: unknown): readonly string[] => [
  ...(Array.isArray(apps)
    ? apps.flatMap((app: unknown, index) => unknownKeys(`${at}[${index}]`, app, FURTHER_APP))
    : []),
  ...furtherAppsShapeMistakes(at, apps),
];

const githubMistakes = (at: string, github: unknown): readonly string[] =>
  isObject(github)
    ? [
        ...unknownKeys(at, github, GITHUB),
        ...shapeMistakes(at, github, GITHUB),
        ...(givenOf(github, ["org", "repository"]).length === 0
          ? [`${at}.org or ${at}.repository is missing: give one, such as "acme" or "acme/widget".`]
          : []),
        ...furtherAppsMistakes(`${at}.furtherApps`, github.furtherApps),
        ...credentialMistakes(at, github),
      ]
    : [];

const runnerGroupMistakes = (at: string, group: unknown): readonly string[] => {
  if (!isObject(group)) return [];
  const own = givenOf(group, ["id", "name"]);
  return [
    ...unknownKeys(at, group, RUNNER_GROUP),
    ...shapeMistakes(at, group, RUNNER_GROUP),
    ...(group.id === undefined && group.default === undefined
      ? [`${at} needs id, such as "3", or default: true for GitHub's default group.`]
      : []),
    ...(group.default !== undefined && own.length > 0
      ? [`${at}.default and ${own.join(", ")} exclude each other: leave out default, or ${own.join(", ")}.`]
      : []),
  ];
};

const networkMistakes = (at: string, network: unknown): readonly string[] =>
  isObject(network)
    ? [
        ...unknownKeys(at, network, NETWORK),
        ...unknownKeys(`${at}.existing`, network.existing, EXISTING_NETWORK),
        ...networkShapeMistakes(at, network),
      ]
    : [];

const fleetMistakes = (at: string, fleets: unknown): readonly string[] =>
  Array.isArray(fleets)
    ? [
        ...fleets.flatMap((fleet: unknown, index) => unknownKeys(`${at}[${index}]`, fleet, FLEET)),
        ...fleetsShapeMistakes(at, fleets),
      ]
    : [];

const runnersMistakes = (runners: unknown): readonly string[] => {
  const at = "runners";
  if (runners === undefined) return [`${at} is missing: it must be an object with github and fleets.`];
  if (!isObject(runners)) return [`${at} must be an object, and is ${shown(runners)}.`];
  return [
    ...unknownKeys(at, runners, RUNNERS),
    // What is wrong with a fleet is told below, by its place.
    ...shapeMistakes(at, Array.isArray(runners.fleets) ? { ...runners, fleets: [] } : runners, RUNNERS, [
      "github",
      "fleets",
    ]),
    ...githubMistakes(`${at}.github`, runners.github),
    ...fleetMistakes(`${at}.fleets`, runners.fleets),
    ...networkMistakes(`${at}.network`, runners.network),
    ...runnerGroupMistakes(`${at}.runnerGroup`, runners.runnerGroup),
  ];
};

const regionMistakes = (region: unknown): readonly string[] =>
  checkPattern(
    "region",
    region as string | undefined,
    /^[a-z]{2,}(?:-[a-z]+)+-\d$/,
    'an AWS region such as "eu-central-1"',
  );

/** @throws ConfigurationError with all mistakes, one a line, each with its path below `context` */
export const checkContext = (region: unknown, runners: unknown): AppContext => {
  const mistakes = [...regionMistakes(region), ...runnersMistakes(runners)];
  if (mistakes.length > 0)
    throw new ConfigurationError(mistakes.map((mistake) => `cdktf.json: ${mistake}`).join("\n"));
  return { region: (region as string | undefined) ?? DEFAULT_REGION, runners: runners as RunnersContext };
};

/** The `context` in the text of a cdktf.json; `path` is for the messages. */
export const parseContext = (text: string, path: string): Readonly<Record<string, unknown>> => {
  const { context = {} } = parseObject(text, path);
  if (!isObject(context))
    throw new ConfigurationError(`${path}: context must be an object, and is ${shown(context)}.`);
  return context;
};

const parseObject = (text: string, path: string): Json => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new ConfigurationError(`${path} is not JSON: ${(error as Error).message}`);
  }
  if (!isObject(parsed)) throw new ConfigurationError(`${path} must hold an object.`);
  return parsed;
};

/** A failed validation without CDKTF's heading and its advice to skip validations: the mistakes, one a line. */
export const messageOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const mistakes = error.message.split("\n").filter((line) => /^\s*\[[^\]]+\] /.test(line));
  return mistakes.length === 0 ? error.message : mistakes.map((line) => line.trim()).join("\n");
};
