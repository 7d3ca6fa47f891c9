import type { Phrase } from "../phrase";

/**
 * Text out of a plan, made safe for a comment at GitHub: whoever opens a pull request writes names, tags and policies, and
 * must not be able to leave the code they stand in, call people, load images, or write under the reviewer's name.
 */

/** A value that is longer tells nobody more. */
const MOST_INLINE = 160;
const MOST_LINE = 400;

/** Control characters, those that turn the direction of what follows, and those without width; not the line's end and the tab. */
const UNSEEN = /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

const hex = (character: string): string => `\\u{${character.codePointAt(0)!.toString(16)}}`;

/** All in one line, and no longer than anyone reads. */
const oneLine = (text: string): string =>
  cut(text.replaceAll("\n", "\\n").replaceAll("\t", "\\t").replace(UNSEEN, hex), MOST_INLINE);

const cut = (text: string, most: number): string => {
  const all = [...text];
  return all.length <= most ? text : `${all.slice(0, most).join("")}… (${all.length - most} more)`;
};

const longestRun = (text: string): number =>
  Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));

/** A code span: https://github.github.com/gfm/#code-spans. In a table a pipe would end the cell, in code too. */
export const code = (text: string): string => {
  const line = oneLine(text).replaceAll("|", "\\|");
  if (line === "") return "` `";
  const fence = "`".repeat(longestRun(line) + 1);
  const needsSpace = /^[`\s]|[`\s]$/.test(line);
  return needsSpace ? `${fence} ${line} ${fence}` : `${fence}${line}${fence}`;
};

/** Within HTML, where Markdown is not read. */
export const html = (text: string): string =>
  oneLine(text)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;")
    // Neither a mention nor a link begins within one.
    .replaceAll("@", "&#64;");

/** A fenced block, whose fence is longer than any in it. */
export const fenced = (lines: readonly string[], language: string): string => {
  const shown = lines.map((line) => cut(line.replace(/\r\n?/g, "\\r").replace(UNSEEN, hex), MOST_LINE));
  const fence = "`".repeat(Math.max(3, longestRun(shown.join("\n")) + 1));
  return [`${fence}${language}`, ...shown, fence].join("\n");
};

/** A sentence: its own words as they are, what is quoted as code. */
export const sentence = (parts: Phrase): string =>
  parts.map((part) => (typeof part === "string" ? part : code(part.quoted))).join("");
