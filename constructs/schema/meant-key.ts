import { isObject } from "./kinds";
import { isSame, nearest } from "./meant-word";
import type { ListOf, Node, ObjectOf } from "./node";

/** What a key that is not known was meant for. */

const objectIn = (node: Node): ObjectOf | undefined => {
  if (!isObject(node)) return undefined;
  if ("keys" in node) return node as unknown as ObjectOf;
  return "items" in node ? objectIn((node as unknown as ListOf).items) : undefined;
};

/** Where a key stands further in that `find` takes: `fleets[0].instanceTypes`. */
const furtherIn = (
  keys: ObjectOf["keys"],
  find: (known: readonly string[]) => string | undefined,
): string | undefined => {
  for (const [name, node] of Object.entries(keys)) {
    const inner = objectIn(node);
    if (inner === undefined) continue;
    const found = find(Object.keys(inner.keys)) ?? furtherIn(inner.keys, find);
    if (found !== undefined) return `${name}${isObject(node) && "items" in node ? "[0]" : ""}.${found}`;
  }
  return undefined;
};

/** A key of `keys`, or of what they hold, that `key` was meant for; undefined where none is like it. */
export const meantKey = (
  key: string,
  keys: ObjectOf["keys"],
  known: readonly string[] = Object.keys(keys),
): string | undefined => {
  const same = (names: readonly string[]): string | undefined => names.find((other) => isSame(key, other));
  return (
    furtherIn(keys, (names) => names.find((other) => other === key)) ??
    same(known) ??
    furtherIn(keys, same) ??
    nearest(key, known) ??
    furtherIn(keys, (names) => nearest(key, names))
  );
};
