import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, extname, resolve } from "node:path";

/** Links of Markdown: where they lead, and whether that is there. */

const read = (path: string): string => readFileSync(path, "utf8");

interface Link {
  readonly target: string;
  /** What a reader sees who points at the link: here the name of a test, or of what else in the file is meant. */
  readonly title?: string;
}

const FENCED = /^ *(`{3,})[^]*?^ *\1`* *$/gm;
const INLINE_LINK = /\]\(\s*<?([^\s)>]+)>?(?:\s+"([^"]*)")?\s*\)/g;
const DEFINITION = /^ {0,3}\[[^\]]+\]:\s*<?([^\s>]+)>?(?:\s+"([^"]*)")?/gm;

export const linksOf = (markdown: string): readonly Link[] => {
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

/** What a reader would not find, by the links of a page. */
export const brokenIn = (file: string): readonly string[] =>
  linksOf(read(file))
    .filter(isRelative)
    .flatMap((link) => {
      const mistake = mistakeOf(file, link);
      return mistake === undefined ? [] : [`${link.target}: ${mistake}`];
    });
