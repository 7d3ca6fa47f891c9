/** A part of the report, and what stands in its place where there is no room. */
export interface Section {
  readonly full: string;
  readonly short: string;
}

/** GitHub takes no longer comment: https://github.com/orgs/community/discussions/27190 */
export const COMMENT_LIMIT = 65_536;

/** For the mark by which a later run finds its own comment. */
const ROOM_FOR_MARK = 536;

const MOST = COMMENT_LIMIT - ROOM_FOR_MARK;

const LEFT_OUT =
  "\n\n> Parts were left out, as a comment has room for no more: `ephemeral-runners plan-review --limit 0` writes all.\n";

const joined = (parts: readonly string[]): string => `${parts.filter((part) => part !== "").join("\n\n")}\n`;

/** A line is never cut: half of a code span would be read as Markdown. */
const wholeLines = (text: string, room: number): string => {
  if (text.length <= room) return text;
  const end = text.lastIndexOf("\n", room);
  // The first line, the verdict, has no word of the plan.
  return text.slice(0, end < 0 ? room : end);
};

/**
 * Sections in their order; where they are too long together, the last ones are shortened first, as what matters stands above.
 *
 * @param limit characters; 0: no limit
 */
export const fit = (sections: readonly Section[], limit: number = MOST): string => {
  const parts = sections.map(({ full }) => full);
  if (limit === 0 || joined(parts).length <= limit) return joined(parts);
  const room = Math.max(0, limit - LEFT_OUT.length);
  for (let last = parts.length - 1; last >= 0 && joined(parts).length > room; last -= 1)
    parts[last] = sections[last]?.short ?? "";
  return wholeLines(joined(parts).trimEnd(), room) + LEFT_OUT;
};
