import { readdirSync, readFileSync } from "node:fs";
import { extname, join, resolve } from "node:path";

/** The documentation's Markdown: which pages there are, and what stands in their code blocks. */

export const ROOT = resolve(__dirname, "../..");

export const PAGES: readonly string[] = [
  "README.md",
  "SECURITY.md",
  ...readdirSync(join(ROOT, "docs"))
    .filter((name) => extname(name) === ".md")
    .map((name) => `docs/${name}`),
];

export interface CodeBlock {
  readonly page: string;
  readonly line: number;
  readonly language: string;
  readonly text: string;
}

const BLOCK = /^( *)```(\w+)\n([^]*?)^ *```$/gm;

export const codeBlocksOf = (page: string, markdown: string): readonly CodeBlock[] =>
  [...markdown.matchAll(BLOCK)].map(({ index, 1: indent = "", 2: language = "", 3: text = "" }) => ({
    page,
    line: markdown.slice(0, index).split("\n").length,
    language,
    text: text.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
  }));

export const codeBlocks = (language: string): readonly CodeBlock[] =>
  PAGES.flatMap((page) => codeBlocksOf(page, readFileSync(join(ROOT, page), "utf8"))).filter(
    (block) => block.language === language,
  );

const ASSIGNMENT = /^[a-z]+=/;

/** The commands of shell blocks, one line each, without comments and without what is kept in variables. */
export const commandsIn = ({ text }: CodeBlock): readonly string[] =>
  text
    .replaceAll(/\\\n\s*/g, " ")
    .replaceAll(/'[^']*'/g, (quoted) => quoted.replaceAll(/\s*\n\s*/g, " "))
    .split(/\n|&&|\|/)
    .map((command) => command.replace(/(^|\s)#.*$/, "").trim())
    .filter((command) => command !== "" && !ASSIGNMENT.test(command));
