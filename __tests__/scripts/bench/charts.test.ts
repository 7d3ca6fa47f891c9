import { drawChart } from "../../../scripts/bench/chart";
import { drawCharts } from "../../../scripts/bench/charts";
import { atMost, figureOf } from "../../../scripts/bench/figure";

const bar = { label: "webhook", value: 50, low: 40, high: 60 };
const lengthOf = (svg: string): number[] =>
  [...svg.matchAll(/class="bar" x="\d+" y="\d+" width="([\d.]+)"/g)].map(([, width]) => Number(width));

describe("a chart", () => {
  it("draws bars as long as their values are", () => {
    const svg = drawChart({
      title: "Loading",
      unit: "ms",
      bars: [bar, { ...bar, value: 25, low: 25, high: 25 }],
    });
    const [long = 0, short = 0] = lengthOf(svg);
    expect(short / long).toBeCloseTo(0.5, 2);
    expect(svg.match(/class="spread"/g)).toHaveLength(1);
  });

  it("draws what a bar is measured against, even beyond it, and says which line is which", () => {
    const svg = drawChart({ title: "Loading", unit: "ms", bars: [{ ...bar, yardstick: 100, target: 25 }] });
    expect(svg.match(/<line class="yardstick"/g)).toHaveLength(2);
    expect(svg.match(/<line class="target"/g)).toHaveLength(2);
    const [length = 0] = lengthOf(svg);
    const at = Number(/<line class="yardstick" x1="([\d.]+)" y1="62"/.exec(svg)?.[1]);
    expect(at - 350).toBeCloseTo(2 * length, 0);
  });

  it("writes a value beside its bar, and not beside a mark far from it", () => {
    const at = (yardstick: number): number => {
      const svg = drawChart({ title: "Loading", unit: "ms", bars: [{ ...bar, yardstick }] });
      return Number(/<text x="([\d.]+)" y="\d+">50</.exec(svg)?.[1]);
    };
    const beyond = (x: number): number => x - 350 - 8;
    expect(beyond(at(600))).toBeCloseTo((60 / 600) * 390, 0);
    expect(beyond(at(65))).toBeCloseTo(390, 0);
  });

  it("can be read on white and on black", () => {
    expect(drawChart({ title: "Loading", unit: "ms", bars: [bar] })).toContain("prefers-color-scheme: dark");
  });

  it("is text to the last letter of a name", () => {
    const svg = drawChart({ title: "a < b & c", unit: "ms", bars: [{ ...bar, label: "<script>" }] });
    expect(svg).toContain("a &lt; b &amp; c");
    expect(svg).not.toContain("<script>");
  });

  it("survives nothing but zeros", () => {
    const zero = { label: "surplus", value: 0, low: 0, high: 0 };
    expect(lengthOf(drawChart({ title: "Surplus", unit: "machines", bars: [zero] }))).toEqual([0]);
  });
});

describe("the charts of a run", () => {
  it("are made of the figures that belong to them", () => {
    const figures = [
      figureOf("webhook: import, Node 22", "ms", [20], { target: atMost(25, "ms") }),
      figureOf("webhook: peak memory, Node 22", "MB", [40]),
    ];
    const charts = drawCharts({ cold: { figures } });
    expect([...charts.keys()]).toEqual(["import.svg"]);
    expect(charts.get("import.svg")).toContain(">webhook</text>");
    expect(charts.get("import.svg")).not.toContain("peak memory");
  });

  it("leave out a part that was skipped", () => {
    expect(drawCharts({ boot: { skipped: "It needs root." } }).size).toBe(0);
  });
});
