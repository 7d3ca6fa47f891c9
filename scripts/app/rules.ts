import { FURTHER_APP } from "../../constructs/github-shape";
import { isObject } from "../../constructs/schema/kinds";
import { wantedOf } from "../../constructs/schema/mistakes";
import { pathOf } from "../../constructs/schema/node";
import { shown } from "../../constructs/validation";
import type { Json, Rule } from "../../constructs/schema/node";

/** What is wrong with one key beside another. */

export const givenOf = (value: Json, keys: readonly string[]): readonly string[] =>
  keys.filter((key) => value[key] !== undefined);

/** @param examples what the keys may hold, such as `"acme" or "acme/widget"` */
export const exactlyOne = (keys: readonly [string, string], examples: string): Rule => ({
  mistakes: (at, value) => {
    const [first, second] = keys.map((key) => pathOf(at, key));
    const given = givenOf(value, keys).length;
    if (given === 1) return [];
    return [
      given === 0
        ? `${first} or ${second} is missing: give one, such as ${examples}.`
        : `${first} and ${second} exclude each other: leave one of them out.`,
    ];
  },
  schema: { oneOf: keys.map((key) => ({ required: [key] })) },
});

const APP_KEYS = ["appId", "installationId", "privateKeyParameter", "registration", "furtherApps"] as const;
const CREDENTIAL = ["appId", "privateKeyParameter"] as const;

const without = (keys: readonly string[]): Json => Object.fromEntries(keys.map((key) => [key, false]));

/** A GitHub App or a personal access token. */
export const oneCredential: Rule = {
  mistakes: (at, github) => {
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
    return CREDENTIAL.filter((key) => github[key] === undefined).map(
      (key) => `${at}.${key} is missing: it must be ${wantedOf(FURTHER_APP[key])}.`,
    );
  },
  schema: {
    oneOf: [
      { required: CREDENTIAL, properties: { tokenParameter: false } },
      { required: ["tokenParameter"], properties: without(APP_KEYS) },
    ],
  },
};

/** A group of one's own by its id, or GitHub's default group. */
export const oneGroup: Rule = {
  mistakes: (at, group) => {
    const own = givenOf(group, ["id", "name"]);
    if (group.default === false) return [`${at}.default must be true, or left out.`];
    if (group.id === "1")
      return [
        `${at}.id is that of GitHub's default group, which other runners share: give another, or "default": true in its place.`,
      ];
    if (group.default !== undefined && own.length > 0)
      return [
        `${at}.default and ${own.join(", ")} exclude each other: leave out default, or ${own.join(", ")}.`,
      ];
    return group.id === undefined && group.default === undefined
      ? [`${at} needs id, such as "3", or default: true for GitHub's default group.`]
      : [];
  },
  schema: {
    oneOf: [
      { required: ["id"], properties: { id: { not: { const: "1" } }, default: false } },
      { required: ["default"], properties: { default: { const: true }, ...without(["id", "name"]) } },
    ],
  },
};

export const DEFAULT_REGION = "us-east-1";

/** Paths below a stack whose values name a region: of an ARN, or of a zone. */
const IN_A_REGION = [
  ["runners", "kmsKeyArn"],
  ["runners", "furtherKmsKeyArn"],
  ["runners", "alarmActions"],
  ["runners", "github", "credentialKmsKeyArn"],
  ["runners", "network", "availabilityZones"],
] as const;

const valueAt = (value: unknown, path: readonly string[]): unknown =>
  path.reduce((inner, key) => (isObject(inner) ? inner[key] : undefined), value);

/** Each text with its path: the value itself, or those of a list. */
const textsAt = (path: string, value: unknown): readonly (readonly [path: string, text: string])[] => {
  if (typeof value === "string") return [[path, value]];
  if (!Array.isArray(value)) return [];
  return value.flatMap((item: unknown, index) => textsAt(`${path}[${index}]`, item));
};

const regionOf = (text: string): string | undefined =>
  (/^arn:[^:]*:[^:]*:([a-z0-9-]+):/.exec(text) ?? /^([a-z]{2,}(?:-[a-z]+)+-\d)[a-z-]/.exec(text))?.[1];

/** A service takes no key of another region, and CloudWatch no topic: "Invalid region ... specified. Only ... is supported." */
export const oneRegion: Rule = {
  mistakes: (at, stack) => {
    const region = stack.region ?? DEFAULT_REGION;
    return IN_A_REGION.flatMap((path) => textsAt(pathOf(at, path.join(".")), valueAt(stack, path))).flatMap(
      ([place, text]) => {
        const other = regionOf(text);
        return other === undefined || other === region
          ? []
          : [`${place} is in ${other}, and the stack in ${shown(region)}: both must be one region.`];
      },
    );
  },
  schema: {},
};

/** In an address, or in a connection string of PostgreSQL. */
const PASSWORD = "://[^/@\\s]*:[^/@\\s]+@|[Pp][Aa][Ss][Ss][Ww][Oo][Rr][Dd]\\s*=";

/** @param variable what to set in the environment instead */
export const noPassword = (variable: string): Rule => ({
  mistakes: (at, value) =>
    Object.entries(value)
      .filter(([, text]) => typeof text === "string" && new RegExp(PASSWORD).test(text))
      .map(
        ([key]) =>
          `${at}.${key} holds a password, which would be written into cdk.tf.json: take it out, and set ${variable} in the environment.`,
      ),
  schema: { additionalProperties: { not: { type: "string", pattern: PASSWORD } } },
});
