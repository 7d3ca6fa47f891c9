/** Control characters, and those that have no width or turn the direction of what follows. */
const UNSEEN = /[\p{Cc}\p{Cf}\u2028\u2029]+/gu;
const ELLIPSIS = "…";

/**
 * Text of a stranger, as it can be shown to a person: on one line, in quotes, and not longer than so many characters. What
 * runs on a machine writes what it likes.
 */
export const quoted = (text: string, longest: number): string => {
  const shown = [...text.replace(UNSEEN, " ")];
  const cut = shown.length > longest ? [...shown.slice(0, longest - 1), ELLIPSIS] : shown;
  return JSON.stringify(cut.join(""));
};
