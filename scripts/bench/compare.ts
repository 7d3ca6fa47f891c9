import type { Figure } from "./figure";
import type { Results } from "./results";
import { number } from "./table";

export interface Change {
  readonly part: string;
  readonly before: Figure;
  readonly now: Figure;
  readonly became: "better" | "worse";
}

/** What lies so close is no change, even where a figure has no spread: counts in a simulation move with any call. */
const NOISE = 0.02;

/** Figures whose spreads do not touch any more, the most changed first. */
export const changesOf = (before: Results, now: Results): readonly Change[] =>
  Object.entries(now.parts)
    .flatMap(([part, findings]) => {
      const old = figuresIn(before, part);
      return ("figures" in findings ? findings.figures : []).flatMap((figure) =>
        changeOf(part, old.get(figure.name), figure),
      );
    })
    .sort((one, other) => shareOf(other) - shareOf(one));

const figuresIn = ({ parts }: Results, part: string): ReadonlyMap<string, Figure> => {
  const findings = parts[part];
  const figures = findings && "figures" in findings ? findings.figures : [];
  return new Map(figures.map((figure) => [figure.name, figure]));
};

const changeOf = (part: string, before: Figure | undefined, now: Figure): Change[] => {
  if (!before || before.unit !== now.unit) return [];
  const apart = now.low > before.high || now.high < before.low;
  if (!apart || Math.abs(now.value - before.value) <= NOISE * Math.abs(before.value)) return [];
  const lower = now.value < before.value;
  return [{ part, before, now, became: lower === (now.better === "lower") ? "better" : "worse" }];
};

const shareOf = ({ before, now }: Change): number =>
  Math.abs(now.value - before.value) / Math.max(Math.abs(before.value), Number.EPSILON);

/** Figures and parts that the run before had, of those parts that were run. */
export const lossesOf = (before: Results, now: Results): readonly string[] =>
  Object.entries(now.parts).flatMap(([part, findings]) => {
    const old = [...figuresIn(before, part).keys()];
    if ("skipped" in findings) return old.length > 0 ? [`${part}: skipped. ${findings.skipped}`] : [];
    const here = figuresIn(now, part);
    return old.filter((name) => !here.has(name)).map((name) => `${part}, ${name}`);
  });

/** One line for each change, after a line for what makes the two runs hard to compare. */
export const compareText = (before: Results, now: Results): string => {
  const changes = changesOf(before, now).map(
    ({ part, before: old, now: { name, unit, value, reached }, became }) =>
      `${became}  ${part}, ${name}: ${number(old.value)} to ${number(value)} ${unit}` +
      (old.reached !== false && reached === false ? ", NOT REACHED any more" : ""),
  );
  // A quick run has fewer figures.
  const losses = before.quick === now.quick ? lossesOf(before, now).map((what) => `gone  ${what}`) : [];
  const lines = changes.length > 0 ? changes : ["nothing changed by more than its spread"];
  return [
    `Compared with ${before.date} (${before.versions.commit}):`,
    ...doubtsOf(before, now),
    ...lines,
    ...losses,
  ].join("\n");
};

/** More processes than cores wanted to run: times say little then. */
const doubtsOf = (before: Results, now: Results): string[] => [
  ...(before.quick === now.quick ? [] : ["one of the two runs was --quick"]),
  ...(before.machine.cpu === now.machine.cpu && before.machine.cores === now.machine.cores
    ? []
    : [`the machines differ: ${before.machine.cpu}, ${now.machine.cpu}`]),
  ...[before, now]
    .filter(({ machine }) => machine.loadBefore > machine.cores / 2)
    .map(({ date, machine }) => `the machine was busy before ${date}: load ${machine.loadBefore}`),
];
