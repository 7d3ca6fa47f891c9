import { block, blocks, refersTo, strings, textOf } from "../../audit/model";
import { stands, stood } from "../plan";
import { grantsIn } from "./grants";
import type { Attributes } from "../../audit/model";
import type { Change, Plan } from "../plan";
import type { Grant } from "./grants";

/** Who is allowed something, or what may be used: a role with all its policies, or a resource with its own. */
export interface Subject {
  readonly change: Change;
  /** `trust`: who may take the role. `resource`: who may use what it stands on. */
  readonly about: "role" | "trust" | "resource";
  readonly before: readonly Grant[];
  readonly after: readonly Grant[];
  /** Policies of which the plan does not tell what they will say. */
  readonly unseen: readonly Unseen[];
}

export interface Unseen {
  readonly change: Change;
  readonly attribute: string;
}

interface Carrier {
  readonly attribute: string;
  readonly about: Subject["about"];
  /** Attribute that names the role it belongs to. */
  readonly role?: string;
}

/** Where policies stand. */
const CARRIERS: Readonly<Record<string, Carrier>> = {
  aws_iam_role_policy: { attribute: "policy", about: "role", role: "role" },
  aws_iam_policy: { attribute: "policy", about: "role" },
  aws_iam_user_policy: { attribute: "policy", about: "role" },
  aws_iam_group_policy: { attribute: "policy", about: "role" },
  aws_iam_role: { attribute: "assume_role_policy", about: "trust" },
  aws_cloudwatch_log_resource_policy: { attribute: "policy_document", about: "resource" },
  aws_dynamodb_resource_policy: { attribute: "policy", about: "resource" },
  aws_ecr_repository_policy: { attribute: "policy", about: "resource" },
  aws_kms_key: { attribute: "policy", about: "resource" },
  aws_kms_key_policy: { attribute: "policy", about: "resource" },
  aws_s3_bucket_policy: { attribute: "policy", about: "resource" },
  aws_secretsmanager_secret_policy: { attribute: "policy", about: "resource" },
  aws_sns_topic_policy: { attribute: "policy", about: "resource" },
  aws_sqs_queue: { attribute: "policy", about: "resource" },
  aws_sqs_queue_policy: { attribute: "policy", about: "resource" },
  aws_vpc_endpoint: { attribute: "policy", about: "resource" },
};

type Side = "before" | "after";

const isUnknown = ({ unknown }: Change, attribute: string): boolean => unknown[attribute] === true;

const grantsOf = (attributes: Attributes, attribute: string): readonly Grant[] =>
  grantsIn(textOf(attributes[attribute]) ?? "") ?? [];

/** A policy that was written is not seen where it is known after the apply only, or no JSON. */
const isUnseen = (change: Change, attribute: string): boolean => {
  if (isUnknown(change, attribute)) return attribute in change.written;
  const text = textOf(change.after[attribute]) ?? "";
  return text !== "" && grantsIn(text) === undefined;
};

/** The role that a policy is attached to, by its name before, after, or in what was written. */
export const roleOf = (change: Change, attribute: string, plan: Plan): Change | undefined => {
  const names = strings([change.after[attribute], change.before[attribute]]);
  const references = strings(block(change.written[attribute]).references);
  return plan.changes.find(
    (role) =>
      role.type === "aws_iam_role" &&
      (references.includes(role.address) ||
        [role.before, role.after].some((attributes) =>
          names.some((name) => refersTo(name, { ...role, attributes, unknown: new Set() })),
        )),
  );
};

interface Policy {
  readonly owner: Change;
  readonly change: Change;
  readonly carrier: Carrier;
}

const policiesOf = (plan: Plan): readonly Policy[] =>
  plan.changes.flatMap((change) => {
    const carrier = CARRIERS[change.type];
    if (carrier === undefined) return [];
    const owner = (carrier.role !== undefined && roleOf(change, carrier.role, plan)) || change;
    return [{ owner, change, carrier }];
  });

/** Policies within the role itself; what a refresh repeats of resources of their own is none. */
const inlineGrants = (change: Change, side: Side): readonly Grant[] =>
  change.type === "aws_iam_role" && "inline_policy" in change.written
    ? blocks(change[side].inline_policy).flatMap((one) => grantsOf(one, "policy"))
    : [];

const subjectOf = (change: Change, about: Subject["about"], policies: readonly Policy[]): Subject => {
  const grants = (side: Side): readonly Grant[] => [
    ...policies.flatMap((one) => grantsOf(one.change[side], one.carrier.attribute)),
    ...(about === "role" ? inlineGrants(change, side) : []),
  ];
  return {
    change,
    about,
    before: grants("before"),
    after: grants("after"),
    unseen: policies
      .filter((one) => stands(one.change) && isUnseen(one.change, one.carrier.attribute))
      .map((one) => ({ change: one.change, attribute: one.carrier.attribute })),
  };
};

/** Everyone whose policies stand in the plan, each with what all of them together say. */
export const subjectsOf = (plan: Plan): readonly Subject[] => {
  const policies = policiesOf(plan);
  const kinds: readonly Subject["about"][] = ["role", "trust", "resource"];
  return kinds.flatMap((about) => {
    const ofKind = policies.filter((one) => one.carrier.about === about);
    const roles = about === "role" ? plan.changes.filter(({ type }) => type === "aws_iam_role") : [];
    const owners = new Set([...ofKind.map(({ owner }) => owner), ...roles]);
    return [...owners].map((owner) =>
      subjectOf(
        owner,
        about,
        ofKind.filter((one) => one.owner === owner),
      ),
    );
  });
};

/** Whether it stood before: what is new was never narrower. */
export const isNew = ({ change }: Subject): boolean => !stood(change);
