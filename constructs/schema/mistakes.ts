import { Token } from "cdktf";
import { checkOneOf, checkPattern, shown, unknownAtSynth } from "../validation";
import { HIDDEN, isObject, kindMistakes, wordsOf } from "./kinds";
import { meantKey } from "./meant-key";
import { nearest } from "./meant-word";
import { openKeys, pathOf } from "./node";
import type { Json, ListOf, Made, MapOf, Node, ObjectOf, Variants } from "./node";

/** What a place holds that its row in a table does not allow, in words that name the place. */

/** A row in words. */
export const wantedOf = (node: Node): string => {
  if (typeof node === "string") return wordsOf(node);
  if ("oneOf" in node) return `one of ${node.oneOf.join(", ")}`;
  if ("wanted" in node) return node.wanted;
  if ("made" in node) return node.made;
  return "kind" in node ? node.kind : "an object";
};

const listMistakes = (at: string, value: unknown, { kind, items }: ListOf): readonly string[] => {
  if (Token.isUnresolved(value)) return [unknownAtSynth(at)];
  if (!Array.isArray(value)) return kindMistakes(at, value, kind);
  const hidden = HIDDEN.includes(kind) ? kindMistakes(at, value, kind) : [];
  return hidden.length > 0
    ? hidden
    : Array.from<unknown>(value).flatMap((item, index) => mistakesOf(`${at}[${index}]`, item, items));
};

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

/** An object as it is written out, and not one of a class, which may have members of its own beside what is asked for. */
const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
};

/** A key with the value undefined is none: so says who writes TypeScript with optional values. */
const unknownKeys = (value: Json, { keys, ignored = [] }: ObjectOf): readonly string[] =>
  isPlain(value)
    ? Object.keys(value).filter(
        (key) => value[key] !== undefined && !Object.hasOwn(keys, key) && !ignored.includes(key),
      )
    : [];

const objectMistakes = (at: string, value: Json, node: ObjectOf): readonly string[] => {
  const { keys, required = [], rules = [] } = node;
  return [
    ...unknownKeys(value, node).map((key) => unknownKeyMistake(at, key, keys)),
    ...required
      .filter((key) => value[key] === undefined)
      .map((key) => `${pathOf(at, key)} is missing: it must be ${wantedOf(keys[key] as Node)}.`),
    ...Object.entries(keys)
      .filter(([key]) => value[key] !== undefined)
      .flatMap(([key, inner]) => mistakesOf(pathOf(at, key), value[key], inner)),
    ...rules.flatMap((rule) => rule.mistakes(at, value)),
  ];
};

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

const lackedBy = (value: unknown, { has }: Made): readonly string[] =>
  isObject(value) ? Object.keys(has).filter((key) => value[key] === undefined) : Object.keys(has);

/** `queue: jobs` of who means `jobs.queue`: the one key of the value, or the one named alike, whose value is what is wanted. */
const partOf = (at: string, value: Json, node: Made): string | undefined => {
  const fitting = Object.keys(value).filter((key) => lackedBy(value[key], node).length === 0);
  return nearest(at.replace(/^.*\./, ""), fitting) ?? (fitting.length === 1 ? fitting[0] : undefined);
};

const madeMistakes = (at: string, value: unknown, node: Made): readonly string[] => {
  const lacked = lackedBy(value, node);
  if (lacked.length === 0)
    return Object.entries(node.has).flatMap(([key, kind]) =>
      kindMistakes(pathOf(at, key), (value as Json)[key], kind),
    );
  const asked = `${at} must be ${node.made}`;
  if (!isObject(value)) return [`${asked}, and is ${shown(value)}.`];
  const part = partOf(at, value, node);
  if (part !== undefined) return [`${asked}: did you mean its ${part}?`];
  if (node.own !== true) return [`${asked}.`];
  const meant = Object.keys(value).find((key) => nearest(key, lacked) !== undefined);
  return [
    isPlain(value) && meant !== undefined
      ? unknownKeyMistake(at, meant, node.has, lacked)
      : `${asked}, and has no ${lacked.join(" and no ")}.`,
  ];
};

/** What is wrong with `value` and all that it holds, a line each; `at` is its path, or "". */
export const mistakesOf = (at: string, value: unknown, node: Node): readonly string[] => {
  if (typeof node === "string") return kindMistakes(at, value, node);
  if ("secret" in node)
    return [
      `${at} is a secret, and would be written into cdk.tf.json: leave it out, and set ${node.secret} in the environment.`,
    ];
  if ("oneOf" in node)
    return value === undefined
      ? [`${at} must be ${wantedOf(node)}, and is undefined.`]
      : checkOneOf(at, value as string | number, node.oneOf);
  if ("pattern" in node) return checkPattern(at, value as string, node.pattern, node.wanted);
  if ("check" in node) return node.check(at, value);
  if ("made" in node) return madeMistakes(at, value, node);
  if ("items" in node) return listMistakes(at, value, node);
  if (Token.isUnresolved(value)) return [unknownAtSynth(at)];
  if (!isObject(value)) return [`${at} must be an object, and is ${shown(value)}.`];
  if ("values" in node) return mapMistakes(at, value, node);
  return "variants" in node ? variantMistakes(at, value, node) : objectMistakes(at, value, node);
};
