import { block, blocks, refersTo, strings, textOf, withoutIndex } from "../../audit/model";
import { stands, stood } from "../plan";
import { CARRIERS, grantsOf } from "./carriers";
import { grantsIn } from "./grants";
import type { Change, Plan } from "../plan";
import type { About, Carrier } from "./carriers";
import type { Grant } from "./grants";

/** Who is allowed something, or what may be used: a role with all its policies, or a resource with its own. */
export interface Subject {
  readonly change: Change;
  readonly about: About;
  /** Name of a role, user or group that stands outside of the plan, and gets these rights. */
  readonly outside?: string;
  /** These policies only limit. */
  readonly isLimit: boolean;
  readonly before: readonly Grant[];
  readonly after: readonly Grant[];
  /** Policies of which the plan does not tell what they will say. */
  readonly unseen: readonly Unseen[];
}

export interface Unseen {
  readonly change: Change;
  readonly attribute: string;
}

type Side = "before" | "after";

const isUnknown = ({ unknown }: Change, attribute: string): boolean => unknown[attribute] === true;

/** A policy that was written is not seen where it is known after the apply only, or no JSON. */
const isUnseen = (change: Change, { attribute, grants }: Carrier): boolean => {
  // A resource that is made anew gets new values for all that nobody wrote.
  if (isUnknown(change, attribute)) return attribute in change.written || change.action === "update";
  if (grants !== undefined) return false;
  const text = textOf(change.after[attribute]) ?? "";
  return text !== "" && grantsIn(text) === undefined;
};

/** The role, user or group that a policy is attached to, by its name before or after, or by what was written. */
export const ownerOf = (
  change: Change,
  [attribute, type]: readonly [attribute: string, type: string],
  plan: Plan,
): Change | undefined => {
  const names = strings([change.after[attribute], change.before[attribute]]);
  const references = strings(block(change.written[attribute]).references);
  const all = plan.changes.filter((one) => one.type === type);
  const instance = (address: string): string => address.slice(withoutIndex(address).length);
  const referred = all.filter(({ address }) => references.includes(withoutIndex(address)));
  return (
    all.find((owner) =>
      [owner.before, owner.after].some((attributes) =>
        names.some((name) => refersTo(name, { ...owner, attributes, unknown: new Set() })),
      ),
    ) ??
    referred.find(({ address }) => instance(address) === instance(change.address)) ??
    referred[0]
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
    const owner = (carrier.owner && ownerOf(change, carrier.owner, plan)) ?? change;
    return [{ owner, change, carrier }];
  });

/** Policies within the role itself; what a refresh repeats of resources of their own is none. */
const inlineGrants = (change: Change, side: Side): readonly Grant[] =>
  change.type === "aws_iam_role" && "inline_policy" in change.written
    ? blocks(change[side].inline_policy).flatMap((one) => grantsIn(textOf(one.policy) ?? "") ?? [])
    : [];

/** The name of whoever is given rights, where the plan holds no more than that. */
const outsiderOf = (change: Change): string | undefined => {
  const owner = CARRIERS[change.type]?.owner;
  return owner && (textOf(change.after[owner[0]]) ?? "someone known after the apply only");
};

const subjectOf = (change: Change, about: About, policies: readonly Policy[]): Subject => {
  const grants = (side: Side): readonly Grant[] => [
    ...policies.flatMap((one) =>
      grantsOf(one.change[side], one.carrier, side === "after" ? one.change.unknown : {}),
    ),
    ...(about === "role" ? inlineGrants(change, side) : []),
  ];
  return {
    change,
    about,
    outside: outsiderOf(change),
    isLimit: policies.length > 0 && policies.every(({ carrier }) => carrier.isLimit === true),
    before: grants("before"),
    after: grants("after"),
    unseen: policies
      .filter((one) => stands(one.change) && isUnseen(one.change, one.carrier))
      .map((one) => ({ change: one.change, attribute: one.carrier.attribute })),
  };
};

const IDENTITIES = new Set(["aws_iam_role", "aws_iam_user", "aws_iam_group"]);

/** Everyone whose policies stand in the plan, each with what all of them together say. */
export const subjectsOf = (plan: Plan): readonly Subject[] => {
  const policies = policiesOf(plan);
  const kinds: readonly About[] = ["role", "trust", "resource"];
  return kinds.flatMap((about) => {
    const ofKind = policies.filter((one) => one.carrier.about === about);
    const roles = about === "role" ? plan.changes.filter(({ type }) => IDENTITIES.has(type)) : [];
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
