import { atMost, figureOf, NONE } from "../../../scripts/bench/figure";

describe("a figure", () => {
  it("reaches its target up to the limit itself", () => {
    expect(figureOf("time", "ms", [25], { target: atMost(25, "ms") })).toMatchObject({
      reached: true,
      target: { words: "at most 25 ms", limit: 25 },
    });
    expect(figureOf("time", "ms", [25.1], { target: atMost(25, "ms") }).reached).toBe(false);
    expect(figureOf("surplus", "machines", [1], { target: NONE }).reached).toBe(false);
  });

  it("is judged by its median", () => {
    expect(figureOf("time", "ms", [10, 20, 300], { target: atMost(25, "ms") }).reached).toBe(true);
  });

  it("reaches a target from above where more is better", () => {
    const target = { words: "at least 100", limit: 100 };
    expect(figureOf("rate", "1/s", [120], { better: "higher", target }).reached).toBe(true);
    expect(figureOf("rate", "1/s", [80], { better: "higher", target }).reached).toBe(false);
  });

  it("says nothing of a target that it has not", () => {
    expect(figureOf("calls", "calls", [8])).toEqual({
      name: "calls",
      unit: "calls",
      value: 8,
      low: 8,
      high: 8,
      samples: 1,
      better: "lower",
    });
  });
});
