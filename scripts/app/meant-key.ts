import { isObject } from "../../constructs/shape";
import type { ListOf, Node, ObjectOf } from "./node";

/** What a key that is not known was meant for. */

/** Letters to put in, take out or change, to make the one word of the other. */
const distance = (from: string, to: string): number => {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...from].entries()) {
    const next = [index + 1];
    for (const [place, other] of [...to].entries())
      next.push(
        Math.min(
          (row[place] ?? 0) + (letter === other ? 0 : 1),
          (row[place + 1] ?? 0) + 1,
          (next[place] ?? 0) + 1,
        ),
      );
    row = next;
  }
  return row[to.length] ?? 0;
};

/** `use_lockfile`, `appID`: spelt as elsewhere. */
const plain = (key: string): string => key.replace(/[_-]/g, "").toLowerCase();

/** The shortest beginning of a word that tells which. */
const LEAST = 3;
const SLIPS = 2;

const isNear = (key: string, known: string): boolean => {
  const [shorter = "", longer = ""] = [plain(key), plain(known)].sort((a, b) => a.length - b.length);
  if (shorter.length >= LEAST && longer.startsWith(shorter)) return true;
  const slips = distance(shorter, longer);
  return slips <= SLIPS && slips * 2 < longer.length;
};

const nearest = (key: string, known: readonly string[]): string | undefined =>
  known
    .filter((other) => isNear(key, other))
    .sort((a, b) => distance(plain(key), plain(a)) - distance(plain(key), plain(b)))[0];

const objectIn = (node: Node): ObjectOf | undefined => {
  if (!isObject(node)) return undefined;
  if ("keys" in node) return node as unknown as ObjectOf;
  return "items" in node ? objectIn((node as unknown as ListOf).items) : undefined;
};

/** Where the key stands further in: `fleets[0].instanceTypes`. */
const furtherIn = (key: string, keys: ObjectOf["keys"]): string | undefined => {
  for (const [name, node] of Object.entries(keys)) {
    const inner = objectIn(node);
    if (inner === undefined) continue;
    const found = Object.hasOwn(inner.keys, key) ? key : furtherIn(key, inner.keys);
    if (found !== undefined) return `${name}${isObject(node) && "items" in node ? "[0]" : ""}.${found}`;
  }
  return undefined;
};

/** A key of `keys`, or of what they hold, that `key` was meant for; undefined where none is like it. */
export const meantKey = (
  key: string,
  keys: ObjectOf["keys"],
  known: readonly string[] = Object.keys(keys),
): string | undefined => furtherIn(key, keys) ?? nearest(key, known);
