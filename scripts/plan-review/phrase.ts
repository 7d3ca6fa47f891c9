/** A sentence in which whatever comes out of the plan is marked, so that no form of the report takes it for its own words. */
export type Phrase = readonly Part[];

type Part = string | Quoted;

/** Text out of a plan, which anyone may have written. */
export interface Quoted {
  readonly quoted: string;
}

export const quoted = (text: string): Quoted => ({ quoted: text });

/** A template whose substitutions are quoted, but for those that are phrases. */
export const phrase = (
  words: TemplateStringsArray,
  ...values: readonly (string | number | Phrase)[]
): Phrase =>
  words.flatMap((word, index): readonly Part[] => {
    const value = values[index];
    const parts = value === undefined ? [] : typeof value === "object" ? value : [quoted(String(value))];
    return word === "" ? parts : [word, ...parts];
  });

/** `a, b and c`, each quoted; of many only the first. */
export const listed = (all: readonly string[], most = 6): Phrase => {
  const shown = all.slice(0, most).map(quoted);
  const more = all.length - shown.length;
  return [...shown, ...(more > 0 ? [`${more} more`] : [])].flatMap((part, index, { length }) =>
    index === 0 ? [part] : [index === length - 1 ? " and " : ", ", part],
  );
};

export const plainText = (parts: Phrase): string =>
  parts.map((part) => (typeof part === "string" ? part : part.quoted)).join("");
