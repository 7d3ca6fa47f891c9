/** What every command of the program ends with. */
export const EXIT = { accepted: 0, refused: 1, unusable: 2, broken: 70 } as const;

type Outcome = keyof typeof EXIT;

const MEANINGS: Readonly<Record<Outcome, string>> = {
  accepted: "done, and nothing that was asked for stands against it",
  refused: "done, and something that was asked for stands against it",
  unusable: "the input or an argument cannot be used: standard error says what to give instead",
  // EX_SOFTWARE: https://man.freebsd.org/cgi/man.cgi?sysexits
  broken: "the program itself failed: please report what it wrote",
};

/** The table for `--help`; a command says in its own words what is accepted and what refused, or null: it never is. */
export const exitCodesHelp = (own: Partial<Record<Outcome, string | null>> = {}): string =>
  [
    "Exit codes:",
    ...Object.entries({ ...MEANINGS, ...own })
      .filter(([, meaning]) => meaning !== null)
      .map(([outcome, meaning]) => `${String(EXIT[outcome as Outcome]).padStart(4)}  ${meaning}`),
  ].join("\n");
