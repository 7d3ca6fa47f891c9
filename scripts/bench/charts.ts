import { drawChart, type Bar } from "./chart";
import type { Figure } from "./figure";
import type { Results } from "./results";

interface ChartSpec {
  readonly title: string;
  readonly part: string;
  /** Picks the figures by their names; what it captures is the label. */
  readonly pick: RegExp;
}

/** By name of the file. */
const specs: Readonly<Record<string, ChartSpec>> = {
  "import.svg": {
    title: "Loading a function's code on Node 22",
    part: "cold",
    pick: /^(.*): import, Node 22$/,
  },
  "launch.svg": {
    title: "From the start of the launch function to all registrations, 50 ms a call",
    part: "launch",
    pick: /^(.*): all registrations laid down$/,
  },
  "burst.svg": {
    title: "From the first job to the last registration, simulated",
    part: "burst",
    pick: /^(.*): last registration ready$/,
  },
  "sustained.svg": {
    title: "Jobs that one installation carries",
    part: "sustained",
    pick: /^(\d+ Apps?): bound by/,
  },
  "boot.svg": { title: "Boot, step by step", part: "boot", pick: /^(.*)$/ },
  "synth.svg": { title: "Synthesis", part: "synth", pick: /^(.*): time$/ },
};

/** A part that was skipped has no chart. */
export const drawCharts = (parts: Results["parts"]): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(specs).flatMap(([file, { title, part, pick }]) => {
      const findings = parts[part];
      const figures = findings && "figures" in findings ? findings.figures : [];
      const bars = figures.flatMap((figure) => barOf(figure, pick));
      const unit = figures.find(({ name }) => pick.test(name))?.unit ?? "";
      return bars.length > 0 ? [[file, drawChart({ title, unit, bars })] as const] : [];
    }),
  );

const barOf = ({ name, value, low, high, yardstick, target }: Figure, pick: RegExp): Bar[] => {
  const label = pick.exec(name)?.[1];
  if (label === undefined) return [];
  return [{ label, value, low, high, yardstick: yardstick?.value, target: target?.limit }];
};
