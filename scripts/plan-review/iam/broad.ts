import { ESCALATIONS } from "../../audit/escalations";
import { arnEnd } from "../../audit/model";
import { overlap } from "./glob";
import type { About } from "./carriers";
import type { Condition, Grant } from "./grants";

/** What of a new policy is more than a part of the whole needs. */

const METADATA = /^[a-z0-9-]+:(describe|list|get)/i;

/** They read, and what they read is the data itself. */
const DATA = [
  "dynamodb:GetItem",
  "dynamodb:GetRecords",
  "ecr:GetAuthorizationToken",
  "kinesis:GetRecords",
  "lambda:GetFunction",
  "logs:GetLogEvents",
  "s3:GetObject",
  "secretsmanager:GetSecretValue",
  "ssm:GetParameter",
  "ssm:GetParameterHistory",
  "ssm:GetParameters",
  "ssm:GetParametersByPath",
  "sts:GetFederationToken",
  "sts:GetSessionToken",
];

/**
 * Whoever may do one of these can take rights that are not written in the policy.
 * https://docs.aws.amazon.com/prescriptive-guidance/latest/security-reference-architecture/welcome.html
 */
const RISES = [...ESCALATIONS, "iam:PassRole", "kms:CreateGrant", "kms:PutKeyPolicy", "lambda:AddPermission"];

const meets = (action: string, all: readonly string[]): boolean =>
  all.some((one) => overlap(action.toLowerCase(), one.toLowerCase()));

const readsMetadata = (action: string): boolean => METADATA.test(action) && !meets(action, DATA);

const WHOLE_SERVICE = /^(\*|[a-z0-9-]+:\*)$/i;

export const everyone = ({ principals }: Grant): boolean => principals.except || principals.all.includes("*");

/** A condition that holds for nearly everyone binds nobody. */
const binds = ({ operator, ifExists, values }: Condition): boolean =>
  !ifExists && !/Not|^Null$|^ForAllValues:/.test(operator) && !values.some((value) => /^[*?]*$/.test(value));

const isBound = ({ conditions }: Grant): boolean => conditions.some(binds);

/** All that there is of a kind: `*`, `arn:aws:s3:::*`. */
const isEverything = (resource: string): boolean => /^[*?]/.test(arnEnd(resource) ?? resource);

const onEverything = ({ resources }: Grant): boolean => resources.except || resources.all.some(isEverything);

const isBroadRole = (grant: Grant): boolean =>
  grant.actions.except ||
  grant.actions.all.some((one) => WHOLE_SERVICE.test(one)) ||
  (onEverything(grant) && !isBound(grant) && !grant.actions.all.every(readsMetadata));

/** Others than AWS's own services. */
const outsiders = ({ principals }: Grant, account: string | undefined): readonly string[] =>
  principals.all.filter(
    (one) =>
      !one.startsWith("Service:") &&
      !(account !== undefined && RegExp(`^AWS:(.*:)?${account}(:|$)`).test(one)),
  );

/** @param account of the stack; undefined where the plan does not tell it */
const isBroadResource = (grant: Grant, account: string | undefined): boolean =>
  everyone(grant) ? !isBound(grant) : outsiders(grant, account).length > 0 && !isBound(grant);

export const isBroad = (grant: Grant, about: About, account: string | undefined): boolean => {
  if (grant.effect === "Deny") return false;
  return about === "role" ? isBroadRole(grant) : isBroadResource(grant, account);
};

/**
 * A service acts for whoever asks it, in any account, where no condition names the source.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
 */
const isDeputy = ({ conditions }: Grant): boolean => conditions.length === 0;

/** Not wide, and yet nothing to pass over. */
export const isRemarkable = (grant: Grant, about: About, account: string | undefined): boolean => {
  if (grant.effect === "Deny") return false;
  if (about !== "role")
    return (
      everyone(grant) || outsiders(grant, account).length > 0 || (about === "resource" && isDeputy(grant))
    );
  return grant.actions.all.some((one) => meets(one, RISES)) && !isBound(grant);
};
