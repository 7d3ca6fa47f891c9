import { Token } from "cdktf";
import { meantValue } from "./schema/meant-word";
import type { Construct, IConstruct } from "constructs";

/** A mistake that leaves nothing to build; every other mistake is collected and told at the end of the synth, all at once. */
export class ConfigurationError extends Error {
  /** Tells it from other errors where `instanceof` cannot: across two copies of this package. */
  public override readonly name = "ConfigurationError";
}

/** Collects the mistakes that `check` finds; the synth fails with all of them, each behind the path of its construct. */
export const addCheck = (scope: Construct, check: () => readonly string[]): void => {
  scope.node.addValidation({ validate: () => [...check()] });
};

const told = new WeakMap<IConstruct, Set<string>>();

/** Like {@link addCheck}, once for a subject: not again in the constructs that `scope` is made of. */
export const addCheckOnce = (scope: Construct, subject: string, check: () => readonly string[]): void => {
  if (scope.node.scopes.some((ancestor) => told.get(ancestor)?.has(subject))) return;
  told.set(scope, new Set([...(told.get(scope) ?? []), subject]));
  addCheck(scope, check);
};

/** Whether the value is known at synth: neither a reference to another resource nor a Terraform expression. */
export const isKnown = (value: unknown): boolean =>
  !Token.isUnresolved(value) && !(typeof value === "string" && value.includes("${"));

/** Bytes of a text without the references in it, whose values synth does not know: the least that it will take. */
export const knownBytes = (text: string): number =>
  Buffer.byteLength(text.replace(/\$\{TfToken\[[^\]]*\]\}/g, ""));

/** A reference of CDKTF's in a text. */
export const REFERENCE = /(\$\{TfToken\[[^\]]*\]\})/;

/** Most of what references become are ARNs, names and addresses, and hardly any is longer. */
const REFERENCE_BYTES = 128;

/** Bytes that a text likely takes once Terraform knows the references in it. */
export const likelyBytes = (text: string): number =>
  text
    .split(REFERENCE)
    .reduce((sum, piece) => sum + (REFERENCE.test(piece) ? REFERENCE_BYTES : Buffer.byteLength(piece)), 0);

/** "Object", "Array", "Map", "Promise" ...: of a class that does not name itself, "Object". */
export const className = (value: unknown): string => Object.prototype.toString.call(value).slice(8, -1);

/** Of a longer value nobody reads more. */
const MAXIMUM_SHOWN = 200;

const cut = (text: string): string =>
  text.length > MAXIMUM_SHOWN ? `${text.slice(0, MAXIMUM_SHOWN)}... (${text.length} characters)` : text;

/** A value as the user wrote it: a text in quotes. */
export const shown = (value: unknown): string => {
  if (typeof value === "function") return "a function";
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  if (typeof value === "object" && value !== null && !["Object", "Array"].includes(className(value)))
    return `a ${className(value)}`;
  try {
    return cut(JSON.stringify(value) ?? String(value));
  } catch {
    return Array.isArray(value) ? "a list" : "an object";
  }
};

export const unknownAtSynth = (prop: string): string =>
  `${prop} must be a plain value known at synth, not a reference to another resource: write it out, or read it from your configuration.`;

/** Refuses a reference; runs `check` on a value that is known. Absent is fine. */
export const checkPlain = <T>(
  prop: string,
  value: T | undefined,
  check: (value: T) => readonly string[] = () => [],
): readonly string[] => {
  if (value === undefined) return [];
  return isKnown(value) ? check(value) : [unknownAtSynth(prop)];
};

/** `example` is shown to who wrote something else. */
export const checkPattern = (
  prop: string,
  value: string | undefined,
  pattern: RegExp,
  wanted: string,
): readonly string[] =>
  checkPlain(prop, value, (known) =>
    typeof known === "string" && pattern.test(known)
      ? []
      : [`${prop} must be ${wanted}, and is ${shown(known)}.`],
  );

/** Whole numbers only; both bounds are allowed values. */
export const checkRange = (
  prop: string,
  value: number | undefined,
  minimum: number,
  maximum: number,
  unit = "",
): readonly string[] =>
  checkPlain(prop, value, (known) =>
    Number.isInteger(known) && known >= minimum && known <= maximum
      ? []
      : [
          `${prop} must be a whole number from ${minimum} to ${maximum}${unit && ` ${unit}`}, and is ${shown(known)}.`,
        ],
  );

export const checkOneOf = <T extends string | number>(
  prop: string,
  value: T | undefined,
  allowed: readonly T[],
): readonly string[] =>
  checkPlain(prop, value, (known) => {
    if (allowed.includes(known)) return [];
    const meant = meantValue(known, allowed);
    return [
      `${prop} must be one of ${allowed.join(", ")}, and is ${shown(known)}${meant === undefined ? "." : `: did you mean ${shown(meant)}?`}`,
    ];
  });

/** The list itself and each of its elements must be known; `undefined` is fine, empty is not. */
export const checkFilled = (prop: string, value: readonly unknown[] | undefined): readonly string[] =>
  checkPlain(prop, value, (known) => {
    if (!Array.isArray(known)) return [`${prop} must be a list, and is ${shown(known)}.`];
    return known.length > 0 ? [] : [`${prop} must name at least one, and is empty.`];
  });

/** Like {@link checkPattern}, for an ARN, which may also be a reference to another resource. */
export const checkArn = (
  prop: string,
  value: string | undefined,
  pattern: RegExp,
  wanted: string,
): readonly string[] => (isKnown(value) ? checkPattern(prop, value, pattern, wanted) : []);

/** For `existingX` beside `x...` props: who gives both has one of them ignored, so it is an error. */
export const checkNotBoth = (
  existing: string,
  existingValue: unknown,
  own: Readonly<Record<string, unknown>>,
): readonly string[] => {
  if (existingValue === undefined) return [];
  const given = Object.keys(own).filter((prop) => own[prop] !== undefined);
  return given.length === 0
    ? []
    : [
        `${existing} and ${given.join(", ")} exclude each other: leave out ${existing}, or ${given.join(", ")}.`,
      ];
};
