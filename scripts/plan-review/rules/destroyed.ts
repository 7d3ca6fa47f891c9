import { listed } from "../phrase";
import type { Matter } from "../matters";
import type { Change, Plan } from "../plan";

/** What is lost with them is nowhere else. */
const STORES: Readonly<Record<string, string>> = {
  aws_cloudwatch_log_group: "its logs",
  aws_db_instance: "its data",
  aws_dynamodb_table: "its items",
  aws_ebs_volume: "its data",
  aws_efs_file_system: "its files",
  aws_kms_key: "whatever it encrypted",
  aws_s3_bucket: "its objects",
  aws_secretsmanager_secret: "the secret",
  aws_sqs_queue: "its messages",
};

/** What a parameter holds stands in the configuration, but for a secret. */
const storeOf = ({ type, before }: Change): string | undefined => {
  if (type === "aws_ssm_parameter") return before.type === "SecureString" ? "its secret" : undefined;
  return STORES[type];
};

/** What nobody misses while the plan says what becomes of it. */
const told = ({ action, forgets, replacedBy }: Change): Matter["text"] => {
  if (action === "forget") return ["stays where it is, and Terraform knows it no more"];
  if (action === "delete") return ["is destroyed"];
  const how = forgets
    ? "is made anew, and the one before stays where it is, and Terraform knows that no more"
    : "is destroyed and made anew";
  return replacedBy.length === 0 ? [how] : [`${how}, because of `, ...listed(replacedBy)];
};

const matterOf = (change: Change): readonly Matter[] => {
  const { action, address, forgets } = change;
  if (action !== "delete" && action !== "replace" && action !== "forget") return [];
  const store = storeOf(change);
  const base = { address, text: told(change) };
  if (forgets) return [{ ...base, kind: "forgotten", level: "attention" }];
  if (store !== undefined)
    return [
      { ...base, kind: "data-destroyed", level: "danger", text: [...base.text, `, and with it ${store}`] },
    ];
  return [{ ...base, kind: action === "delete" ? "destroyed" : "replaced", level: "attention" }];
};

/** Everything that is gone afterwards, or another. */
export const destroyed = (plan: Plan): readonly Matter[] => plan.changes.flatMap(matterOf);
