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

const keysIn = (policy: unknown): readonly string[] => {
  const document = typeof policy === "string" ? jsonIn(policy) : undefined;
  return blocks(isObject(document) ? document.Statement : undefined)
    .filter(
      ({ Effect, Action }) => Effect === "Allow" && strings(Action).some((one) => one.startsWith("kms:")),
    )
    .flatMap(({ Resource }) => strings(Resource))
    .filter((one) => KEY.test(one));
};

/** A policy that is known later only is told as such elsewhere. */
const lostBy = ({ before, after, unknown }: Change): readonly string[] => {
  if (unknown.policy === true || after.policy === undefined) return [];
  const kept = new Set(keysIn(after.policy));
  return [...new Set(keysIn(before.policy))].filter((key) => !kept.has(key));
};

const isUnder = (change: Change, key: string): boolean => {
  const path = STORES[change.type];
  return path !== undefined && textOf(at(change.before, path)) === key;
};

export const readers = (plan: Plan): readonly Matter[] => {
  const policies = plan.changes.filter(
    (change) => change.type === "aws_iam_role_policy" && change.action === "update",
  );
  const keys = [...new Set(policies.flatMap(lostBy))].sort();
  return keys.map((key): Matter => {
    const losers = policies.filter((policy) => lostBy(policy).includes(key));
    const stores = plan.changes.filter(
      (change) => stands(change) && change.action !== "replace" && isUnder(change, key),
    );
    const nameOf = ({ address }: Change): string => pathOf(address, plan.paths);
    const roles = listed(losers.map(({ before, address }) => textOf(before.role) ?? address));
    return stores.length === 0
      ? {
          kind: "key-lost",
          level: "attention",
          address: "",
          text: phrase`can no longer use the key ${key}: ${roles}. What is encrypted with it can then be read by none of them, the credential among it if its key changes: store it again under the new key at once (docs/changing.md)`,
        }
      : {
          kind: "key-lost",
          level: "danger",
          address: "",
          text: phrase`can no longer use the key ${key}: ${roles}. Under it lie ${listed(stores.map(nameOf))}, which nobody can read then: keep the key as a former one until nothing lies under it (docs/changing.md)`,
        };
  });
};
