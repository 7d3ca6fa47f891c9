import { isObject, strings, textsIn, withoutIndex } from "../../audit/model";
import { differencesOf } from "../differences";
import { CARRIERS } from "../iam/carriers";
import { listed, phrase } from "../phrase";
import { CODE } from "./code";
import { GROUP_TYPES, NETWORK_ATTRIBUTES, RULE_TYPES } from "./network";
import { at, RULES } from "./protections";
import type { Matter } from "../matters";
import type { Change, Plan } from "../plan";

/**
 * A verdict is green only where every change is known to be harmless or judged by a rule: what stands in no table here is
 * left to the reviewer.
 */

/** What does nothing by itself when it is new, or is judged by rules then. */
const HARMLESS_WHEN_NEW = new Set([
  "aws_apigatewayv2_api",
  "aws_cloudwatch_dashboard",
  "aws_cloudwatch_event_rule",
  "aws_cloudwatch_log_group",
  "aws_cloudwatch_metric_alarm",
  "aws_dynamodb_table",
  "aws_iam_policy",
  "aws_iam_role",
  "aws_iam_role_policy",
  "aws_kms_alias",
  "aws_kms_key",
  "aws_lambda_permission",
  "aws_security_group",
  "aws_sns_topic",
  "aws_sqs_queue",
  "aws_sqs_queue_policy",
  "aws_ssm_parameter",
  "aws_vpc",
  "aws_vpc_security_group_egress_rule",
  "aws_vpc_security_group_ingress_rule",
  "github_actions_runner_group",
  // Commands that it may run have a rule of their own.
  "terraform_data",
]);

/** Harmless when it is new, if whatever these attributes name is new too. */
const JOINS: Readonly<Record<string, readonly string[]>> = {
  aws_apigatewayv2_integration: ["api_id", "integration_uri"],
  aws_apigatewayv2_route: ["api_id"],
  aws_apigatewayv2_stage: ["api_id"],
  aws_cloudwatch_event_target: ["rule", "arn"],
  aws_default_security_group: ["vpc_id"],
  aws_iam_instance_profile: ["role"],
  aws_internet_gateway: ["vpc_id"],
  aws_lambda_event_source_mapping: ["function_name", "event_source_arn"],
  aws_lambda_function: ["role"],
  aws_launch_template: ["iam_instance_profile.arn", "iam_instance_profile.name"],
  aws_main_route_table_association: ["vpc_id", "route_table_id"],
  aws_route: ["route_table_id", "gateway_id"],
  aws_route_table: ["vpc_id"],
  aws_route_table_association: ["subnet_id", "route_table_id"],
  aws_sqs_queue_redrive_allow_policy: ["queue_url"],
  aws_subnet: ["vpc_id"],
  aws_vpc_endpoint: ["vpc_id"],
  github_organization_webhook: ["configuration.url"],
  github_repository_webhook: ["configuration.url"],
};

const HARMLESS_CHANGES = ["description", "tags"];

const HARMLESS_CHANGES_OF: Readonly<Record<string, readonly string[]>> = {
  aws_cloudwatch_dashboard: ["dashboard_body"],
  aws_cloudwatch_metric_alarm: ["alarm_description"],
  aws_lambda_function: ["ephemeral_storage", "memory_size", "timeout"],
};

/** Conditions of policies compare them. */
const TAG_OF_RIGHTS = /^tags\.ephemeral-runners:/;

/** Whose name a value is, where it is one that the plan knows before the apply. */
const NAMES: Readonly<Record<string, string>> = {
  function_name: "aws_lambda_function",
  "iam_instance_profile.name": "aws_iam_instance_profile",
  role: "aws_iam_role",
  rule: "aws_cloudwatch_event_rule",
};

const created = ({ changes }: Plan): readonly Change[] => changes.filter(({ action }) => action === "create");

const isCreated = (plan: Plan, reference: string): boolean =>
  created(plan).some(({ address }) => withoutIndex(reference).startsWith(`${withoutIndex(address)}.`));

/** A reference that the stack beside the plan filled in, or a name. */
const isNewValue = (plan: Plan, text: string, type: string | undefined): boolean =>
  created(plan).some(
    ({ address, type: own, after }) =>
      text.startsWith(`\${${address}.`) ||
      (own === type && [after.name, after.function_name].some((name) => name === text)),
  );

const referencesIn = (written: unknown): readonly string[] => {
  if (Array.isArray(written)) return written.flatMap(referencesIn);
  if (!isObject(written)) return [];
  const own = strings(written.references);
  const longest = own.filter((one) => !own.some((other) => other.startsWith(`${one}.`)));
  return [...longest, ...Object.values(written).flatMap(referencesIn)].filter(
    (one) => !one.startsWith("data."),
  );
};

/** Whether what the attribute names is created by the same plan; so is what it does not name at all. */
const joinsNew = ({ after, written }: Change, attribute: string, plan: Plan): boolean => {
  const known = textsIn(at(after, attribute)).filter(([, text]) => text !== "");
  if (known.length > 0) return known.every(([, text]) => isNewValue(plan, text, NAMES[attribute]));
  return referencesIn(at(written, attribute)).every((one) => isCreated(plan, one));
};

const isHarmlessWhenNew = (change: Change, plan: Plan): boolean =>
  HARMLESS_WHEN_NEW.has(change.type) ||
  (JOINS[change.type]?.every((attribute) => joinsNew(change, attribute, plan)) ?? false);

/** Attributes of the type, or paths below them, that rules look at. */
const judged = (type: string): readonly string[] => [
  ...(CARRIERS[type] === undefined ? [] : [CARRIERS[type].attribute]),
  ...(CODE[type] ?? []).flatMap(({ attributes }) => attributes),
  ...RULES.filter(({ types }) => types === undefined || types.includes(type)).map(({ path }) => path),
  ...(type in RULE_TYPES || type === "aws_security_group_rule" ? NETWORK_ATTRIBUTES : []),
  ...(GROUP_TYPES.has(type) ? ["egress", "ingress"] : []),
];

const isBelow = (path: string, top: string): boolean =>
  path === top || path.startsWith(`${top}.`) || path.startsWith(`${top}[`);

/** What is known later only has not been judged. */
const openPaths = (change: Change, plan: Plan): readonly string[] => {
  const harmless = [...HARMLESS_CHANGES, ...(HARMLESS_CHANGES_OF[change.type] ?? [])];
  const known = judged(change.type);
  const policy = CARRIERS[change.type]?.attribute;
  return differencesOf(change, plan.paths)
    .shown.filter(
      ({ path, form }) =>
        TAG_OF_RIGHTS.test(path) ||
        // Of a policy that is known later only, the rules tell that themselves.
        !(
          path === policy ||
          [...harmless, ...(form === "later" ? [] : known)].some((one) => isBelow(path, one))
        ),
    )
    .map(({ path }) => path);
};

const matterOf = (change: Change, plan: Plan): readonly Matter[] => {
  const base = { kind: "unjudged", level: "attention", address: change.address } as const;
  if (change.action === "create")
    return isHarmlessWhenNew(change, plan)
      ? []
      : [{ ...base, text: ["is new, and no rule tells what it opens"] }];
  if (change.action !== "update") return [];
  const paths = openPaths(change, plan);
  return paths.length === 0 ? [] : [{ ...base, text: phrase`changes ${listed(paths)}` }];
};

/** @param matters what other rules tell: a resource that they point at is looked at anyway */
export const unjudged = (plan: Plan, matters: readonly Matter[]): readonly Matter[] => {
  const told = new Set(matters.filter(({ level }) => level !== "notice").map(({ address }) => address));
  return plan.changes.filter(({ address }) => !told.has(address)).flatMap((change) => matterOf(change, plan));
};
