import { blocks, isObject, jsonIn, strings, textOf } from "../../audit/model";
import { pathOf } from "../construct-paths";
import { listed, phrase } from "../phrase";
import { at } from "../rules/protections";
import { stands } from "../plan";
import type { Matter } from "../matters";
import type { Change, Plan } from "../plan";

/** Roles that can no longer use a key, while something lies under it. */

/** Where a store names its key. */
const STORES: Readonly<Record<string, string>> = {
  aws_dynamodb_table: "server_side_encryption.kms_key_arn",
  aws_sqs_queue: "kms_master_key_id",
  aws_ssm_parameter: "key_id",
};

const KEY = /^arn:[^:]+:kms:/;

const keyResources = (policy: unknown): readonly string[] => {
  const document = typeof policy === "string" ? jsonIn(policy) : undefined;
  return blocks(isObject(document) ? document.Statement : undefined)
    .filter(
      ({ Effect, Action }) => Effect === "Allow" && strings(Action).some((one) => one.startsWith("kms:")),
    )
    .flatMap(({ Resource }) => strings(Resource));
};

const REFERENCE = /^\$\{(.+)\.arn\}$/;

/** The key of a reference that the stack filled in: "" for one that is made by this plan, undefined where it is open. */
const resolved = (text: string, { changes }: Plan): string | undefined => {
  if (!text.includes("${")) return text;
  const [, address] = REFERENCE.exec(text) ?? [];
  const named = changes.find((change) => change.address === address);
  return named && (textOf(named.before.arn) ?? "");
};

const isOpen = ({ unknown, after }: Change, plan: Plan): boolean =>
  unknown.policy === true ||
  after.policy === undefined ||
  keyResources(after.policy).some((text) => resolved(text, plan) === undefined);

/** A policy that is known later only is no loss that this plan shows. */
const lostBy = (change: Change, plan: Plan): readonly string[] => {
  if (isOpen(change, plan)) return [];
  const kept = new Set(keyResources(change.after.policy).map((text) => resolved(text, plan)));
  const before = keyResources(change.before.policy).filter((one) => KEY.test(one));
  return [...new Set(before)].filter((key) => !kept.has(key));
};

const isUnder = (change: Change, key: string): boolean => {
  const path = STORES[change.type];
  return path !== undefined && textOf(at(change.before, path)) === key;
};

const updatedPolicies = ({ changes }: Plan): readonly Change[] =>
  changes.filter((change) => change.type === "aws_iam_role_policy" && change.action === "update");

const lost = (plan: Plan): readonly Matter[] => {
  const policies = updatedPolicies(plan);
  const keys = [...new Set(policies.flatMap((policy) => lostBy(policy, plan)))].sort();
  return keys.map((key): Matter => {
    const losers = policies.filter((policy) => lostBy(policy, plan).includes(key));
    const stores = plan.changes.filter(
      (change) => stands(change) && change.action !== "replace" && isUnder(change, key),
    );
    const roles = listed(losers.map(({ before, address }) => textOf(before.role) ?? address));
    const base = { kind: "key-lost", address: "" } as const;
    return stores.length === 0
      ? {
          ...base,
          level: "attention",
          text: phrase`can no longer use the key ${key}: ${roles}. The plan shows nothing under it; messages and the credential it does not show. See first that they do not lie under it (docs/keys.md)`,
        }
      : {
          ...base,
          level: "danger",
          text: phrase`can no longer use the key ${key}: ${roles}. Under it lie ${listed(stores.map(({ address }) => pathOf(address, plan.paths)))}, which nobody can read then: name the key in furtherKmsKeyArn until nothing lies under it (docs/keys.md)`,
        };
  });
};

/** Where the new key is made by the same plan, the policies are not known yet. */
const unseen = (plan: Plan): readonly Matter[] => {
  const open = updatedPolicies(plan).filter(
    (change) => isOpen(change, plan) && keyResources(change.before.policy).length > 0,
  );
  const moving = plan.changes.filter(
    ({ type, action, before, after }) =>
      action === "update" && isSet(before, type) && at(before, STORES[type]!) !== at(after, STORES[type]!),
  );
  if (open.length === 0 || moving.length === 0) return [];
  const stores = listed(moving.map(({ address }) => pathOf(address, plan.paths)));
  return [
    {
      kind: "key-lost",
      level: "attention",
      address: "",
      text: phrase`another key for ${stores}, and this plan does not tell whether the roles keep the old one: what lies under it can be read by those only that do (docs/keys.md)`,
    },
  ];
};

const isSet = (values: Change["before"], type: string): boolean => {
  const path = STORES[type];
  return path !== undefined && KEY.test(textOf(at(values, path)) ?? "");
};

export const readers = (plan: Plan): readonly Matter[] => [...lost(plan), ...unseen(plan)];
