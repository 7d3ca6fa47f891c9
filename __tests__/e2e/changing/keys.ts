import { openKeys, type Node } from "../../../constructs/schema/node";
import { STACK } from "../../../scripts/app/context";

/** What is always there: a change of it is one of a key in it. */
const ALWAYS_THERE = ["runners", "runners.github", "runners.network"];

/** Keys by their path; what is in an element of a list stands behind "[]". Those of a backend are Terraform's own. */
const keysIn = (node: Node, path: string): readonly string[] => {
  if (typeof node === "string") return [];
  if ("items" in node) return keysIn(node.items, `${path}[]`);
  if (!("keys" in node)) return [];
  return openKeys(node.keys).flatMap((key) => {
    const at = path === "" ? key : `${path}.${key}`;
    return [at, ...keysIn(node.keys[key]!, at)];
  });
};

/** Every key of the context. */
export const contextKeys: readonly string[] = [...keysIn(STACK, ""), "stacks"].filter(
  (key) => !ALWAYS_THERE.includes(key),
);
