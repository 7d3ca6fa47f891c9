import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CONTROLS } from "../scripts/audit/controls";
import { brokenIn, linksOf } from "./support/links";
import { PAGES, ROOT as root } from "./support/markdown";

const read = (path: string): string => readFileSync(path, "utf8");

describe("the documentation", () => {
  it.each(PAGES.map((page) => [page, join(root, page)]))(
    "%s links to files, headings and tests that are there",
    (_name, file) => {
      expect(brokenIn(file)).toEqual([]);
    },
  );

  it.each(PAGES)("%s has no row of a table twice", (page) => {
    const lines = read(join(root, page)).split("\n");
    const rows = lines
      .filter((line, index) => /^\|.*[^\s|:-]/.test(line) && !/^\|[\s|:-]+$/.test(lines[index + 1] ?? ""))
      .map((line) => line.replace(/\s+/g, " "));

    expect(rows.filter((row, index) => rows.indexOf(row) !== index)).toEqual([]);
  });

  describe("elsewhere", () => {
    const folder = mkdtempSync(join(tmpdir(), "docs-"));
    const page = join(folder, "page.md");
    writeFileSync(join(folder, "some.test.ts"), 'it("does this", check);');
    afterAll(() => rmSync(folder, { recursive: true }));

    it.each([
      ["[a](other.md)", "other.md: no such file"],
      ["[a](/page.md)", "/page.md: no such file"],
      ["[a]\n\n[a]: other.md", "other.md: no such file"],
      ["| [a](page.md#two) |\n\n# One", "page.md#two: no such heading"],
      ["# One\n\n```sh\n# Two\n```\n\n[a](#two)", "#two: no such heading"],
      ["# One\n\n[a](#one-1)", "#one-1: no such heading"],
      ["[a](some.test.ts#L1)", "some.test.ts#L1: no such heading"],
      ['[a](some.test.ts "does that")', 'some.test.ts: "does that" does not stand there'],
    ])("%j is told", (text, mistake) => {
      writeFileSync(page, text);

      expect(brokenIn(page)).toEqual([mistake]);
    });

    it("is right as it is", () => {
      const links =
        '[a](#one-two--three) [b](page.md#one-1) [`c`](some.test.ts "does this") `[d](e)` [f](https://g/h)';
      writeFileSync(page, `# One, *two* & \`three\`\n# One\n# One\n${links}`);

      expect(brokenIn(page)).toEqual([]);
    });
  });
});

describe("the table of controls in SECURITY.md", () => {
  const rows = [...read(join(root, "SECURITY.md")).matchAll(/^\| +(\d+) +\| +(.+?) +\|(.*)$/gm)].map(
    ([, id, title, rest = ""]) => ({
      id: Number(id),
      title,
      links: linksOf(rest).map(({ target }) => target),
    }),
  );

  it("names each control as the audit does, in its order", () => {
    expect(rows.map(({ id, title }) => [id, title])).toEqual(CONTROLS.map(({ id, title }) => [id, title]));
  });

  it.each(CONTROLS.map(({ id, proof }) => [id, proof] as const))(
    "leads for control %i to a test, and to each that the audit names",
    (id, proof) => {
      const { links = [] } = rows.find((row) => row.id === id) ?? {};

      expect(links.filter((target) => target.startsWith("__tests__/"))).not.toEqual([]);
      expect(links).toEqual(expect.arrayContaining(proof.map((path) => `__tests__/${path}`)));
    },
  );
});

describe("the workflow to copy", () => {
  const workflow = read(join(root, "docs/workflows/plan-review.yml"));
  const readme = read(join(root, "README.md"));

  it("synthesizes as the README does, and plans the stack of its program", () => {
    const [, stack = ""] = /new TerraformStack\(app, "([^"]+)"\)/.exec(readme) ?? [];
    const [, folder] = /STACK: (\S+)/.exec(workflow) ?? [];
    const [, synth = ""] = /- run: (npx .+)/.exec(workflow) ?? [];

    expect(folder).toBe(`cdktf.out/stacks/${stack}`);
    expect(readme).toContain(`\n${synth}\n`);
  });
});
