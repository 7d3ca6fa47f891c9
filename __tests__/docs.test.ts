import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, extname, join, resolve } from "node:path";
import { CONTROLS } from "../scripts/audit/controls";
import { PAGES, ROOT as root } from "./support/markdown";

const read = (path: string): string => readFileSync(path, "utf8");

interface Link {
  readonly target: string;
  /** What a reader sees who points at the link: here the name of a test, or of what else in the file is meant. */
  readonly title?: string;
}

const FENCED = /^ *(`{3,})[^]*?^ *\1`* *$/gm;
const INLINE_LINK = /\]\(\s*<?([^\s)>]+)>?(?:\s+"([^"]*)")?\s*\)/g;
const DEFINITION = /^ {0,3}\[[^\]]+\]:\s*<?([^\s>]+)>?(?:\s+"([^"]*)")?/gm;

const linksOf = (markdown: string): readonly Link[] => {
  const prose = markdown.replace(FENCED, "").replace(/`[^`\n]*`/g, "");
  return [INLINE_LINK, DEFINITION].flatMap((form) =>
    [...prose.matchAll(form)].map(([, target = "", title]) => ({ target, title })),
  );
};

/** As GitHub makes them: https://docs.github.com/en/get-started/writing-on-github/getting-started-with-writing-and-formatting-on-github/basic-writing-and-formatting-syntax#section-links */
const anchorsOf = (markdown: string): ReadonlySet<string> => {
  const anchors = new Set<string>();
  for (const [, heading = ""] of markdown.replace(FENCED, "").matchAll(/^#{1,6} +(.+?) *#*$/gm)) {
    const text = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
    const slug = text.replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-");
    let anchor = slug;
    for (let count = 1; anchors.has(anchor); count++) anchor = `${slug}-${count}`;
    anchors.add(anchor);
  }
  return anchors;
};

const isRelative = ({ target }: Link): boolean => !/^(?:[a-z][a-z0-9+.-]*:|\/\/)/i.test(target);

/** Why a reader of `file` would not find what the link promises. */
const mistakeOf = (file: string, { target, title }: Link): string | undefined => {
  const [path = "", anchor] = target.split("#");
  const found = path === "" ? file : resolve(dirname(file), decodeURIComponent(path));
  if (path.startsWith("/") || !existsSync(found)) return "no such file";
  if (anchor !== undefined && !(extname(found) === ".md" && anchorsOf(read(found)).has(anchor)))
    return "no such heading";
  if (title !== undefined && !(statSync(found).isFile() && read(found).includes(title)))
    return `"${title}" does not stand there`;
  return undefined;
};

const brokenIn = (file: string): readonly string[] =>
  linksOf(read(file))
    .filter(isRelative)
    .flatMap((link) => {
      const mistake = mistakeOf(file, link);
      return mistake === undefined ? [] : [`${link.target}: ${mistake}`];
    });

describe("the documentation", () => {
  it.each(PAGES.map((page) => [page, join(root, page)]))(
    "%s links to files, headings and tests that are there",
    (_name, file) => {
      expect(brokenIn(file)).toEqual([]);
    },
  );

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
