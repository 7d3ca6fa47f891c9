import { ALARM_METRIC } from "./contract";
import { logger } from "./logger";

/**
 * Says that a person has to look, where throwing would bring back messages that are safely written down: an error in
 * the log that is at the same time one count of {@link ALARM_METRIC} (CloudWatch's embedded metric format:
 * no call, no permission).
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export const ringAlarm = (
  installation: string,
  message: string,
  fields: Readonly<Record<string, unknown>> = {},
): void => {
  const { namespace, name, dimension } = ALARM_METRIC;
  const metrics = [{ Name: name, Unit: "Count" }];
  const directive = { Namespace: namespace, Dimensions: [[dimension]], Metrics: metrics };
  logger.error(message, {
    ...fields,
    [dimension]: installation,
    [name]: 1,
    _aws: { Timestamp: Date.now(), CloudWatchMetrics: [directive] },
  });
};
