import { structuredPatch } from "diff";

/** Lines around a change: fewer than usual, as a comment has little room. */
const CONTEXT = 2;

/** Beyond this a text is not read in a comment, and comparing two of them takes seconds. */
const MOST_EDITS = 2_000;

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
