import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cdktfJsonSchema } from "./app/json-schema";
import { changingPage } from "./changing-page";
import { contextDocs } from "./context-docs";
import { contextExample } from "./context-example";
import type { Doc } from "./context-docs";

/**
 * What editors complete and check cdktf.json by, the example in which every key is explained, and the page that says what a
 * change of each does.
 */

export const SCHEMA_FILE = "cdktf.schema.json";
export const EXAMPLE_FILE = "cdktf.example.jsonc";
export const CHANGING_FILE = "docs/changing.md";

export const schemaText = (docs: ReadonlyMap<string, Doc>): string => {
  const describe = (path: readonly string[]): string | undefined => {
    const doc = docs.get(path.join("."));
    return (
      doc &&
      [
        doc.text,
        ...(doc.fallback === undefined ? [] : [`Default: ${doc.fallback}`]),
        ...(doc.change === undefined ? [] : [`Change: ${doc.change}`]),
      ].join("\n\n")
    );
  };
  return `${JSON.stringify(cdktfJsonSchema(describe), null, 1)}\n`;
};

if (require.main === module) {
  const docs = contextDocs();
  const root = join(__dirname, "..");
  writeFileSync(join(root, SCHEMA_FILE), schemaText(docs));
  writeFileSync(join(root, EXAMPLE_FILE), contextExample(docs));
  const page = join(root, CHANGING_FILE);
  writeFileSync(page, changingPage(readFileSync(page, "utf8")));
}
