import type { Metric } from "./contract";

/**
 * Fields that make a line of the log a value of a metric at the same time (CloudWatch's embedded metric format: no call,
 * no permission).
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 *
 * @example logger.info("machines", { machines, ...amountOf(installation, MACHINE_HOURS_METRIC, hours) });
 */
export const amountOf = (
  installation: string,
  { namespace, name, dimension, unit }: Metric,
  amount: number,
): Readonly<Record<string, unknown>> => {
  const metrics = [{ Name: name, Unit: unit }];
  const directive = { Namespace: namespace, Dimensions: [[dimension]], Metrics: metrics };
  return {
    [dimension]: installation,
    [name]: amount,
    _aws: { Timestamp: Date.now(), CloudWatchMetrics: [directive] },
  };
};

/**
 * The same for one count.
 *
 * @example logger.info("rebalance recommended", { fleet, ...countOf(installation, REBALANCE_METRIC) });
 */
export const countOf = (installation: string, metric: Metric): Readonly<Record<string, unknown>> =>
  amountOf(installation, metric, 1);
