/**
 * Patterns as IAM reads them: `*` stands for any text, `?` for one character. Without regular expressions, as whoever
 * writes the policies could write ones that take for ever.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
 */

/** Whether a character of the wider pattern takes in one of the narrower, whose own `*` may be any text. */
const takesIn = (wide: string | undefined, narrow: string): boolean =>
  wide === narrow || (wide === "?" && narrow !== "*");

/**
 * Whether everything that `narrow` fits is fitted by `wide`. Where that hangs on more than one look at each character, the
 * answer is no: rather a warning too many.
 */
export const contains = (wide: string, narrow: string): boolean => {
  let at = 0;
  let star = -1;
  let resume = 0;
  for (let index = 0; index < narrow.length;) {
    if (wide[at] === "*") {
      star = at;
      resume = index;
      at += 1;
    } else if (takesIn(wide[at], narrow[index] ?? "")) {
      at += 1;
      index += 1;
    } else if (star >= 0) {
      at = star + 1;
      resume += 1;
      index = resume;
    } else return false;
  }
  return /^\**$/.test(wide.slice(at));
};

/** Whether any text fits both. */
export const overlap = (one: string, other: string): boolean => {
  // Row by row: whether what is left of `one` and what is left of `other` have a text in common.
  let below = overlapRow("", other, []);
  for (let at = one.length - 1; at >= 0; at -= 1) below = overlapRow(one.slice(at), other, below);
  return below[0] ?? false;
};

const overlapRow = (one: string, other: string, below: readonly boolean[]): readonly boolean[] => {
  const row: boolean[] = [];
  for (let at = other.length; at >= 0; at -= 1) {
    const [first, second] = [one[0], other[at]];
    const skipsFirst = first === "*" && (below[at] ?? false);
    const skipsSecond = second === "*" && (row[at + 1] ?? false);
    const bothEnd = first === undefined && second === undefined;
    const same = first !== undefined && second !== undefined && meet(first, second);
    row[at] = bothEnd || skipsFirst || skipsSecond || (same && stepped(first, second, at, row, below));
  }
  return row;
};

const meet = (first: string, second: string): boolean =>
  first === second || /[*?]/.test(first) || /[*?]/.test(second);

/** A `*` stays where it is while the other side goes on. */
const stepped = (
  first: string,
  second: string,
  at: number,
  row: readonly boolean[],
  below: readonly boolean[],
): boolean => {
  if (first === "*") return row[at + 1] ?? false;
  return (second === "*" ? below[at] : below[at + 1]) ?? false;
};
