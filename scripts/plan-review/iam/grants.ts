import { blocks, isObject, jsonIn, strings } from "../../audit/model";
import { sidIn } from "../../audit/policies";
import { contains, overlap } from "./glob";
import type { Attributes } from "../../audit/model";

/** One statement of a policy as sets, so that two can be compared. */
export interface Grant {
  readonly sid: string;
  readonly effect: "Allow" | "Deny";
  /** As they were written; they know no case. */
  readonly actions: Patterns;
  readonly resources: Patterns;
  /** `AWS:arn:aws:iam::123456789012:root`, `Service:ec2.amazonaws.com`; of a role's policy none. */
  readonly principals: Patterns;
  readonly conditions: readonly Condition[];
}

export interface Patterns {
  /** All but these. */
  readonly except: boolean;
  readonly all: readonly string[];
}

export interface Condition {
  /** Without `IfExists`, which is kept beside it. */
  readonly operator: string;
  readonly ifExists: boolean;
  readonly key: string;
  readonly values: readonly string[];
}

const ANYTHING: Patterns = { except: false, all: ["*"] };

const patterns = (raw: Attributes, name: string, absent: Patterns): Patterns => {
  const except = raw[`Not${name}`];
  if (except !== undefined) return { except: true, all: strings(except) };
  return raw[name] === undefined ? absent : { except: false, all: strings(raw[name]) };
};

/** `"*"` is everyone, and so is `{"AWS": "*"}`. */
const principalTexts = (value: unknown): readonly string[] => {
  if (!isObject(value)) return strings(value);
  return Object.entries(value).flatMap(([kind, names]) =>
    strings(names).map((name) => (kind === "AWS" && name === "*" ? "*" : `${kind}:${name}`)),
  );
};

const principalsOf = ({ Principal, NotPrincipal }: Attributes): Patterns =>
  NotPrincipal === undefined
    ? { except: false, all: principalTexts(Principal) }
    : { except: true, all: principalTexts(NotPrincipal) };

/** Two spellings of one operator. */
const SAME: Readonly<Record<string, string>> = { ArnEquals: "ArnLike", ArnNotEquals: "ArnNotLike" };

const conditionsOf = (value: unknown): readonly Condition[] =>
  Object.entries(isObject(value) ? value : {}).flatMap(([written, keys]) => {
    const [, set = "", plain = ""] = /^(For(?:All|Any)Values?:)?(.*?)(?:IfExists)?$/.exec(written) ?? [];
    return Object.entries(isObject(keys) ? keys : {}).map(([key, values]) => ({
      operator: `${set}${SAME[plain] ?? plain}`,
      ifExists: written.endsWith("IfExists"),
      key,
      values: (Array.isArray(values) ? (values as unknown[]) : [values]).map(String),
    }));
  });

const ELEMENTS = new Set(["Id", "Statement", "Version"]);
const ELEMENTS_OF_STATEMENTS = new Set([
  "Action",
  "Condition",
  "Effect",
  "NotAction",
  "NotPrincipal",
  "NotResource",
  "Principal",
  "Resource",
  "Sid",
]);

const hasOnly = (value: Attributes, elements: ReadonlySet<string>): boolean =>
  Object.keys(value).every((name) => elements.has(name));

/** Undefined where the text is no policy, or holds anything that is written otherwise than here: AWS may read it all the same. */
export const grantsIn = (policy: string): readonly Grant[] | undefined => {
  const document = jsonIn(policy);
  if (!isObject(document) || !hasOnly(document, ELEMENTS)) return undefined;
  const statements = blocks(document.Statement);
  if (!statements.every((one) => hasOnly(one, ELEMENTS_OF_STATEMENTS))) return undefined;
  return statements.map((raw) => ({
    sid: sidIn(raw) ?? "",
    effect: raw.Effect === "Deny" ? "Deny" : "Allow",
    actions: patterns(raw, "Action", ANYTHING),
    resources: patterns(raw, "Resource", ANYTHING),
    principals: principalsOf(raw),
    conditions: conditionsOf(raw.Condition),
  }));
};

/** Whether everything in `narrow` is in `wide`. */
export const within = (narrow: Patterns, wide: Patterns): boolean => {
  if (narrow.except && wide.except)
    return wide.all.every((one) => narrow.all.some((other) => contains(other, one)));
  if (narrow.except) return wide.all.includes("*");
  if (wide.except) return narrow.all.every((one) => !wide.all.some((other) => overlap(one, other)));
  return narrow.all.every((one) => wide.all.some((other) => contains(other, one)));
};

const isNegative = (operator: string): boolean => /Not(Equals|Like|IpAddress)|^NotIpAddress/.test(operator);
const isPattern = (operator: string): boolean => /Like/.test(operator);

const valuesWithin = (narrow: readonly string[], wide: readonly string[], operator: string): boolean =>
  narrow.every((one) => wide.some((other) => (isPattern(operator) ? contains(other, one) : other === one)));

/** Operators that two conditions on one key can be compared under: exact text also meets a pattern. */
const comparable = (strict: string, loose: string): boolean =>
  strict === loose || (loose === strict.replace("StringEquals", "StringLike") && isPattern(loose));

/** Keys know no case. */
const sameKey = (one: Condition, other: Condition): boolean =>
  one.key.toLowerCase() === other.key.toLowerCase();

/** Whether what meets `strict` always meets `loose`. */
const implies = (strict: Condition, loose: Condition): boolean => {
  if (!sameKey(strict, loose) || !comparable(strict.operator, loose.operator)) return false;
  if (strict.ifExists && !loose.ifExists) return false;
  return isNegative(loose.operator)
    ? valuesWithin(loose.values, strict.values, loose.operator)
    : valuesWithin(strict.values, loose.values, loose.operator);
};

/** The conditions of `loose` that nothing in `strict` keeps up. */
export const unmet = (loose: readonly Condition[], strict: readonly Condition[]): readonly Condition[] =>
  loose.filter((one) => !strict.some((other) => implies(other, one)));

/** What `now` takes beyond `before`, where each of these conditions is still there; else undefined. */
export const addedValues = (
  before: readonly Condition[],
  now: readonly Condition[],
): readonly string[] | undefined => {
  const added = before.map((old) => {
    const still = now.find((one) => sameKey(one, old) && one.operator === old.operator);
    if (still === undefined || still.ifExists !== old.ifExists || isNegative(old.operator)) return undefined;
    return still.values.filter((value) => !valuesWithin([value], old.values, old.operator));
  });
  return added.includes(undefined) ? undefined : added.flatMap((values) => values ?? []);
};
