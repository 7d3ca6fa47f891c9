import { CloudwatchMetricAlarm } from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
import { tagsOf } from "./common";
import { asList } from "./lists";
import type { CommonProps } from "./common";
import type { CloudwatchMetricAlarmConfig } from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
import type { Construct } from "constructs";

type AlarmConfig = Required<
  Pick<CloudwatchMetricAlarmConfig, "alarmName" | "namespace" | "metricName" | "statistic" | "dimensions">
> & {
  /** What it means, and what to do about it. */
  readonly alarmDescription: string;
  /** The alarm rings above it. Default: 0 */
  readonly threshold?: number;
  /** Default: "GreaterThanThreshold" */
  readonly comparisonOperator?: "GreaterThanThreshold" | "LessThanThreshold";
  /** Seconds over which it is counted. Default: 300 */
  readonly period?: number;
};

/** An alarm that rings when, within its period, a metric passes its threshold. No data is no reason to ring. */
export const createAlarm = (
  scope: Construct,
  id: string,
  props: CommonProps,
  { threshold = 0, period = 300, comparisonOperator = "GreaterThanThreshold", ...config }: AlarmConfig,
): CloudwatchMetricAlarm =>
  new CloudwatchMetricAlarm(scope, id, {
    ...config,
    threshold,
    period,
    evaluationPeriods: 1,
    comparisonOperator,
    treatMissingData: "notBreaching",
    alarmActions: props.alarmActions && [...asList(props.alarmActions)],
    tags: tagsOf(props),
  });
