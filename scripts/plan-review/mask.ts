import { UNSET } from "../../functions/shared/contract";
import { looksLikeCredential, THROW_AWAY_SECRET } from "../audit/checks/secrets";
import { isObject } from "../audit/model";
import type { Attributes } from "../audit/model";

/** Stands for what nobody may read; the second for one that the plan changes. */
export const MASKED = "(sensitive)";
const MASKED_AFTER = "(sensitive, changed)";

type Path = readonly (string | number)[];
type Mask = (value: unknown, path: Path) => unknown;
/** Tells what to mask, by the plan's own marks beside the value or by the value itself. */
type Judge = (value: unknown, mark: unknown) => boolean;

const isAbsent = (value: unknown): boolean => value === undefined || value === null || value === "";

/** What the library gives Terraform where a secret will stand: the audit has to know it from one. */
const PLACEHOLDERS: readonly unknown[] = [THROW_AWAY_SECRET, UNSET];

const markedSensitive: Judge = (value, mark) =>
  mark === true && !isAbsent(value) && !PLACEHOLDERS.includes(value);
const shapedLikeCredential: Judge = (value) =>
  typeof value === "string" && looksLikeCredential(value) !== undefined;

const masked = (value: unknown, mark: unknown, judge: Judge, mask: Mask, path: Path = []): unknown => {
  if (judge(value, mark)) return mask(value, path);
  const within = (one: unknown, key: string | number): unknown =>
    masked(one, (mark as Attributes | undefined)?.[key], judge, mask, [...path, key]);
  if (Array.isArray(value)) return value.map(within);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, within(one, key)]));
};

const valueAt = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>((found, key) => (found as Attributes | null | undefined)?.[key], value);

/** Values without what is marked beside them: those of a data source, say. */
export const maskMarked = (value: unknown, marks: unknown): unknown =>
  masked(value, marks, markedSensitive, () => MASKED);

const maskBoth = (change: Attributes, judge: Judge): Attributes => {
  const { before, after, before_sensitive, after_sensitive } = change;
  const changed: Mask = (value, path) =>
    JSON.stringify(valueAt(before, path)) === JSON.stringify(value) ? MASKED : MASKED_AFTER;
  return {
    ...change,
    before: masked(before, before_sensitive, judge, () => MASKED),
    after: masked(after, after_sensitive, judge, changed),
  };
};

/** The change of a resource without what the plan marks as sensitive. */
export const maskSensitive = (change: Attributes): Attributes => maskBoth(change, markedSensitive);

/** The change of a resource without what looks like a credential, which the audit has to see and nobody else. */
export const maskCredentials = (change: Attributes): Attributes => maskBoth(change, shapedLikeCredential);
