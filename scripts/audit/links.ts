import { givenTexts, isObject, jsonIn, refersTo, strings, textOf, textsIn } from "./model";
import { readSettings } from "./settings";
import type { Resource } from "./model";

/** `from` names `to`: as a part of it ("attached"), or as what it works with ("used"). */
export interface Link {
  readonly from: Resource;
  readonly to: Resource;
  readonly attribute: string;
  readonly direction: "attached" | "used";
}

type Rule = readonly [type: string, attribute: string, to: readonly string[]];

const FUNCTION = ["aws_lambda_function"];
const ROLE = ["aws_iam_role"];
const QUEUE = ["aws_sqs_queue"];
const GROUP = ["aws_security_group"];
const API = ["aws_apigatewayv2_api"];
const TABLE = ["aws_dynamodb_table"];

/** What gives a role its rights, and the attribute that names the role. */
export const ROLE_OF_POLICY: Readonly<Record<string, string>> = {
  aws_iam_policy_attachment: "roles",
  aws_iam_role_policy: "role",
  aws_iam_role_policy_attachment: "role",
  aws_iam_role_policy_attachments_exclusive: "role_name",
};

/** The one that names belongs to the one that is named. */
const ATTACHED: readonly Rule[] = [
  ["aws_apigatewayv2_integration", "api_id", API],
  ["aws_apigatewayv2_route", "api_id", API],
  ["aws_apigatewayv2_stage", "api_id", API],
  ["aws_cloudwatch_event_target", "arn", FUNCTION],
  ["aws_cloudwatch_metric_alarm", "dimensions", [...FUNCTION, ...QUEUE, ...API]],
  ["aws_dynamodb_kinesis_streaming_destination", "table_name", TABLE],
  ["aws_dynamodb_resource_policy", "resource_arn", TABLE],
  ["aws_iam_instance_profile", "role", ROLE],
  ...Object.entries(ROLE_OF_POLICY).map(([type, attribute]): Rule => [type, attribute, ROLE]),
  ["aws_lambda_event_source_mapping", "function_name", FUNCTION],
  ["aws_lambda_function_url", "function_name", FUNCTION],
  ["aws_lambda_permission", "function_name", FUNCTION],
  ["aws_security_group_rule", "security_group_id", GROUP],
  ["aws_sqs_queue_policy", "queue_url", QUEUE],
  ["aws_sqs_queue_redrive_allow_policy", "queue_url", QUEUE],
  ["aws_sqs_queue_redrive_policy", "queue_url", QUEUE],
  ["aws_vpc_security_group_egress_rule", "security_group_id", GROUP],
  ["aws_vpc_security_group_ingress_rule", "security_group_id", GROUP],
  ["github_organization_webhook", "configuration", API],
  ["github_repository_webhook", "configuration", API],
];

/** The one that names works with the one that is named. */
const USED: readonly Rule[] = [
  ["aws_cloudwatch_event_target", "rule", ["aws_cloudwatch_event_rule"]],
  ["aws_iam_instance_profile", "role", ROLE],
  ["aws_iam_policy_attachment", "policy_arn", ["aws_iam_policy"]],
  ["aws_iam_role_policy_attachment", "policy_arn", ["aws_iam_policy"]],
  ["aws_iam_role_policy_attachments_exclusive", "policy_arns", ["aws_iam_policy"]],
  ["aws_lambda_event_source_mapping", "event_source_arn", QUEUE],
  ["aws_lambda_function", "role", ROLE],
  ["aws_launch_template", "iam_instance_profile", ["aws_iam_instance_profile"]],
  ["aws_launch_template", "network_interfaces", GROUP],
  ["aws_launch_template", "vpc_security_group_ids", GROUP],
  ["aws_launch_template", "security_group_names", GROUP],
  ["aws_sqs_queue", "redrive_policy", QUEUE],
  [
    "aws_ssm_parameter",
    "insecure_value",
    ["aws_iam_role", "aws_launch_template", "aws_subnet", "github_actions_runner_group"],
  ],
];

/** What the settings of a function name. */
const SETTINGS_NAME = ["aws_dynamodb_table", "aws_lambda_function", "aws_sqs_queue", "aws_ssm_parameter"];

export const linksOf = (resources: readonly Resource[]): readonly Link[] => {
  const byType = groupByType(resources);
  const named = (from: Resource, attribute: string, texts: readonly string[], to: readonly string[]) =>
    to
      .flatMap((type) => byType.get(type) ?? [])
      .filter((one) => one !== from && texts.some((text) => refersTo(text, one)))
      .map((one) => ({ from, to: one, attribute }));
  const byRule = (rules: readonly Rule[]) =>
    rules.flatMap(([type, attribute, to]) =>
      (byType.get(type) ?? []).flatMap((from) =>
        named(from, attribute, givenTexts(from, attribute).flatMap(inJson), to),
      ),
    );
  const bySettings = (byType.get("aws_lambda_function") ?? []).flatMap((from) =>
    named(from, "environment", settingsTexts(from), SETTINGS_NAME),
  );
  return [
    ...byRule(ATTACHED).map((link) => ({ ...link, direction: "attached" as const })),
    ...[...byRule(USED), ...bySettings].map((link) => ({ ...link, direction: "used" as const })),
  ];
};

const groupByType = (resources: readonly Resource[]): ReadonlyMap<string, readonly Resource[]> => {
  const byType = new Map<string, Resource[]>();
  for (const resource of resources)
    byType.set(resource.type, [...(byType.get(resource.type) ?? []), resource]);
  return byType;
};

/** JSON within a text is taken apart too: in a plan it holds plain names. */
const inJson = (text: string): readonly string[] => {
  const json = jsonIn(text);
  return isObject(json) ? textsIn(json).map(([, one]) => one) : [text];
};

const settingsTexts = ({ attributes }: Resource): readonly string[] => {
  const settings = readSettings(attributes);
  if (settings === undefined) return [];
  const prefix = textOf(settings.fleetParameterPrefix);
  const fleets = prefix === undefined ? [] : strings(settings.fleets).map((fleet) => `${prefix}${fleet}`);
  return [...textsIn(settings).flatMap(([, text]) => inJson(text)), ...fleets];
};
