import { demand, fail, hidden, pass } from "../finding";
import { blocks, givenTexts, isOpen, MODULE, numberOf, refersTo, strings, textOf } from "../model";
import { isGiven } from "../role-rights";
import { eachTemplate } from "./shared";
import type { Finding } from "../finding";
import type { Attributes, Resource } from "../model";
import type { Template, View } from "../view";
import type { Check } from "./shared";

/** A rule in the form that all of Terraform's forms come to. */
interface Rule {
  readonly at: Resource;
  readonly attribute: string;
  readonly protocol: string;
  readonly from?: number;
  readonly to?: number;
}

const ruleOf = (at: Resource, attribute: string, values: Attributes): Rule => ({
  at,
  attribute,
  protocol: (textOf(values.ip_protocol ?? values.protocol) ?? "-1").toLowerCase(),
  from: numberOf(values.from_port),
  to: numberOf(values.to_port),
});

type Direction = "ingress" | "egress";

const GROUP_ID = "security_group_id";
const ANY_RULE = "aws_security_group_rule";

const typesOf = (direction: Direction): readonly string[] => [
  `aws_vpc_security_group_${direction}_rule`,
  ANY_RULE,
];

const OTHER: Readonly<Record<Direction, Direction>> = { ingress: "egress", egress: "ingress" };

const isOf = (direction: Direction, { type, attributes }: Resource): boolean =>
  type !== ANY_RULE || attributes.type !== OTHER[direction];

/** Rules that may be the group's, and cannot be seen here. */
const unseenRules = (group: Resource, direction: Direction, { stack }: View): readonly Finding[] => {
  const groups = stack.resources.filter(({ type }) => type === "aws_security_group");
  const types = typesOf(direction);
  return [
    ...stack.resources
      .filter((one) => types.includes(one.type) && isOf(direction, one) && isOpen(one, [GROUP_ID], groups))
      .map((one) => hidden(one, GROUP_ID, "which group the rule is of is made by an expression")),
    ...stack.resources
      .filter((one) => one.type === MODULE && isGiven(one, group))
      .map((one) => hidden(one, "", "the module may add rules to the group, and only a plan shows them")),
    ...strings(group.attributes[direction]).map(() =>
      hidden(group, direction, "its rules are made by an expression"),
    ),
  ];
};

const rulesOf = (group: Resource, direction: Direction, view: View): readonly Rule[] => {
  const ofGroup = view
    .of(...typesOf(direction))
    .filter((one) => givenTexts(one, GROUP_ID).some((text) => refersTo(text, group)))
    .filter((one) => isOf(direction, one));
  return [
    ...ofGroup.map((rule) => ruleOf(rule, "", rule.attributes)),
    ...blocks(group.attributes[direction]).map((values) => ruleOf(group, direction, values)),
  ];
};

const eachGroup = (
  { groups, resource: template }: Template,
  check: (group: Resource) => readonly Finding[],
): readonly Finding[] => {
  if (groups.length === 0)
    return template.unknown.has("vpc_security_group_ids")
      ? [hidden(template, "vpc_security_group_ids", "known after the apply only")]
      : [fail(template, "vpc_security_group_ids", "machines stand in the VPC's default security group")];
  return groups.flatMap(({ named, resource }) =>
    resource === undefined
      ? [hidden(template, "vpc_security_group_ids", `${named} does not stand in this stack`)]
      : check(resource),
  );
};

/** Control 20. */
export const noIngress: Check = eachTemplate((template, view) => {
  const key = textOf(template.resource.attributes.key_name) ?? "";
  return [
    ...(key === "" ? [] : [fail(template.resource, "key_name", "a key pair lets people log in")]),
    ...eachGroup(template, (group) => {
      const rules = rulesOf(group, "ingress", view);
      const seen =
        rules.length === 0
          ? [pass(group, "ingress", "nothing comes in")]
          : rules.map(({ at, attribute }) => fail(at, attribute, "it lets connections in"));
      return [...seen, ...unseenRules(group, "ingress", view)];
    }),
  ];
});

/** Port 80 is there only where somebody asked for it: no default opens it. */
const PORTS = [443, 80];

const isWeb = ({ protocol, from, to }: Rule): boolean =>
  (protocol === "tcp" || protocol === "6") && from !== undefined && from === to && PORTS.includes(from);

const webOnly = (rule: Rule): Finding =>
  demand(
    isWeb(rule),
    rule.at,
    rule.attribute,
    `port ${rule.from}${rule.from === 80 ? ", as was asked for" : ""}`,
    `protocol ${rule.protocol}, ports ${rule.from ?? "all"} to ${rule.to ?? "all"}: more than 443, or 80`,
  );

/** Control 21. */
export const webEgressOnly: Check = eachTemplate((template, view) =>
  eachGroup(template, (group) => {
    const rules = rulesOf(group, "egress", view);
    const seen = rules.length === 0 ? [pass(group, "egress", "nothing goes out")] : rules.map(webOnly);
    return [...seen, ...unseenRules(group, "egress", view)];
  }),
);
