import { strings, textOf } from "../../audit/model";
import { grantsIn } from "./grants";
import type { Attributes } from "../../audit/model";
import type { Condition, Grant } from "./grants";

/** What a policy is about: `trust`: who may take the role; `resource`: who may use what it stands on. */
export type About = "role" | "trust" | "resource";

/** Where a policy stands. */
export interface Carrier {
  readonly attribute: string;
  readonly about: About;
  /** Attribute that names the identity it belongs to, and the type of that. */
  readonly owner?: readonly [attribute: string, type: string];
  /** It limits what passes, and without it everything does. */
  readonly isLimit?: boolean;
  /** Absent: the attribute holds a policy. */
  readonly grants?: (attributes: Attributes) => readonly Grant[];
}

const conditionOf = (operator: string, key: string, value: unknown): readonly Condition[] => {
  const values = strings(value).filter((one) => one !== "");
  return values.length === 0 ? [] : [{ operator, ifExists: false, key, values }];
};

/** https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html */
const permission = (attributes: Attributes): readonly Grant[] => {
  const principal = textOf(attributes.principal) ?? "";
  if (principal === "") return [];
  const kind = /\.amazonaws\.com(\.cn)?$/.test(principal) ? "Service" : "AWS";
  return [
    {
      sid: textOf(attributes.statement_id) ?? "",
      effect: "Allow",
      actions: { except: false, all: strings(attributes.action) },
      resources: { except: false, all: strings(attributes.function_name) },
      principals: { except: false, all: [principal === "*" ? "*" : `${kind}:${principal}`] },
      conditions: [
        ...conditionOf("ArnLike", "aws:SourceArn", attributes.source_arn),
        ...conditionOf("StringEquals", "aws:SourceAccount", attributes.source_account),
        ...conditionOf("StringEquals", "aws:PrincipalOrgID", attributes.principal_org_id),
        ...conditionOf("StringEquals", "lambda:EventSourceToken", attributes.event_source_token),
      ],
    },
  ];
};

const ofIdentity = (attribute: string, type: string): Carrier => ({
  attribute: "policy",
  about: "role",
  owner: [attribute, type],
});

const ofResource = (attribute = "policy"): Carrier => ({ attribute, about: "resource" });

export const CARRIERS: Readonly<Record<string, Carrier>> = {
  aws_iam_role_policy: ofIdentity("role", "aws_iam_role"),
  aws_iam_user_policy: ofIdentity("user", "aws_iam_user"),
  aws_iam_group_policy: ofIdentity("group", "aws_iam_group"),
  aws_iam_policy: { attribute: "policy", about: "role" },
  aws_iam_role: { attribute: "assume_role_policy", about: "trust" },
  aws_lambda_permission: { ...ofResource("principal"), grants: permission },
  aws_vpc_endpoint: { ...ofResource(), isLimit: true },
  aws_vpc_endpoint_policy: { ...ofResource(), isLimit: true },
  aws_api_gateway_rest_api: ofResource(),
  aws_api_gateway_rest_api_policy: ofResource(),
  aws_backup_vault_policy: ofResource(),
  aws_cloudwatch_event_bus_policy: ofResource(),
  aws_cloudwatch_log_destination_policy: ofResource("access_policy"),
  aws_cloudwatch_log_resource_policy: ofResource("policy_document"),
  aws_codeartifact_repository_permissions_policy: ofResource("policy_document"),
  aws_dynamodb_resource_policy: ofResource(),
  aws_ecr_registry_policy: ofResource(),
  aws_ecr_repository_policy: ofResource(),
  aws_efs_file_system_policy: ofResource(),
  aws_kms_external_key: ofResource(),
  aws_kms_key: ofResource(),
  aws_kms_key_policy: ofResource(),
  aws_kms_replica_key: ofResource(),
  aws_opensearch_domain: ofResource("access_policies"),
  aws_opensearch_domain_policy: ofResource("access_policies"),
  aws_s3_bucket: ofResource(),
  aws_s3_bucket_policy: ofResource(),
  aws_secretsmanager_secret: ofResource(),
  aws_secretsmanager_secret_policy: ofResource(),
  aws_sns_topic: ofResource(),
  aws_sns_topic_policy: ofResource(),
  aws_sqs_queue: ofResource(),
  aws_sqs_queue_policy: ofResource(),
};

const LATER = "what is known after the apply only";

/** @param unknown what becomes known later; what stands in a policy is told as unseen elsewhere */
export const grantsOf = (
  attributes: Attributes,
  { attribute, grants }: Carrier,
  unknown: Attributes = {},
): readonly Grant[] => {
  if (grants === undefined) return grantsIn(textOf(attributes[attribute]) ?? "") ?? [];
  const later = Object.keys(unknown).filter((name) => unknown[name] === true && name !== "statement_id");
  return grants({ ...attributes, ...Object.fromEntries(later.map((name) => [name, LATER])) });
};
