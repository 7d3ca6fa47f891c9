import { CHANGES, EFFECTS } from "../../../scripts/app/changes";
import { STACK } from "../../../scripts/app/context";
import { openKeys } from "../../../constructs/schema/node";
import type { Node } from "../../../constructs/schema/node";

/** What is always there: a change of it is one of a key in it. */
const ALWAYS_THERE = ["runners", "runners.github", "runners.network"];

/** Every key of the context, by its path; what is in an element of a list stands behind "[]". */
const keysIn = (node: Node, path: string): readonly string[] => {
  if (typeof node === "string") return [];
  if ("items" in node) return keysIn(node.items, `${path}[]`);
  if (!("keys" in node)) return [];
  return openKeys(node.keys).flatMap((key) => {
    const at = path === "" ? key : `${path}.${key}`;
    return [at, ...keysIn(node.keys[key]!, at)];
  });
};

const keys = [...keysIn(STACK, ""), "stacks"].filter((key) => !ALWAYS_THERE.includes(key));

describe("the table of changes", () => {
  it("has a row for every key of the schema, and no other", () => {
    expect(keys.length).toBeGreaterThan(80);
    expect(Object.keys(CHANGES).sort()).toEqual([...keys].sort());
  });

  it("uses every effect that it explains", () => {
    const used = new Set(Object.values(CHANGES).map(({ effect }) => effect));

    expect([...used].sort()).toEqual(Object.keys(EFFECTS).sort());
  });
});

describe.each(Object.entries(CHANGES))("what is said of %s", (_key, { what }) => {
  const sentences = what.split(/(?<=[.!?]) /);

  it("is one to four short sentences in plain text", () => {
    expect(sentences.length).toBeLessThanOrEqual(4);
    for (const sentence of sentences) {
      expect(sentence).toMatch(/^[A-Z].*\.$/);
      expect(sentence.split(" ").length).toBeLessThanOrEqual(36);
    }
    // It stands in a description of the schema and in a cell of a table.
    expect(what).not.toMatch(/[|`\n]|—|;.*;/);
  });
});
