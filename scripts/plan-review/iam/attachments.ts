import { strings, textOf } from "../../audit/model";
import { phrase } from "../phrase";
import { stands, stood } from "../plan";
import { ownerOf } from "./subjects";
import type { Matter } from "../matters";
import type { Change, Plan } from "../plan";

/** Attributes that name who gets the policy, and their types. */
const ATTACHMENTS: Readonly<Record<string, readonly (readonly [attribute: string, type: string])[]>> = {
  aws_iam_role_policy_attachment: [["role", "aws_iam_role"]],
  aws_iam_user_policy_attachment: [["user", "aws_iam_user"]],
  aws_iam_group_policy_attachment: [["group", "aws_iam_group"]],
  aws_iam_policy_attachment: [
    ["roles", "aws_iam_role"],
    ["users", "aws_iam_user"],
    ["groups", "aws_iam_group"],
  ],
};

const widened = ({ address }: Change, text: Matter["text"]): Matter => ({
  kind: "iam-widened",
  level: "danger",
  address,
  text,
});

/** Whoever has it afterwards, and had not before. */
const newlyAttached = (change: Change, plan: Plan): readonly Matter[] =>
  (ATTACHMENTS[change.type] ?? []).flatMap(([attribute, type]) => {
    const policy = textOf(change.after.policy_arn) ?? "a policy known after the apply only";
    const before =
      change.before.policy_arn === change.after.policy_arn ? strings(change.before[attribute]) : [];
    const isOpen = change.unknown[attribute] !== undefined && change.unknown[attribute] !== false;
    const names = isOpen ? [""] : strings(change.after[attribute]).filter((name) => !before.includes(name));
    return names.map((name) => {
      const owner = ownerOf(change, [attribute, type], plan);
      const holder = name === "" || names.length === 1 ? (owner?.address ?? (name || change.address)) : name;
      return widened(change, phrase`gives ${holder} all that ${policy} allows`);
    });
  });

const managedByRole = (change: Change): readonly Matter[] => {
  if (!("managed_policy_arns" in change.written)) return [];
  const before = strings(change.before.managed_policy_arns);
  return strings(change.after.managed_policy_arns)
    .filter((arn) => !before.includes(arn))
    .map((arn) => widened(change, phrase`may now all that ${arn} allows`));
};

const boundaryLost = (change: Change): readonly Matter[] => {
  const before = textOf(change.before.permissions_boundary) ?? "";
  const after = textOf(change.after.permissions_boundary) ?? "";
  if (!stood(change) || change.unknown.permissions_boundary === true || before === "" || before === after)
    return [];
  return [
    widened(
      change,
      after === ""
        ? phrase`has no permissions boundary any more: it was ${before}`
        : phrase`has another permissions boundary: ${after} in place of ${before}`,
    ),
  ];
};

/** Rights that come with a policy which stands elsewhere, and boundaries that kept them in. */
export const attachments = (plan: Plan): readonly Matter[] =>
  plan.changes
    .filter(stands)
    .flatMap((change) => [
      ...newlyAttached(change, plan),
      ...(change.type === "aws_iam_role" ? managedByRole(change) : []),
      ...boundaryLost(change),
    ]);
