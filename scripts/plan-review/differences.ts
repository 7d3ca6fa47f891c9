import { block, blocks, isObject, jsonIn, strings } from "../audit/model";
import { readUserData } from "../audit/user-data";
import { readable, readableReference } from "./construct-paths";
import type { Change, Plan } from "./plan";

/** One attribute that the plan changes, in a form that people can read. */
export type Difference =
  | { readonly form: "value"; readonly path: string; readonly before: string; readonly after: string }
  | { readonly form: "text"; readonly path: string; readonly before: string; readonly after: string }
  | { readonly form: "later"; readonly path: string; readonly from: readonly string[] };

export interface Differences {
  readonly shown: readonly Difference[];
  /** Paths of what follows from the rest, or that nobody wrote. */
  readonly noise: readonly string[];
}

/** What repeats another attribute, or is counted up by AWS. */
const NOISE = new Set([
  "arn",
  "id",
  "last_modified",
  "latest_version",
  "qualified_arn",
  "qualified_invoke_arn",
  "tags_all",
  "version",
]);

/** In base64. */
const USER_DATA = new Set(["user_data", "user_data_base64"]);

const NOTHING = "none";

const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === "" ||
  (Array.isArray(value) && value.length === 0) ||
  (isObject(value) && Object.keys(value).length === 0);

const valueText = (value: unknown): string => {
  if (isEmpty(value)) return NOTHING;
  return typeof value === "string" ? value : JSON.stringify(value);
};

/** Keys in one order, so that only what differs shows. */
const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  );
};

const decodedUserData = (value: unknown): string => {
  const read = readUserData({
    address: "",
    type: "",
    attributes: { user_data: value },
    unknown: new Set(),
    written: {},
  });
  return "text" in read ? read.text : valueText(value);
};

/** A text of several lines, where the value is one or can be laid out as one. */
const linesOf = (name: string, value: unknown): string | undefined => {
  if (typeof value !== "string" || value === "") return undefined;
  if (USER_DATA.has(name)) return decodedUserData(value);
  const json = /^\s*[{[]/.test(value) ? jsonIn(value) : undefined;
  if (json !== undefined) return JSON.stringify(sorted(json), null, 2);
  return value.includes("\n") ? value : undefined;
};

const leafDifference = (path: string, name: string, before: unknown, after: unknown): Difference => {
  const [old, now] = [linesOf(name, before), linesOf(name, after)];
  return old !== undefined || now !== undefined
    ? { form: "text", path, before: old ?? "", after: now ?? "" }
    : { form: "value", path, before: valueText(before), after: valueText(after) };
};

const same = (one: unknown, other: unknown): boolean =>
  (isEmpty(one) && isEmpty(other)) || JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));

/** Indexes of what has no equal on the other side: members of a set move when another one changes. */
const unpaired = (all: readonly unknown[], others: readonly unknown[]): readonly number[] => {
  const left = others.map((one) => JSON.stringify(sorted(one)));
  return all.flatMap((one, index) => {
    const at = left.indexOf(JSON.stringify(sorted(one)));
    if (at < 0) return [index];
    left.splice(at, 1);
    return [];
  });
};

const areLists = (one: unknown, other: unknown): boolean =>
  [one, other].every((value) => Array.isArray(value) || isEmpty(value)) &&
  [one, other].some((value) => blocks(value).length > 0 && Array.isArray(value));

/** `metadata_options` for the one block of its name, `ingress[1]` for one of several. */
const member = (path: string, index: number, length: number): string =>
  length > 1 ? `${path}[${index}]` : path;

interface Pair {
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly unknown: unknown;
  readonly written: unknown;
}

const referencesIn = (written: unknown): readonly string[] => {
  const all = strings(block(written).references);
  return all.filter((one) => !all.some((other) => other.startsWith(`${one}.`)));
};

/** Some of a value may be known later only: that alone makes no difference where nobody wrote it. */
const later = ({ path, unknown, written }: Pair): readonly Difference[] =>
  unknown === true && written !== undefined ? [{ form: "later", path, from: referencesIn(written) }] : [];

const compare = (pair: Pair): readonly Difference[] => {
  const { path, before, after, unknown, written } = pair;
  if (unknown === true) return later(pair);
  if (areLists(before, after)) return compareLists(pair);
  if (isObject(before) || isObject(after)) {
    const [old, now, open, source] = [block(before), block(after), block(unknown), block(written)];
    const names = [...new Set([...Object.keys(old), ...Object.keys(now), ...Object.keys(open)])].sort();
    return names.flatMap((name) =>
      compare({
        path: path === "" ? name : `${path}.${name}`,
        before: old[name],
        after: now[name],
        unknown: open[name],
        written: source[name] ?? (path === "" ? undefined : written),
      }),
    );
  }
  if (same(before, after)) return [];
  return [leafDifference(path, path.split(".").at(-1) ?? path, before, after)];
};

const compareLists = ({ path, before, after, unknown, written }: Pair): readonly Difference[] => {
  const [old, now] = [before, after].map((one) => (Array.isArray(one) ? (one as unknown[]) : [])) as [
    unknown[],
    unknown[],
  ];
  if (same(old, now)) return [];
  const [gone, come] = [unpaired(old, now), unpaired(now, old)];
  // The same members in another order.
  if (gone.length === 0 && come.length === 0) return [leafDifference(path, path, before, after)];
  const open = Array.isArray(unknown) ? (unknown as unknown[]) : [];
  const count = Math.max(gone.length, come.length);
  return Array.from({ length: count }, (_, index) => index).flatMap((index) => {
    const [from, to] = [gone[index], come[index]];
    const at = to ?? from ?? index;
    return compare({
      path: member(path, at, Math.max(old.length, now.length)),
      before: from === undefined ? undefined : old[from],
      after: to === undefined ? undefined : now[to],
      unknown: open[at],
      written: Array.isArray(written) ? (written as unknown[])[at] : written,
    });
  });
};

/** References tell constructs, not addresses. */
const named = (one: Difference, paths: Plan["paths"]): Difference =>
  one.form === "later"
    ? { ...one, from: one.from.map((reference) => readableReference(reference, paths)) }
    : { ...one, before: readable(one.before, paths), after: readable(one.after, paths) };

/** What the plan changes of a resource that stood before and stands afterwards. */
export const differencesOf = (
  { before, after, unknown, written }: Change,
  paths: Plan["paths"],
): Differences => {
  const all = compare({ path: "", before, after, unknown, written });
  const first = ({ path }: Difference): string => path.split(/[.[]/)[0] ?? path;
  const isNoise = (one: Difference): boolean => NOISE.has(first(one)) && !(first(one) in written);
  const unwritten = Object.keys(unknown).filter((name) => unknown[name] === true && !(name in written));
  return {
    shown: all.filter((one) => !isNoise(one)).map((one) => named(one, paths)),
    noise: [...new Set([...all.filter(isNoise).map(({ path }) => path), ...unwritten])].sort(),
  };
};
