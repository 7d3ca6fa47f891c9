import { atMost, figureOf } from "../../../scripts/bench/figure";
import { number, tableOf } from "../../../scripts/bench/table";

describe("the table", () => {
  it("shows each figure with its unit, its spread, its target and its yardstick", () => {
    const figures = [
      figureOf("webhook: import", "ms", [24, 25, 30, 31], {
        target: atMost(25, "ms"),
        yardstick: { name: "peer", value: 157 },
      }),
      figureOf("webhook: zip", "KB", [26.14], { target: atMost(45, "KB") }),
    ];
    expect(tableOf({ cold: { figures } }).split("\n")).toEqual([
      "cold                 value  spread                         target and yardstick",
      "  webhook: import  27.5 ms  24.8 to 30.3 (4)  NOT REACHED  at most 25 ms; peer: 157",
      "  webhook: zip     26.1 KB                    reached      at most 45 KB",
    ]);
  });

  it("says why a part was skipped", () => {
    expect(tableOf({ boot: { skipped: "It needs root." } })).toBe("boot: skipped. It needs root.");
  });

  it("writes numbers as a person does", () => {
    expect([0.05, 1.2345, 27.52, 854.6, 12_345].map(number)).toEqual([
      "0.05",
      "1.235",
      "27.5",
      "855",
      "12,345",
    ]);
  });
});
