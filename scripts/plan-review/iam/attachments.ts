import { strings, textOf } from "../../audit/model";
import { phrase } from "../phrase";
import { stands, stood } from "../plan";
import { roleOf } from "./subjects";
import type { Matter } from "../matters";
import type { Change, Plan } from "../plan";

const ATTACHMENTS = new Set([
  "aws_iam_role_policy_attachment",
  "aws_iam_policy_attachment",
  "aws_iam_user_policy_attachment",
  "aws_iam_group_policy_attachment",
]);

const widened = ({ address }: Change, text: Matter["text"]): Matter => ({
  kind: "iam-widened",
  level: "danger",
  address,
  text,
});

const newlyAttached = (change: Change, plan: Plan): readonly Matter[] => {
  const arn = textOf(change.after.policy_arn) ?? "a policy known after the apply only";
  if (!ATTACHMENTS.has(change.type) || change.before.policy_arn === change.after.policy_arn) return [];
  const role = roleOf(change, "role", plan)?.address ?? textOf(change.after.role) ?? change.address;
  return stands(change) ? [widened(change, phrase`gives ${role} all that ${arn} allows`)] : [];
};

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
  if (!stood(change) || before === "" || before === after) return [];
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
      ...(change.type === "aws_iam_role" ? [...managedByRole(change), ...boundaryLost(change)] : []),
    ]);
