import { block, isFalse, isTrue, numberOf, strings, textOf } from "../../audit/model";
import { phrase } from "../phrase";
import { stands } from "../plan";
import type { Attributes } from "../../audit/model";
import type { Level, Matter, MatterKind } from "../matters";
import type { Phrase } from "../phrase";
import type { Plan } from "../plan";

/** One attribute, and which change of it takes protection away. */
interface Rule {
  readonly kind: MatterKind;
  readonly level: Level;
  /** Types of resources; absent: all that have the attribute. */
  readonly types?: readonly string[];
  /** Below blocks: `metadata_options.http_tokens`. */
  readonly path: string;
  /** Absent for a value that was not there. */
  readonly isLost: (before: unknown, after: unknown, isNew: boolean) => boolean;
  readonly tell: (before: string, after: string) => Phrase;
}

/** What stands at a path below blocks. */
export const at = (attributes: Attributes, path: string): unknown => {
  const names = path.split(".");
  const last = names.pop()!;
  return names.reduce<Attributes>((within, name) => block(within[name]), attributes)[last];
};

const isSet = (value: unknown): boolean => strings(value).some((one) => one !== "");

const switchedOff = (before: unknown, after: unknown): boolean => isTrue(before) && !isTrue(after);
const switchedOn = (before: unknown, after: unknown): boolean => !isTrue(before) && isTrue(after);
const takenAway = (before: unknown, after: unknown): boolean => isSet(before) && !isSet(after);
const raised = (before: unknown, after: unknown, isNew: boolean): boolean =>
  (numberOf(after) ?? 0) > (isNew ? 1 : (numberOf(before) ?? 1));
/** 0 is for ever. */
const shortened = (before: unknown, after: unknown, isNew: boolean): boolean => {
  const [old, now] = [before, after].map((one) => numberOf(one) || Infinity);
  return !isNew && now! < old!;
};
const became =
  (bad: string) =>
  (before: unknown, after: unknown): boolean =>
    before !== bad && after === bad;
const noLonger =
  (good: string) =>
  (before: unknown, after: unknown, isNew: boolean): boolean =>
    (isNew || before === good) && after !== undefined && after !== good;

const protection = (
  path: string,
  isLost: Rule["isLost"],
  tell: Rule["tell"],
  more: Partial<Rule> = {},
): Rule => ({ kind: "protection-lost", level: "danger", path, isLost, tell, ...more });

const door = (
  types: readonly string[],
  path: string,
  isLost: Rule["isLost"],
  tell: Rule["tell"],
  level: Level = "danger",
): Rule => ({ kind: "public-access", level, types, path, isLost, tell });

/** What something that stands does its work as. */
const runsAs = (types: readonly string[], path: string): Rule => ({
  kind: "iam-widened",
  level: "danger",
  types,
  path,
  isLost: (before, after, isNew) => !isNew && isSet(after) && before !== after,
  tell: (before, after) => phrase`has the rights of ${after} in place of those of ${before}`,
});

/** By which a function loads other code than its own. https://docs.aws.amazon.com/lambda/latest/dg/runtimes-modify.html */
const LOADERS = ["AWS_LAMBDA_EXEC_WRAPPER", "LD_LIBRARY_PATH", "LD_PRELOAD", "NODE_OPTIONS", "NODE_PATH"];

const TEMPLATE = ["aws_launch_template"];
const off = (what: string) => (): Phrase => [`${what} is switched off`];

export const RULES: readonly Rule[] = [
  protection("metadata_options.http_tokens", noLonger("required"), () => [
    "IMDSv1 answers, which needs no session",
  ]),
  protection(
    "metadata_options.http_put_response_hop_limit",
    raised,
    (_, after) => phrase`the metadata service answers over ${after} hops: containers reach it`,
  ),
  protection("instance_initiated_shutdown_behavior", noLonger("terminate"), () => [
    "a machine that powers off is kept, and paid for",
  ]),
  protection(
    "key_name",
    (before, after) => isSet(after) && before !== after,
    () => ["a key pair lets people log in"],
  ),
  protection("point_in_time_recovery.enabled", switchedOff, off("point-in-time recovery")),
  protection("deletion_protection_enabled", switchedOff, off("protection against deletion")),
  protection("deletion_protection", switchedOff, off("protection against deletion")),
  protection("disable_api_termination", switchedOff, off("protection against termination")),
  protection("sqs_managed_sse_enabled", switchedOff, off("encryption")),
  protection("server_side_encryption.enabled", switchedOff, off("encryption with a key of KMS")),
  protection("block_device_mappings.ebs.encrypted", switchedOff, off("encryption of the disk")),
  protection("is_enabled", switchedOff, off("the key"), { types: ["aws_kms_key", "aws_kms_external_key"] }),
  protection("state", became("DISABLED"), off("the rule"), { types: ["aws_cloudwatch_event_rule"] }),
  protection("enable_logging", switchedOff, off("the trail")),
  protection("versioning_configuration.status", noLonger("Enabled"), off("versioning")),
  protection("force_destroy", switchedOn, () => [
    "is destroyed with all that is in it, where it was kept before",
  ]),
  protection("enable_key_rotation", switchedOff, off("rotation of the key")),
  ...["kms_key_arn", "kms_key_id", "kms_master_key_id", "key_id"].map((name) =>
    protection(name, takenAway, (before) => phrase`is no longer encrypted with ${before}`),
  ),
  protection(
    "deletion_window_in_days",
    shortened,
    (before, after) => phrase`a deleted key can be saved for ${after} days in place of ${before}`,
  ),
  protection(
    "retention_in_days",
    shortened,
    (before, after) => phrase`logs are kept for ${after} days in place of ${before}`,
    { level: "attention" },
  ),
  protection("actions_enabled", (before, after) => !isFalse(before) && isFalse(after), off("the alarm")),
  protection("alarm_actions", takenAway, () => ["the alarm tells nobody any more"]),
  protection("redrive_policy", takenAway, () => ["what cannot be handled is lost: no dead-letter queue"]),
  protection(
    "reserved_concurrent_executions",
    (before, after) => before !== 0 && after === 0,
    () => ["the function may never run"],
  ),
  door(["aws_lambda_function_url"], "authorization_type", became("NONE"), () => [
    "anyone on the internet may call the function by its URL",
  ]),
  runsAs(["aws_lambda_function", "aws_iam_instance_profile"], "role"),
  runsAs(["aws_instance"], "iam_instance_profile"),
  ...["arn", "name"].map((name) => runsAs(TEMPLATE, `iam_instance_profile.${name}`)),
  ...LOADERS.map((name): Rule => ({
    kind: "code-changed",
    level: "danger",
    types: ["aws_lambda_function"],
    path: `environment.variables.${name}`,
    isLost: (before, after) => isSet(after) && before !== after,
    tell: (_, after) => phrase`the function loads code by ${name} = ${after}`,
  })),
  ...["public-read", "public-read-write", "authenticated-read"].map((acl) =>
    door(["aws_s3_bucket_acl", "aws_s3_bucket"], "acl", became(acl), () => [
      "everyone may read what is in it",
    ]),
  ),
  door(["github_actions_runner_group"], "restricted_to_workflows", switchedOff, () => [
    "every workflow may use the runners",
  ]),
  door(
    ["aws_apigatewayv2_route", "aws_api_gateway_method"],
    "authorization_type",
    (before, after, isNew) => !isNew && became("NONE")(before, after),
    () => ["the route asks for no authorization any more"],
  ),
  ...["block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"].map(
    (name) => door(["aws_s3_bucket_public_access_block"], name, switchedOff, off(name)),
  ),
  door(["github_actions_runner_group"], "allows_public_repositories", switchedOn, () => [
    "public repositories may use the runners: whoever opens a pull request there runs code on the machines",
  ]),
  door(
    ["github_actions_runner_group"],
    "visibility",
    (before, after, isNew) => !isNew && became("all")(before, after),
    () => ["every repository of the organization may use the runners"],
    "attention",
  ),
  door(
    ["github_organization_webhook", "github_repository_webhook"],
    "configuration.insecure_ssl",
    switchedOn,
    () => ["GitHub sends to an address whose certificate it does not check"],
  ),
  {
    kind: "code-changed",
    level: "attention",
    types: TEMPLATE,
    path: "image_id",
    isLost: (before, after, isNew) => !isNew && before !== after,
    tell: (before, after) => phrase`machines boot the image ${after} in place of ${before}`,
  },
];

const shown = (value: unknown): string =>
  textOf(value) ?? (value === undefined ? "none" : JSON.stringify(value));

/** Single attributes whose change takes a protection away, or opens a door. */
export const protections = (plan: Plan): readonly Matter[] =>
  plan.changes
    .filter((change) => stands(change) && change.action !== "none")
    .flatMap((change) =>
      RULES.filter(({ types }) => types === undefined || types.includes(change.type)).flatMap(
        ({ kind, level, path, isLost, tell }): readonly Matter[] => {
          const [name = ""] = path.split(".");
          const isNew = change.action === "create";
          const [before, after] = [at(change.before, path), at(change.after, path)];
          // What is known after the apply only has not been taken away.
          const unknown = after === undefined && change.unknown[name] !== undefined;
          return !unknown && isLost(before, after, isNew)
            ? [{ kind, level, address: change.address, text: tell(shown(before), shown(after)) }]
            : [];
        },
      ),
    );
