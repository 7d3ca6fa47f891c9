import { HIDDEN, isObject, kindMistakes, pathOf } from "../../constructs/shape";
import { checkOneOf, checkPattern, shown } from "../../constructs/validation";
import { meantKey } from "./meant-key";
import type { Kind } from "../../constructs/shape";

/**
 * What a place in the configuration may hold. The checks here and the JSON Schema of ./json-schema are both read from
 * such tables, so they say the same.
 */
export type Node = Kind | OneOf | Pattern | ListOf | ObjectOf | MapOf | Variants | Secret;

export interface OneOf {
  readonly oneOf: readonly (string | number)[];
}

export interface Pattern {
  readonly pattern: RegExp;
  /** The pattern in words, with an example. */
  readonly wanted: string;
}

export interface ListOf {
  /** How a value that is no such list is answered. */
  readonly kind: Kind;
  readonly items: Node;
}

export interface ObjectOf {
  readonly keys: Readonly<Record<string, Node>>;
  readonly required?: readonly string[];
  readonly rules?: readonly Rule[];
}

/** An object with names of the user's own. */
export interface MapOf {
  readonly names: Pattern;
  readonly values: Node;
}

/** Objects of several forms: the text at `by` decides. */
export interface Variants {
  readonly by: string;
  readonly variants: Readonly<Record<string, ObjectOf>>;
}

/** A key that exists, and is refused: what stands in the configuration ends up in cdk.tf.json. */
export interface Secret {
  /** What to set in the environment instead. */
  readonly secret: string;
}

/** What is wrong with one key beside another, or with a text: in words for the synth, as a fragment of JSON Schema for editors. */
export interface Rule {
  readonly mistakes: (at: string, value: Json) => readonly string[];
  readonly schema: Json;
}

export type Json = Readonly<Record<string, unknown>>;

const wantedOf = (node: Node): string => {
  if (typeof node === "string") return node;
  if ("oneOf" in node) return `one of ${node.oneOf.join(", ")}`;
  if ("wanted" in node) return node.wanted;
  return "kind" in node ? node.kind : "an object";
};

const listMistakes = (at: string, value: unknown, { kind, items }: ListOf): readonly string[] => {
  if (!Array.isArray(value)) return kindMistakes(at, value, kind);
  const hidden = HIDDEN.includes(kind) ? kindMistakes(at, value, kind) : [];
  return hidden.length > 0
    ? hidden
    : value.flatMap((item: unknown, index) => mistakesOf(`${at}[${index}]`, item, items));
};

const isSecret = (node: Node): node is Secret => typeof node === "object" && "secret" in node;

/** The keys that a user may give. */
export const openKeys = (keys: ObjectOf["keys"]): readonly string[] =>
  Object.keys(keys).filter((key) => !isSecret(keys[key] as Node));

/** Says what was meant, or else which keys there are. */
export const unknownKeyMistake = (
  at: string,
  key: string,
  keys: ObjectOf["keys"],
  known: readonly string[] = openKeys(keys),
): string => {
  const meant = meantKey(key, keys, known);
  return meant === undefined
    ? `${pathOf(at, key)} is unknown. Known are: ${known.join(", ")}.`
    : `${pathOf(at, key)} is unknown: did you mean ${pathOf(at, meant)}?`;
};

const objectMistakes = (
  at: string,
  value: Json,
  { keys, required = [], rules = [] }: ObjectOf,
): readonly string[] => [
  ...Object.keys(value)
    .filter((key) => !Object.hasOwn(keys, key))
    .map((key) => unknownKeyMistake(at, key, keys)),
  ...required
    .filter((key) => value[key] === undefined)
    .map((key) => `${pathOf(at, key)} is missing: it must be ${wantedOf(keys[key] as Node)}.`),
  ...Object.entries(keys)
    .filter(([key]) => value[key] !== undefined)
    .flatMap(([key, node]) => mistakesOf(pathOf(at, key), value[key], node)),
  ...rules.flatMap((rule) => rule.mistakes(at, value)),
];

const mapMistakes = (at: string, value: Json, { names, values }: MapOf): readonly string[] =>
  Object.entries(value).flatMap(([name, item]) => [
    ...checkPattern(`A name in ${at}`, name, names.pattern, names.wanted),
    ...mistakesOf(pathOf(at, name), item, values),
  ]);

const variantMistakes = (at: string, value: Json, { by, variants }: Variants): readonly string[] => {
  const names = Object.keys(variants);
  const variant = names.includes(String(value[by])) ? variants[String(value[by])] : undefined;
  if (value[by] === undefined)
    return [`${pathOf(at, by)} is missing: it must be one of ${names.join(", ")}.`];
  return variant === undefined
    ? checkOneOf(pathOf(at, by), value[by] as string, names)
    : objectMistakes(at, value, variant);
};

/** What is wrong with `value` and all that it holds, a line each; `at` is its path, or "". */
export const mistakesOf = (at: string, value: unknown, node: Node): readonly string[] => {
  if (typeof node === "string") return kindMistakes(at, value, node);
  if (isSecret(node))
    return [
      `${at} is a secret, and would be written into cdk.tf.json: leave it out, and set ${node.secret} in the environment.`,
    ];
  if ("oneOf" in node) return checkOneOf(at, value as string | number, node.oneOf);
  if ("pattern" in node) return checkPattern(at, value as string, node.pattern, node.wanted);
  if ("items" in node) return listMistakes(at, value, node);
  if (!isObject(value)) return [`${at} must be an object, and is ${shown(value)}.`];
  if ("values" in node) return mapMistakes(at, value, node);
  return "variants" in node ? variantMistakes(at, value, node) : objectMistakes(at, value, node);
};
