import { block, blocks, isObject, jsonIn, numberOf, refersTo, strings, textOf } from "./model";
import { rightsReader } from "./role-rights";
import { readWholeSettings } from "./settings";
import { readUserData } from "./user-data";
import type { Installation } from "./installations";
import type { Attributes, Resource, Stack } from "./model";
import type { Rights } from "./policies";
import type { ReadUserData } from "./user-data";

/** An installation, taken apart into what checks ask for. */
export interface View {
  readonly name: string;
  /** Stands for the installation where no single resource does. */
  readonly self: Pick<Resource, "address">;
  readonly stack: Stack;
  readonly all: readonly Resource[];
  readonly templates: readonly Template[];
  readonly functions: readonly LambdaFunction[];
  readonly fleets: readonly Fleet[];
  of(...types: readonly string[]): readonly Resource[];
  functionsOf(kind: FunctionKind): readonly LambdaFunction[];
  /** The resource of this stack that the text names. */
  named(text: string | undefined, ...types: readonly string[]): Resource | undefined;
  rightsOf(role: Resource): Rights;
}

export interface Template {
  readonly resource: Resource;
  readonly userData: ReadUserData;
  /** The role of the machines, if it stands in this stack. */
  readonly role?: Resource;
  /** Security groups as they are named, and as they stand in this stack. */
  readonly groups: readonly { readonly named: string; readonly resource?: Resource }[];
}

export interface LambdaFunction {
  readonly resource: Resource;
  readonly kind?: FunctionKind;
  /** Undefined where they cannot be read. */
  readonly settings?: Attributes;
  readonly role?: Resource;
}

/** What a fleet's parameter says. */
export interface Fleet {
  readonly resource: Resource;
  readonly attribute: string;
  readonly settings?: Attributes;
}

export type FunctionKind = "webhook" | "launch" | "sweep" | "rotate-tokens" | "interruption";

/** By what only its settings have; `not` tells it from one that has that too. */
const KINDS: Readonly<Record<FunctionKind, { readonly has: string; readonly not?: string }>> = {
  webhook: { has: "secretParameter" },
  "rotate-tokens": { has: "credential" },
  sweep: { has: "idleLimitSeconds" },
  launch: { has: "handoffTable", not: "idleLimitSeconds" },
  interruption: { has: "ledgerTable", not: "handoffTable" },
};

const kinds = Object.keys(KINDS) as FunctionKind[];

/** The bundle is named like the function's folder. */
const kindOf = ({ attributes }: Resource, settings: Attributes | undefined): FunctionKind | undefined => {
  const bundle = /([^/]+)\.zip$/.exec(textOf(attributes.filename) ?? "")?.[1];
  const byBundle = kinds.find((kind) => kind === bundle);
  if (byBundle !== undefined || settings === undefined) return byBundle;
  return kinds.find((kind) => {
    const { has, not } = KINDS[kind];
    return has in settings && (not === undefined || !(not in settings));
  });
};

export const viewOf = (installation: Installation, stack: Stack): View => {
  const all = installation.members.map(({ resource }) => resource);
  const of = (...types: readonly string[]): readonly Resource[] =>
    all.filter(({ type }) => types.includes(type));
  const named: View["named"] = (text, ...types) =>
    text === undefined
      ? undefined
      : stack.resources.find((one) => types.includes(one.type) && refersTo(text, one));
  const parameters = stack.resources.filter(({ type }) => type === "aws_ssm_parameter");
  const functions = of("aws_lambda_function").map((resource): LambdaFunction => {
    const settings = readWholeSettings(resource.attributes, parameters);
    const role = named(textOf(resource.attributes.role), "aws_iam_role");
    return { resource, settings, kind: kindOf(resource, settings), role };
  });
  return {
    name: installation.name,
    self: { address: `installation ${installation.name}` },
    stack,
    all,
    of,
    named,
    functions,
    functionsOf: (kind) => functions.filter((one) => one.kind === kind),
    templates: of("aws_launch_template").map((resource) => templateOf(resource, named)),
    fleets: of("aws_ssm_parameter").flatMap((resource) => fleetOf(resource, functions)),
    rightsOf: rightsReader(all, stack, named),
  };
};

const templateOf = (resource: Resource, named: View["named"]): Template => {
  const { iam_instance_profile, vpc_security_group_ids, security_group_names, network_interfaces } =
    resource.attributes;
  const { arn, name } = block(iam_instance_profile);
  const profile = strings([arn, name])
    .map((text) => named(text, "aws_iam_instance_profile"))
    .find((one) => one !== undefined);
  const groups = [
    vpc_security_group_ids,
    security_group_names,
    ...blocks(network_interfaces).map(({ security_groups }) => security_groups),
  ].flatMap(strings);
  return {
    resource,
    userData: readUserData(resource),
    role: named(textOf(profile?.attributes.role), "aws_iam_role"),
    groups: groups.map((text) => ({ named: text, resource: named(text, "aws_security_group") })),
  };
};

/** A parameter below the prefix that the functions read, or one with the settings of a fleet in it. */
const fleetOf = (resource: Resource, functions: readonly LambdaFunction[]): readonly Fleet[] => {
  const name = textOf(resource.attributes.name) ?? "";
  const prefixes = strings(functions.map(({ settings }) => settings?.fleetParameterPrefix));
  const attribute = strings([resource.attributes.insecure_value]).length > 0 ? "insecure_value" : "value";
  const parsed = jsonIn(textOf(resource.attributes[attribute]) ?? "");
  const settings = isObject(parsed) && "launchTemplateId" in parsed ? parsed : undefined;
  const belongs = prefixes.some((prefix) => name.startsWith(prefix)) || /\/fleets\/[^/]+$/.test(name);
  return settings !== undefined || belongs ? [{ resource, attribute, settings }] : [];
};

/** A number out of the settings, if it is one. */
export const settingNumber = (settings: Attributes | undefined, name: string): number | undefined =>
  numberOf(settings?.[name]);

/** The roles of the machines, as far as they stand in this stack. */
export const runnerRoles = (view: View): readonly Resource[] => [
  ...new Set(view.templates.flatMap(({ role }) => role ?? [])),
];
