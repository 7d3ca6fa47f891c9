/** docs/api is what the doc comments say now, and no public name goes without one. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { spawnSync } from "node:child_process";

const root = resolve(__dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "api-"));
const PAGE = "README.md";

afterAll(() => rmSync(folder, { recursive: true }));

describe("the pages of the API", () => {
  it("are those of the doc comments: if not, run `npm run api` and look at the difference", () => {
    const run = spawnSync("npx", ["typedoc", "--logLevel", "Warn", "--out", folder], {
      cwd: root,
      encoding: "utf8",
      env: { ...process.env, NO_COLOR: "1" },
    });

    // What typedoc complains about, such as a public name without a doc comment, or one that is not exported.
    expect(run.stderr + run.stdout).toBe("");
    expect(readFileSync(join(folder, PAGE), "utf8")).toBe(
      readFileSync(join(root, "docs", "api", PAGE), "utf8"),
    );
  });
});
