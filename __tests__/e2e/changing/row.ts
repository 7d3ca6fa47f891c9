/** What a row of the matrix is: one key of the context, the values that it takes one after the other, and what must come of it. */
import type { World } from "../world";

export type Json = Readonly<Record<string, unknown>>;

/** A resource type, and a text that its arguments hold with the new value and do not hold without; quotes are not escaped. */
export type Shows = readonly [type: string, text: string];

export interface Row {
  /** Path below `context`, as in scripts/app/changes.ts; "[]" is the first element. */
  readonly key: string;
  /** What is changed to what, where a key has several rows. */
  readonly what?: string;
  /** On the way from the reference's own value and back to it. Undefined: the key is taken out. */
  readonly values: readonly unknown[];
  /** Other keys that are given with each of the values; as a list, with each its own. Undefined: taken out. */
  readonly beside?: Json | readonly Json[];
  /** For each of the values. */
  readonly shows: readonly Shows[];
  /** Types whose resources may be destroyed or made anew. Of all others none is. */
  readonly replaces?: readonly string[];
  /** The user's own step before an apply, which docs/changing.md names. */
  readonly prepare?: (world: World, value: unknown) => Promise<void>;
  /** The user's own step after it. */
  readonly finish?: (world: World, value: unknown) => Promise<void>;
}

/** Rows that are changed in one apply: they touch different arguments, and each is looked at by itself. */
export interface Step {
  readonly name: string;
  readonly rows: readonly Row[];
}

/** A step for each row. */
export const alone = (rows: readonly Row[]): readonly Step[] =>
  rows.map((row) => ({ name: row.what ? `${row.key}, ${row.what}` : row.key, rows: [row] }));

export const together = (name: string, rows: readonly Row[]): Step => ({ name, rows });

/** @returns the context with the value at the path; undefined takes the key out */
export const withValue = (context: Json, path: string, value: unknown): Json => {
  const changed = structuredClone(context) as Record<string, unknown>;
  const keys = path.replaceAll("[]", ".0").split(".");
  const last = keys.pop()!;
  let at = changed;
  for (const key of keys) at = (at[key] ??= {}) as Record<string, unknown>;
  if (value === undefined) delete at[last];
  else at[last] = value;
  return changed;
};

/** The context with the values that a step's rows have at one of its stops; a row with fewer stops keeps its last. */
export const contextAt = (base: Json, { rows }: Step, stop: number): Json =>
  rows.reduce((context, { key, values, beside = {} }) => {
    const at = Math.min(stop, values.length - 1);
    const all = { ...(Array.isArray(beside) ? (beside[at] as Json) : beside), [key]: values[at] };
    return Object.entries(all).reduce((now, [path, value]) => withValue(now, path, value), context);
  }, base);

export const stopsOf = ({ rows }: Step): number => Math.max(...rows.map(({ values }) => values.length));
