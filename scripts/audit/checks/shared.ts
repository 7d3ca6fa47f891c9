import { fail, hidden } from "../finding";
import { isTrue, numberOf, refersTo, textOf } from "../model";
import type { Finding } from "../finding";
import type { Resource } from "../model";
import type { Rights, Statement } from "../policies";
import type { FunctionKind, LambdaFunction, Template, View } from "../view";
import type { UserData } from "../user-data";

/** What checks are told beside the stack. */
export interface Context {
  /** What the runner's age is counted to. */
  readonly now: Date;
}

export type Check = (view: View, context: Context) => readonly Finding[];

/** A look at every launch template; where there is none, there is nothing to see. */
export const eachTemplate =
  (check: (template: Template, view: View, context: Context) => readonly Finding[]): Check =>
  (view, context) =>
    view.templates.length === 0
      ? [hidden(view.self, "", "no launch template of it stands in this stack")]
      : [...view.templates.flatMap((template) => check(template, view, context)), ...strangers(view)];

/** The version that stands in the stack: the newest, or the default where that follows it. */
const isSeenVersion = (version: unknown, { attributes }: Resource): boolean => {
  const text = typeof version === "number" ? `${version}` : (textOf(version) ?? "$Latest");
  if (text === "$Default") return isTrue(attributes.update_default_version);
  return (
    text === "$Latest" || text.endsWith(".latest_version}") || text === String(attributes.latest_version)
  );
};

/** Fleets that launch from a template, or a version of one, that cannot be seen. */
const strangers = (view: View): readonly Finding[] => [...foreign(view), ...older(view)];

const older = (view: View): readonly Finding[] =>
  view.fleets.flatMap(({ resource, attribute, settings }) => {
    const template = view.named(textOf(settings?.launchTemplateId), "aws_launch_template");
    const version = settings?.launchTemplateVersion;
    return template === undefined || isSeenVersion(version, template)
      ? []
      : [
          hidden(
            resource,
            `${attribute}.launchTemplateVersion`,
            `it launches version ${String(version)} of ${template.address}, which is not the one that stands here`,
          ),
        ];
  });

const foreign = (view: View): readonly Finding[] =>
  view.fleets
    .map(({ settings, ...fleet }) => ({ ...fleet, template: textOf(settings?.launchTemplateId) }))
    .filter(({ template }) => template !== undefined && !view.named(template, "aws_launch_template"))
    .map(({ resource, attribute, template }) =>
      hidden(
        resource,
        `${attribute}.launchTemplateId`,
        `the launch template ${template} does not stand in this stack`,
      ),
    );

/** A look at what the machines run at their boot, where that can be read. */
export const eachUserData = (
  check: (userData: UserData, template: Template, view: View, context: Context) => readonly Finding[],
): Check =>
  eachTemplate((template, view, context) =>
    "hidden" in template.userData
      ? [hidden(template.resource, "user_data", template.userData.hidden)]
      : check(template.userData, template, view, context),
  );

type WithSettings = LambdaFunction & { readonly settings: NonNullable<LambdaFunction["settings"]> };

/** A look at the settings of every function of a kind. */
export const eachFunction =
  (
    kind: FunctionKind,
    check: (one: WithSettings, view: View, context: Context) => readonly Finding[],
  ): Check =>
  (view, context) => {
    const all = view.functionsOf(kind);
    if (all.length === 0) return [hidden(view.self, "", `its ${kind} function does not stand in this stack`)];
    return all.flatMap(({ settings, ...one }) =>
      settings === undefined
        ? [hidden(one.resource, SETTINGS, "the settings are known after the apply only, or no JSON")]
        : check({ ...one, settings }, view, context),
    );
  };

/** Path of the settings in a function. */
export const SETTINGS = "environment.variables.SETTINGS";
export const setting = (name: string): string => `${SETTINGS}.${name}`;

/** Functions of the kind that may never run. */
export const stopped = (kind: FunctionKind, view: View): readonly Finding[] =>
  view
    .functionsOf(kind)
    .filter(({ resource }) => numberOf(resource.attributes.reserved_concurrent_executions) === 0)
    .map(({ resource }) =>
      fail(resource, "reserved_concurrent_executions", `the ${kind} function may never run`),
    );

/** What of a role cannot be read. */
export const hiddenOf = ({ hidden: all }: Rights): readonly Finding[] =>
  all.map(({ at, attribute, why }) => hidden(at, attribute, why));

/** What a statement is for, where only the apply makes that known. */
export const openResources = (
  { at, attribute, sid, resources }: Statement,
  { stack }: View,
): readonly Finding[] =>
  resources
    .filter((text) => text.startsWith("${") && !stack.resources.some((one) => refersTo(text, one)))
    .map((text) => hidden(at, attribute, `${sid} is for ${text}, which is not known here`));

/** Machines whose role does not stand in this stack. */
export const unseenRunnerRoles = (view: View): readonly Finding[] =>
  view.templates
    .filter(({ role }) => role === undefined)
    .map(({ resource }) =>
      hidden(resource, "iam_instance_profile", "the role of the machines does not stand in this stack"),
    );

/** What of the rights of all roles cannot be read: of those here, and of functions whose role stands elsewhere. */
export const unseenRights = (view: View): readonly Finding[] => [
  ...view.of("aws_iam_role").flatMap((role) => hiddenOf(view.rightsOf(role))),
  ...view.functions
    .filter(({ role }) => role === undefined)
    .map(({ resource }) => hidden(resource, "role", "its role does not stand in this stack")),
];
