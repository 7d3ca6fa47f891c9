import { ringAlarm } from "../../../functions/shared/alarm";

it("says in one line of the log what is wrong, and counts it as a metric", () => {
  const line = jest.spyOn(console, "error").mockReturnValue();

  ringAlarm("runners", "launch refused", { fleet: "linux-x64" });

  const [text] = line.mock.calls[0] as [string];
  expect(text).not.toContain("\n");
  expect(JSON.parse(text)).toMatchObject({
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
  line.mockRestore();
});
