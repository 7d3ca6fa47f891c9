import type { Figure } from "./figure";
import type { Results } from "./results";

type Row = readonly [name: string, value: string, spread: string, reached: string, against: string];

const headings: Row = ["", "value", "spread", "", "target and yardstick"];

/** All figures, in the order in which they were measured. */
export const tableOf = (parts: Results["parts"]): string =>
  Object.entries(parts)
    .map(([part, findings]) =>
      "skipped" in findings
        ? `${part}: skipped. ${findings.skipped}`
        : align([[part, ...headings.slice(1)] as unknown as Row, ...findings.figures.map(rowOf)]),
    )
    .join("\n\n");

const rowOf = ({ name, unit, value, low, high, samples, target, reached, yardstick }: Figure): Row => [
  `  ${name}`,
  `${number(value)} ${unit}`,
  samples > 1 ? `${number(low)} to ${number(high)} (${samples})` : "",
  reached === undefined ? "" : reached ? "reached" : "NOT REACHED",
  [target?.words, yardstick && `${yardstick.name}: ${number(yardstick.value)}`].filter(Boolean).join("; "),
];

/** As a person writes it: no more digits than the value can mean, and no exponent. */
export const number = (value: number): string => {
  const size = Math.abs(value);
  return value.toLocaleString("en-US", { maximumFractionDigits: size >= 100 ? 0 : size >= 10 ? 1 : 3 });
};

const align = (rows: readonly Row[]): string => {
  const widths = headings.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column === 1 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
        )
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
};
