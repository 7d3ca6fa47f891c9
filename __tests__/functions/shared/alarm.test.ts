import { ringAlarm } from "../../../functions/shared/alarm";
import { captureLogs } from "../../support/logs";

it("says in one line of the log what is wrong, and counts it as a metric", () => {
  const logs = captureLogs();

  ringAlarm("runners", "launch refused", { fleet: "linux-x64" });

  logs.restore();
  expect(logs.lines()).toHaveLength(1);
  expect(logs.lines()[0]).toMatchObject({
    level: "ERROR",
    message: "launch refused",
    fleet: "linux-x64",
    installation: "runners",
    Alarms: 1,
    _aws: {
      Timestamp: expect.any(Number) as number,
      CloudWatchMetrics: [
        {
          Namespace: "EphemeralRunners",
          Dimensions: [["installation"]],
          Metrics: [{ Name: "Alarms", Unit: "Count" }],
        },
      ],
    },
  });
});
