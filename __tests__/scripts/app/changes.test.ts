import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CHANGES, EFFECTS } from "../../../scripts/app/changes";
import { STEPS } from "../../../scripts/app/changes/effect";
import { STACK } from "../../../scripts/app/context";
import { SECOND_DAY_KINDS } from "../plan-review/recorded";
import { changeTables, changingPage } from "../../../scripts/changing-page";
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

describe("the page", () => {
  const row = { "runners.tags": { effect: "in place", what: "All get them.", steps: "key" } } as const;

  it("has each key in the section that it belongs to, with its steps", () => {
    expect(changeTables(row)).toMatch(
      /### All else\n\n.*\n.*\n\| `tags` \| in place \| All get them\. \[Steps\]\(#another-kms-key\) \|$/,
    );
    expect(changeTables(CHANGES).match(/^\| `/gm)).toHaveLength(Object.keys(CHANGES).length);
  });

  it("is as the table has it; else run npm run update-schema", () => {
    const page = readFileSync(join(__dirname, "../../../docs/changing.md"), "utf8");

    expect(page).toBe(changingPage(page));
  });

  it("keeps what is written by hand, and takes no page without its marks", () => {
    const page = readFileSync(join(__dirname, "../../../docs/changing.md"), "utf8");

    expect(changingPage(page.replace("# Changing", "# By hand"))).toMatch(/^# By hand/);
    expect(() => changingPage("# Changing")).toThrow("has 0 marks");
    expect(() => changingPage(page.replace("<!-- End", "<!-- end"))).toThrow("Mark 1 of the page");
  });

  it.each(SECOND_DAY_KINDS)("says when plan-review rings %s", (kind) => {
    expect(readFileSync(join(__dirname, "../../../docs/changing.md"), "utf8")).toMatch(
      new RegExp(`^\\| \`${kind}\` +\\| `, "m"),
    );
  });

  it.each(Object.values(STEPS))("has the steps of %s", (heading) => {
    expect(readFileSync(join(__dirname, "../../../docs/changing.md"), "utf8")).toContain(`\n## ${heading}\n`);
  });
});
