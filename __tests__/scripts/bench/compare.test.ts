import { changesOf, compareText } from "../../../scripts/bench/compare";
import { atMost, figureOf } from "../../../scripts/bench/figure";
import { resultsOf } from "./results-of";

const of = (...samples: number[]) => resultsOf([figureOf("import", "ms", samples)]);

describe("a comparison", () => {
  it("tells what became better or worse by more than both spreads", () => {
    expect(changesOf(of(10, 11, 12), of(20, 21, 22))).toMatchObject([{ became: "worse" }]);
    expect(changesOf(of(20, 21, 22), of(10, 11, 12))).toMatchObject([{ became: "better" }]);
  });

  it("tells nothing of what lies within the spread", () => {
    expect(changesOf(of(10, 15, 20), of(14, 18, 24))).toEqual([]);
  });

  it("tells nothing of a hair's breadth where there is no spread", () => {
    expect(changesOf(of(1000), of(1010))).toEqual([]);
    expect(changesOf(of(1000), of(1100))).toHaveLength(1);
  });

  it("takes more for better where it is", () => {
    const rate = (value: number) =>
      resultsOf([figureOf("requests a second", "1/s", [value], { better: "higher" })]);
    expect(changesOf(rate(100), rate(200))).toMatchObject([{ became: "better" }]);
  });

  it("leaves alone what only one of the two runs has", () => {
    const other = resultsOf([figureOf("zip", "KB", [1])]);
    expect(changesOf(other, of(10))).toEqual([]);
    expect(changesOf(of(10), resultsOf([], { parts: { cold: { skipped: "no root" } } }))).toEqual([]);
    expect(changesOf(resultsOf([], { parts: {} }), of(10))).toEqual([]);
  });

  it("tells what is gone of the parts that were run, and what misses its target now", () => {
    const target = atMost(15, "ms");
    const before = resultsOf([figureOf("a", "ms", [10], { target }), figureOf("b", "ms", [1])]);
    const now = resultsOf([figureOf("a", "ms", [20], { target })]);
    expect(compareText(before, now).split("\n").slice(1)).toEqual([
      "worse  cold, a: 10 to 20 ms, NOT REACHED any more",
      "gone  cold, b",
    ]);
    const skipped = resultsOf([], { parts: { cold: { skipped: "It failed: no network" } } });
    expect(compareText(before, skipped)).toContain("gone  cold: skipped. It failed: no network");
    expect(compareText(before, resultsOf([], { parts: {} }))).not.toContain("gone");
    expect(compareText(before, { ...now, quick: true })).not.toContain("gone");
  });

  it("puts the largest change first, and says from where to where", () => {
    const before = resultsOf([figureOf("a", "ms", [10]), figureOf("b", "ms", [10])]);
    const now = resultsOf([figureOf("a", "ms", [11]), figureOf("b", "ms", [40])]);
    expect(compareText(before, now).split("\n")).toEqual([
      "Compared with 2026-09-01T12:00:00.000Z (abc1234):",
      "worse  cold, b: 10 to 40 ms",
      "worse  cold, a: 10 to 11 ms",
    ]);
  });

  it("says when nothing changed, and what makes two runs hard to compare", () => {
    const busy = { cores: 2, cpu: "another processor", memoryGb: 8, loadBefore: 9 };
    const text = compareText(of(10), { ...of(10), quick: true, machine: busy });
    expect(text).toContain("one of the two runs was --quick");
    expect(text).toContain("the machines differ: a processor, another processor");
    expect(text).toContain("the machine was busy before 2026-09-01T12:00:00.000Z: load 9");
    expect(text).toContain("nothing changed by more than its spread");
  });
});
