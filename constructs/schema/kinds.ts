import { Token } from "cdktf";
import { className, shown, unknownAtSynth } from "../validation";

/** Kinds of values, for who writes JavaScript or JSON, where no compiler looks. */
export type Kind =
  | "a text"
  | "a plain text"
  | "a number"
  | "true or false"
  | "a list of texts"
  | "a list of numbers"
  | "a list of objects"
  | "an object"
  | "an object of texts"
  | "the name of an SSM parameter"
  | "a list of Apps";

type Test = (value: unknown) => boolean;

/** A reference to a list, or to a number, is none to a text: CDKTF ends a synth that has it in the place of one. */
const isText: Test = (value) =>
  typeof value === "string" ||
  (Token.isUnresolved(value) && !Array.isArray(value) && typeof value !== "number");
/** `Number(undefined)` is none, and Terraform would take its default. */
const isNumber: Test = (value) => typeof value === "number" && !Number.isNaN(value);
/** A Map, a Promise that nobody waited for and their like have no keys, and would count as nothing given. */
export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  ["Object", "Module"].includes(className(value));
const isListOf =
  (test: Test): Test =>
  (value) =>
    // Holes in it are found by a copy only.
    Array.isArray(value) && Array.from<unknown>(value).every(test);

const TESTS: Readonly<Record<Kind, Test>> = {
  "a text": isText,
  "a plain text": (value) => typeof value === "string",
  "a number": isNumber,
  "true or false": (value) => typeof value === "boolean",
  "a list of texts": isListOf(isText),
  "a list of numbers": isListOf(isNumber),
  "a list of objects": isListOf(isObject),
  "an object": isObject,
  "an object of texts": (value) => isObject(value) && Object.values(value).every(isText),
  "the name of an SSM parameter": (value) => typeof value === "string",
  "a list of Apps": isListOf(isObject),
};

/** What stands there is not shown: who writes the secret itself there must not find it in a log. */
export const HIDDEN: readonly Kind[] = ["the name of an SSM parameter", "a list of Apps"];

/**
 * What a reference to another resource may stand for: Terraform puts its value in. A number's own check says whether it
 * may; all else is read at synth.
 */
const OF_TERRAFORM: readonly Kind[] = ["a text", "a number", "a list of texts", "a list of numbers"];

/** Kinds in words, where the name says more than a user asks for. */
const WORDS: Partial<Record<Kind, string>> = { "a plain text": "a text" };

export const wordsOf = (kind: Kind): string => WORDS[kind] ?? kind;

/** The slip of who writes JSON: quotes that are missing, or too many. */
const quotesHint = (value: unknown, kind: Kind): string => {
  if (wordsOf(kind) === "a text" && typeof value === "number") return " Put quotes around it.";
  const unquoted = typeof value === "string" && /^(?:true|false|-?\d+(?:\.\d+)?)$/.test(value);
  return unquoted && TESTS[kind](JSON.parse(value)) ? " Take the quotes off." : "";
};

/** What a reference is to, where its form says another kind than is wanted; a text may stand for a list (`asList`). */
const otherForm = (value: unknown, kind: Kind): string | undefined => {
  const isList = kind.startsWith("a list");
  if (Array.isArray(value)) return isList ? undefined : "a list";
  if (typeof value === "number") return kind === "a number" ? undefined : "a number";
  return kind === "a list of numbers" ? "one value: hand it over by Token.asNumberList(...)" : undefined;
};

const referenceMistakes = (path: string, value: unknown, kind: Kind): readonly string[] => {
  if (!OF_TERRAFORM.includes(kind)) return [unknownAtSynth(path)];
  const other = otherForm(value, kind);
  return other === undefined ? [] : [`${path} must be ${kind}, and is a reference to ${other}.`];
};

export const kindMistakes = (path: string, value: unknown, kind: Kind): readonly string[] => {
  // CDKTF's marks only: in a command, "${HOME}" is the shell's.
  if (Token.isUnresolved(value) && !HIDDEN.includes(kind)) return referenceMistakes(path, value, kind);
  if (TESTS[kind](value)) return [];
  return HIDDEN.includes(kind)
    ? [`${path} must be ${kind}.`]
    : [`${path} must be ${wordsOf(kind)}, and is ${shown(value)}.${quotesHint(value, kind)}`];
};
