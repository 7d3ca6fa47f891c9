import { Token } from "cdktf";
import { shown, unknownAtSynth } from "../validation";

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

const isText: Test = (value) => typeof value === "string" || Token.isUnresolved(value);
const isNumber: Test = (value) => typeof value === "number";
export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isListOf =
  (test: Test): Test =>
  (value) =>
    Array.isArray(value) && value.every(test);

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

export const kindMistakes = (path: string, value: unknown, kind: Kind): readonly string[] => {
  // CDKTF's marks only: in a command, "${HOME}" is the shell's.
  if (Token.isUnresolved(value) && !HIDDEN.includes(kind))
    return OF_TERRAFORM.includes(kind) ? [] : [unknownAtSynth(path)];
  if (TESTS[kind](value)) return [];
  return HIDDEN.includes(kind)
    ? [`${path} must be ${kind}.`]
    : [`${path} must be ${wordsOf(kind)}, and is ${shown(value)}.${quotesHint(value, kind)}`];
};
