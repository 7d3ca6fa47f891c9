import { number } from "./table";

export interface Bar {
  readonly label: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** Drawn as a line across the bar: what it is measured against. */
  readonly yardstick?: number;
  readonly target?: number;
}

export interface Chart {
  readonly title: string;
  readonly unit: string;
  readonly bars: readonly Bar[];
}

const WIDTH = 840;
const LABELS = 350;
/** For a value, to the right of its bar. */
const VALUES = 100;
const TOP = 66;
const ROW = 26;
const BAR = 14;

/** Readable on white as on black: the page it stands on decides. */
const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #24292f; }
  .title { font-size: 15px; font-weight: 600; }
  .bar { fill: #4f7cac; }
  .spread { stroke: #24292f; stroke-width: 1.5; }
  .yardstick { stroke: #8c6d1f; stroke-width: 2.5; stroke-dasharray: 3 2; }
  .target { stroke: #2e7d32; stroke-width: 2.5; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .bar { fill: #6c9bd1; }
    .spread { stroke: #e6edf3; }
    .yardstick { stroke: #e3b341; }
    .target { stroke: #56d364; }
  }`;

/** Horizontal bars, each with its spread, its target and its yardstick, as an SVG of its own. */
export const drawChart = ({ title, unit, bars }: Chart): string => {
  const most = Math.max(...bars.flatMap(({ high, yardstick = 0, target = 0 }) => [high, yardstick, target]));
  const x = (value: number): number => LABELS + (value / (most || 1)) * (WIDTH - LABELS - VALUES);
  const height = TOP + bars.length * ROW + 10;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img">`,
    `<title>${escape(title)}</title>`,
    `<style>${STYLE}\n</style>`,
    `<text class="title" x="10" y="22">${escape(`${title}, ${unit}`)}</text>`,
    ...legend(bars),
    ...bars.flatMap((bar, index) => drawBar(bar, TOP + index * ROW, x)),
    "</svg>",
    "",
  ].join("\n");
};

const legend = (bars: readonly Bar[]): string[] => {
  const kinds = (["target", "yardstick"] as const).filter((kind) =>
    bars.some((bar) => bar[kind] !== undefined),
  );
  return kinds.flatMap((kind, index) => {
    const left = 10 + index * 110;
    return [line(kind, left, 40, left + 22, 40), `<text x="${left + 30}" y="45">${kind}</text>`];
  });
};

const drawBar = (bar: Bar, top: number, x: (value: number) => number): string[] => {
  const { label, value, low, high, yardstick, target } = bar;
  const middle = top + BAR / 2;
  const across = (kind: "yardstick" | "target", at?: number): string[] =>
    at === undefined ? [] : [line(kind, x(at), top - 4, x(at), top + BAR + 4)];
  return [
    `<text x="${LABELS - 8}" y="${middle + 4}" text-anchor="end">${escape(label)}</text>`,
    `<rect class="bar" x="${LABELS}" y="${top}" width="${fixed(x(value) - LABELS)}" height="${BAR}"/>`,
    ...(high > low ? [line("spread", x(low), middle, x(high), middle)] : []),
    ...across("yardstick", yardstick),
    ...across("target", target),
    `<text x="${fixed(besideMarks(x(Math.max(value, high)), [yardstick, target], x) + 8)}" y="${middle + 4}">${number(value)}</text>`,
  ];
};

/** Right behind the bar, and behind those marks only that would cross what is written there. */
const besideMarks = (
  end: number,
  marks: readonly (number | undefined)[],
  x: (value: number) => number,
): number =>
  marks
    .flatMap((mark) => (mark === undefined ? [] : x(mark)))
    .sort((one, other) => one - other)
    .reduce((at, mark) => (mark < at + VALUES ? Math.max(at, mark) : at), end);

const line = (kind: string, x1: number, y1: number, x2: number, y2: number): string =>
  `<line class="${kind}" x1="${fixed(x1)}" y1="${y1}" x2="${fixed(x2)}" y2="${y2}"/>`;

const fixed = (value: number): string => String(Number(value.toFixed(1)));

const escape = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
