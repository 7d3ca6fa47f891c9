import { structuredPatch } from "diff";

/** Lines around a change: fewer than usual, as a comment has little room. */
const CONTEXT = 2;

/** More changed lines are not read in a comment; the time to find them grows with their square. */
const MOST_EDITS = 400;

/** The lines of a unified diff, without its head; undefined where the two have too little in common. */
export const textDiff = (before: string, after: string): readonly string[] | undefined => {
  const patch = structuredPatch("", "", before, after, "", "", {
    context: CONTEXT,
    maxEditLength: MOST_EDITS,
  });
  return patch?.hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines }) => [
    `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`,
    ...lines.filter((line) => !line.startsWith("\\ No newline")),
  ]);
};
