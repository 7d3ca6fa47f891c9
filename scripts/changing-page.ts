import { CHANGES, EFFECTS } from "./app/changes";
import { STEPS } from "./app/changes/effect";
import type { Change, Changes } from "./app/changes";

/** The tables of docs/changing.md. What stands around them is written by hand, in the page itself. */

const BEGIN = "<!-- Made of scripts/app/changes by `npm run update-schema`. -->";
const END = "<!-- End of what is made. -->";

type Row = readonly string[];

/** As prettier writes it: each column as wide as its widest cell. */
const table = (head: Row, rows: readonly Row[]): string => {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(3, ...all.map((row) => (row[column] ?? "").length)));
  const line = (row: Row): string =>
    `| ${widths.map((width, column) => (row[column] ?? "").padEnd(width)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
};

/** Heading, and which keys stand below it: each under the first that matches. */
const SECTIONS: readonly (readonly [heading: string, RegExp])[] = [
  ["The stack", /^(?!runners\.)/],
  ["GitHub", /^runners\.(?:github|webhook|runnerGroup|repositories|publicRepositories|sourceAddresses)\b/],
  ["Network", /^runners\.network\b/],
  ["Fleets", /^runners\.fleets\b/],
  ["All else", /^runners\./],
];

/** How a heading is linked to. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\w -]/g, "")
    .replaceAll(" ", "-");

const rowOf = ([key, { effect, what, steps }]: readonly [string, Change]): Row => {
  const link = steps === undefined ? "" : ` [Steps](#${anchorOf(STEPS[steps])})`;
  return [`\`${key.replace(/^runners\./, "")}\``, effect, `${what}${link}`];
};

/** By section, each key in the order of the table. */
export const changeTables = (changes: Changes = CHANGES): string => {
  const placed = Object.entries(changes).map(
    (entry) => [SECTIONS.findIndex(([, keys]) => keys.test(entry[0])), entry] as const,
  );
  return SECTIONS.map(([heading], index) => {
    const rows = placed.filter(([section]) => section === index).map(([, entry]) => rowOf(entry));
    return `### ${heading}\n\n${table(["key", "change", "what happens"], rows)}`;
  }).join("\n\n");
};

const effectsTable = (): string => table(["change", "means"], Object.entries(EFFECTS));

const MADE: readonly (() => string)[] = [effectsTable, changeTables];

/** The page with what is made of the table anew between its marks; what is written by hand stays. */
export const changingPage = (page: string): string => {
  const [first = "", ...parts] = page.split(BEGIN);
  if (parts.length !== MADE.length)
    throw new Error(`The page has ${parts.length} marks "${BEGIN}", and needs ${MADE.length}.`);
  return MADE.reduce((text, make, index) => {
    const [, ...rest] = (parts[index] ?? "").split(END);
    if (rest.length !== 1) throw new Error(`Mark ${index + 1} of the page has not one "${END}" behind it.`);
    return `${text}${BEGIN}\n\n${make()}\n\n${END}${rest[0]}`;
  }, first);
};
