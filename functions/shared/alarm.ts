import { logger } from "./logger";

export const METRIC_NAMESPACE = "EphemeralRunners";
export const ALARM_METRIC = "Alarms";

/**
 * Says that a person has to look, where throwing would bring back messages that are safely written down: an error in
 * the log that is at the same time one count of the metric `EphemeralRunners/Alarms` by installation (CloudWatch's
 * embedded metric format: no call, no permission), for an alarm to watch.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export const ringAlarm = (
  installation: string,
  message: string,
  fields: Readonly<Record<string, unknown>> = {},
): void => {
  const metric = { Name: ALARM_METRIC, Unit: "Count" };
  const directive = { Namespace: METRIC_NAMESPACE, Dimensions: [["installation"]], Metrics: [metric] };
  logger.error(message, {
    ...fields,
    installation,
    [ALARM_METRIC]: 1,
    _aws: { Timestamp: Date.now(), CloudWatchMetrics: [directive] },
  });
};
