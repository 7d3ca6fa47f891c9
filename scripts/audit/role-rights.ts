import { ROLE_OF_POLICY } from "./links";
import { blocks, givenTexts, isOpen, MODULE, refersTo, strings, textOf, textsIn } from "./model";
import { readManagedPolicy, readPolicy, together } from "./policies";
import type { Attributes, Resource, Stack } from "./model";
import type { Rights } from "./policies";
import type { View } from "./view";

const roleAttribute = ({ type }: Resource): string => ROLE_OF_POLICY[type] ?? "";

/** Reads what a role of the installation may do; each role is read once. */
export const rightsReader = (
  all: readonly Resource[],
  stack: Stack,
  named: View["named"],
): ((role: Resource) => Rights) => {
  const given = all.filter(({ type }) => type in ROLE_OF_POLICY);
  const roles = stack.resources.filter(({ type }) => type === "aws_iam_role");
  const unclear = stack.resources
    .filter((one) => one.type in ROLE_OF_POLICY && isOpen(one, [roleAttribute(one)], roles))
    .map((at) => ({
      at,
      attribute: roleAttribute(at),
      why: "which role it is for is made by an expression",
    }));
  const modules = stack.resources.filter(({ type }) => type === MODULE);
  const read = new Map<Resource, Rights>();
  return (role) => {
    const known = read.get(role);
    if (known) return known;
    const rights = together([
      ofRole(role, given, named),
      { statements: [], hidden: [...unclear, ...modules.filter((one) => isGiven(one, role)).map(unseen)] },
    ]);
    read.set(role, rights);
    return rights;
  };
};

/** Whether a module gets to know the resource, and so may attach something to it. */
export const isGiven = (module: Resource, resource: Resource): boolean =>
  textsIn(module.attributes).some(([, text]) => refersTo(text, resource));

const unseen = (at: Resource): Rights["hidden"][number] => ({
  at,
  attribute: "",
  why: "the module may give the role more, and only a plan shows it",
});

const ofRole = (role: Resource, given: readonly Resource[], named: View["named"]): Rights => {
  const own = given.filter((one) => givenTexts(one, roleAttribute(one)).some((text) => refersTo(text, role)));
  // A role that Terraform has refreshed repeats what resources of their own attach to it.
  const attachedTo = new Set(own.flatMap(({ attributes }) => strings(identitiesOf(attributes))));
  const isRepeated = (attribute: string, identity: string): boolean =>
    !(attribute in role.written) && attachedTo.has(identity);
  return together([
    ...own.filter(isInline).map((one) => readPolicy(one)),
    ...blocks(role.attributes.inline_policy)
      .filter(({ name, policy }) => policy !== undefined && !isRepeated("inline_policy", String(name)))
      .map(({ policy }) => readPolicy(role, "inline_policy", textOf(policy))),
    ...own.filter((one) => !isInline(one)).flatMap((one) => attached(one, named)),
    ...strings(role.attributes.managed_policy_arns)
      .filter((arn) => !isRepeated("managed_policy_arns", arn))
      .map((arn) => managedPolicy(role, arn, "managed_policy_arns", named)),
  ]);
};

const isInline = ({ type }: Resource): boolean => type === "aws_iam_role_policy";

const attached = (at: Resource, named: View["named"]): readonly Rights[] => {
  const attribute = "policy_arns" in at.attributes ? "policy_arns" : "policy_arn";
  const arns = givenTexts(at, attribute);
  const why = "which policies it attaches is not known";
  return arns.length > 0
    ? arns.map((arn) => managedPolicy(at, arn, attribute, named))
    : [{ statements: [], hidden: [{ at, attribute, why }] }];
};

const identitiesOf = ({ name, policy_arn }: Attributes): readonly unknown[] => [name, policy_arn];

const managedPolicy = (at: Resource, arn: string, attribute: string, named: View["named"]): Rights => {
  const policy = named(arn, "aws_iam_policy");
  return policy ? readPolicy(policy) : readManagedPolicy(at, attribute, arn);
};
