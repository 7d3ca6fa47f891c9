import type { FunctionProps } from "../../../constructs";
import type { Attributes } from "../../support/synth";

/** The props that every construct takes, or most do: each with a value, and with every resource that must show it. */

export type CommonKey = keyof FunctionProps;

export interface CommonRow<V> {
  readonly value: V;
  /** What of a resource, by its type, must be different; undefined: this prop is not for it. */
  readonly at: (type: string, attributes: Attributes) => unknown;
}

const KEY = "arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d";

/** Where each type of resource names its customer-managed key. */
const KEY_OF: Readonly<Record<string, (attributes: Attributes) => unknown>> = {
  aws_cloudwatch_log_group: ({ kms_key_id: key }) => ({ key }),
  aws_sqs_queue: ({ kms_master_key_id: key }) => ({ key }),
  aws_dynamodb_table: ({ server_side_encryption: key }) => ({ key }),
  aws_launch_template: ({ block_device_mappings: key }) => ({ key }),
  // What writes its own log, and does nothing else, uses no key.
  aws_iam_role_policy: ({ policy: key }) => (String(key).split('"Sid"').length > 2 ? { key } : undefined),
  aws_ssm_parameter: ({ type, key_id: key }) => (type === "SecureString" ? { key } : undefined),
};

const of =
  (wanted: string, key: string) =>
  (type: string, attributes: Attributes): unknown =>
    type === wanted ? { value: attributes[key] } : undefined;

/** Roles alone: nothing is put under it. */
const usesKey = (type: string, attributes: Attributes): unknown =>
  type === "aws_iam_role_policy" ? KEY_OF[type]?.(attributes) : undefined;

/** A new common prop does not compile until it has a row here. */
export const COMMON_ROWS: { readonly [K in CommonKey]-?: CommonRow<NonNullable<FunctionProps[K]>> } = {
  prefix: {
    value: "other",
    at: (_type, { tags, name, function_name, alarm_name }) =>
      tags === undefined ? undefined : { tags, name, function_name, alarm_name },
  },
  tags: { value: { team: "platform" }, at: (_type, { tags }) => (tags === undefined ? undefined : { tags }) },
  permissionsBoundaryArn: {
    value: "arn:aws:iam::111122223333:policy/boundary",
    at: of("aws_iam_role", "permissions_boundary"),
  },
  kmsKeyArn: { value: KEY, at: (type, attributes) => KEY_OF[type]?.(attributes) },
  furtherKmsKeyArn: { value: KEY, at: usesKey },
  logRetentionDays: { value: 7, at: of("aws_cloudwatch_log_group", "retention_in_days") },
  alarmActions: {
    value: ["arn:aws:sns:eu-west-1:111122223333:alarms"],
    at: of("aws_cloudwatch_metric_alarm", "alarm_actions"),
  },
  runtime: { value: "nodejs24.x", at: of("aws_lambda_function", "runtime") },
};
