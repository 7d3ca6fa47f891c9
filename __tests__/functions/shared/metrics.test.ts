import { REBALANCE_METRIC } from "../../../functions/shared/contract";
import { countOf } from "../../../functions/shared/metrics";

it("makes a line of the log one count of the metric, for one installation", () => {
  expect(countOf("runners", REBALANCE_METRIC)).toEqual({
    installation: "runners",
    RebalanceRecommendations: 1,
    _aws: {
      Timestamp: expect.any(Number) as number,
      CloudWatchMetrics: [
        {
          Namespace: "EphemeralRunners",
          Dimensions: [["installation"]],
          Metrics: [{ Name: "RebalanceRecommendations", Unit: "Count" }],
        },
      ],
    },
  });
});
