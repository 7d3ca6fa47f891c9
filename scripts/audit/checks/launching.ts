import { ESCALATIONS } from "../escalations";
import { demand } from "../finding";
import { arnEnd, isArnOf, refersTo, strings } from "../model";
import { condition, grants, hasWildcard, sameSet } from "../policies";
import { runnerRoles } from "../view";
import { openResources, unseenRights, unseenRunnerRoles } from "./shared";
import { takenByOthers } from "./trust";
import type { Finding } from "../finding";
import type { Statement } from "../policies";
import type { View } from "../view";
import type { Check } from "./shared";

const LAUNCH = ["ec2:RunInstances", "ec2:CreateFleet"];

/** Launches that no template bounds, and templates that change. */
const WAYS_AROUND = [
  "ec2:RequestSpotInstances",
  "ec2:RequestSpotFleet",
  "ec2:ModifySpotFleetRequest",
  "ec2:ModifyFleet",
  "ec2:RunScheduledInstances",
  "autoscaling:CreateAutoScalingGroup",
  "autoscaling:CreateLaunchConfiguration",
  "ec2:CreateLaunchTemplate",
  "ec2:CreateLaunchTemplateVersion",
  "ec2:ModifyLaunchTemplate",
  "ec2:ModifyInstanceAttribute",
];

/** What a launch makes, or what the template names by a parameter: nobody knows its id before. */
const UNKNOWN_BEFORE =
  /^(instance|volume|network-interface|fleet|spot-instances-request|image|snapshot)\/\*$/;

const TEMPLATE_OPERATORS = ["ArnEquals", "ArnLike", "StringEquals"];

const pinnedTo = (statement: Statement, view: View, operators: readonly string[]): boolean => {
  const values = condition(statement, operators, "ec2:LaunchTemplate") ?? [];
  const own = (text: string): boolean => view.templates.some(({ resource }) => isArnOf(text, resource));
  return values.length > 0 && values.every(own);
};

/** The id of a subnet or security group in an ARN. */
const PLACE = /^(subnet|security-group)\/(.+)$/;
const KINDS: Readonly<Record<string, string>> = {
  aws_subnet: "subnet",
  aws_security_group: "security-group",
};

/** Subnets and security groups that no fleet and no template names. */
const isForeignPlace = (text: string, view: View): boolean => {
  const resource = view.named(text, ...Object.keys(KINDS));
  const [, kind = KINDS[resource?.type ?? ""], id] = PLACE.exec(arnEnd(text) ?? "") ?? [];
  if (kind === undefined) return false;
  const own =
    kind === "subnet"
      ? view.fleets.flatMap(({ settings }) => strings(settings?.subnetIds))
      : view.templates.flatMap(({ groups }) => groups.map(({ named }) => named));
  const isOwn = (one: string): boolean => one === id || (resource !== undefined && refersTo(one, resource));
  return own.length > 0 && !own.some(isOwn);
};

const launchMistake = (statement: Statement, view: View): string | undefined => {
  const { actions, resources } = statement;
  const wild = actions.find(hasWildcard);
  if (wild !== undefined) return `allows ${wild}`;
  const around = WAYS_AROUND.find((action) => grants(statement, action));
  if (around !== undefined) return `allows ${around}, which no template bounds`;
  const ends = resources.map((text) => [text, arnEnd(text) ?? text] as const);
  const loose = ends.find(([text, end]) => hasWildcard(text) && !UNKNOWN_BEFORE.test(end));
  if (loose) return `allows launches with ${loose[0]}`;
  const strange = ends.find(
    ([text, end]) =>
      (end.startsWith("launch-template/") || text.includes("aws_launch_template.")) &&
      !view.templates.some(({ resource }) => isArnOf(text, resource)),
  );
  if (strange) return `allows launches from ${strange[0]}, which is not a template of this installation`;
  const place = resources.find((text) => isForeignPlace(text, view));
  if (place !== undefined) return `allows launches in ${place}, which is not of this installation`;
  const made = ends.filter(([text]) => hasWildcard(text)).map(([, end]) => end);
  if (made.includes("instance/*") && grants(statement, "ec2:RunInstances"))
    return pinnedTo(statement, view, TEMPLATE_OPERATORS)
      ? undefined
      : "allows RunInstances without a launch template: bind instance/* to ec2:LaunchTemplate, without IfExists";
  return undefined;
};

const pinned = (statement: Statement, view: View): readonly Finding[] => {
  const { at, attribute, sid } = statement;
  const mistake = launchMistake(statement, view);
  return [
    demand(mistake === undefined, at, attribute, `${sid}: its own only`, `${sid} ${mistake}`),
    ...openResources(statement, view),
  ];
};

/** Control 12. */
export const pinnedLaunch: Check = (view) => [
  ...view.of("aws_iam_role").flatMap((role) => {
    const launching = view.rightsOf(role).statements.filter((one) => grants(one, ...LAUNCH, ...WAYS_AROUND));
    return launching.length === 0
      ? []
      : [...takenByOthers(role, "lambda"), ...launching.flatMap((one) => pinned(one, view))];
  }),
  ...unseenRights(view),
];

const EC2 = /^ec2\.amazonaws\.com(\.cn)?$/;

/** A role that stands elsewhere may be that of the machines, unless it is any role. */
const isOtherRole = (text: string, view: View): boolean =>
  !runnerRoles(view).some((role) => isArnOf(text, role)) &&
  (hasWildcard(text) || unseenRunnerRoles(view).length === 0);

const passMistake = (statement: Statement, view: View): string | undefined => {
  const { actions, resources } = statement;
  if (
    !sameSet(
      actions.map((one) => one.toLowerCase()),
      ["iam:passrole"],
    )
  )
    return `allows ${actions.join(", ")}`;
  const other = resources.find((text) => isOtherRole(text, view));
  if (other !== undefined) return `passes ${other}, and not the role of the machines alone`;
  const services = condition(statement, ["StringEquals"], "iam:PassedToService") ?? [];
  return services.length > 0 && services.every((one) => EC2.test(one))
    ? undefined
    : "is not bound to iam:PassedToService = ec2.amazonaws.com";
};

/** Control 13. */
export const pinnedRole: Check = (view) => {
  const rights = view.of("aws_iam_role").map((role) => view.rightsOf(role));
  return [
    ...rights
      .flatMap(({ statements }) => statements)
      .filter((one) => grants(one, "iam:PassRole", ...ESCALATIONS))
      .map((one) => {
        const mistake = passMistake(one, view);
        return demand(
          mistake === undefined,
          one.at,
          one.attribute,
          `${one.sid}: to EC2 only`,
          `${one.sid} ${mistake}`,
        );
      }),
    ...unseenRights(view),
    ...unseenRunnerRoles(view),
  ];
};
