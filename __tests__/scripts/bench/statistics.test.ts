import { median, quantile, round, spreadOf } from "../../../scripts/bench/statistics";

describe("statistics", () => {
  it("take a quantile between two samples in proportion, in whatever order they come", () => {
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
    expect(quantile([10, 20, 30], 0.25)).toBe(15);
    expect(quantile([5], 0.99)).toBe(5);
    expect(quantile([1, 2, 3], 0)).toBe(1);
    expect(quantile([1, 2, 3], 1)).toBe(3);
    expect(median([3, 1, 100])).toBe(3);
  });

  it("leave the samples as they are", () => {
    const samples = [3, 1, 2];
    spreadOf(samples);
    expect(samples).toEqual([3, 1, 2]);
  });

  it("say the median with the quartiles around it, so that one stray sample moves neither", () => {
    expect(spreadOf([1, 2, 3, 4, 1000])).toEqual({ value: 3, low: 2, high: 4, samples: 5 });
    expect(spreadOf([7])).toEqual({ value: 7, low: 7, high: 7, samples: 1 });
  });

  it("refuse to make a figure of nothing", () => {
    expect(() => spreadOf([])).toThrow("There are no samples");
  });

  it("round to what a figure can mean", () => {
    expect([round(0.123456), round(1234.56), round(0)]).toEqual([0.1235, 1235, 0]);
  });
});
