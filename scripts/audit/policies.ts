import { managedActions } from "./managed-policies";
import { arnEnd, blocks, isObject, jsonIn, strings, textOf } from "./model";
import type { Attributes, Resource } from "./model";

/** A statement that allows something. What a Deny takes away again is not counted in anyone's favour. */
export interface Statement {
  readonly sid: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** Operator, key, values; keys and operators as they were written. */
  readonly conditions: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
  /** Of a policy that stands on a resource. */
  readonly principal: unknown;
  /** Where it stands. */
  readonly at: Resource;
  readonly attribute: string;
}

/** Everything that a role may do, as far as it can be read. */
export interface Rights {
  readonly statements: readonly Statement[];
  /** Policies of the role that cannot be read here, with the reason. */
  readonly hidden: readonly { readonly at: Resource; readonly attribute: string; readonly why: string }[];
}

const conditionsOf = (value: unknown): Statement["conditions"] =>
  Object.fromEntries(
    Object.entries(isObject(value) ? value : {}).map(([operator, keys]) => [
      operator,
      Object.fromEntries(
        Object.entries(isObject(keys) ? keys : {}).map(([key, values]) => [
          key,
          (Array.isArray(values) ? (values as unknown[]) : [values]).map(String),
        ]),
      ),
    ]),
  );

/** All but the named: for an audit that is all. */
const ALL = ["*"];

/** Letters and digits for IAM; policies of queues and buckets take a little more. Whatever else stands there is no name. */
const SID = /^[\w -]{1,128}$/;

/** The name of a statement; anyone may have written it, and AWS has not looked at it yet. */
export const sidIn = ({ Sid }: Attributes): string | undefined => {
  const text = textOf(Sid);
  return text === undefined || SID.test(text) ? text : "(a Sid that AWS refuses)";
};

const statementOf = (raw: Attributes, at: Resource, attribute: string): Statement => ({
  sid: sidIn(raw) ?? "without Sid",
  actions: raw.NotAction === undefined ? strings(raw.Action) : ALL,
  resources: raw.NotResource === undefined ? strings(raw.Resource) : ALL,
  conditions: conditionsOf(raw.Condition),
  principal: raw.Principal,
  at,
  attribute,
});

/** The policy in an attribute of a resource. */
export const readPolicy = (
  at: Resource,
  attribute = "policy",
  text = textOf(at.attributes[attribute]),
): Rights => {
  const hidden = (why: string): Rights => ({ statements: [], hidden: [{ at, attribute, why }] });
  if (text === undefined)
    return hidden(at.unknown.has(attribute) ? "known after the apply only" : "there is no text");
  const document = jsonIn(text);
  if (!isObject(document) || strings(document.Statement).length > 0)
    return hidden("it is made by an expression");
  const statements = blocks(document.Statement)
    .filter(({ Effect }) => Effect === "Allow")
    .map((raw) => statementOf(raw, at, attribute));
  const open = statements.find(({ actions }) => actions.some((action) => action.includes("${")));
  return {
    statements,
    hidden: open ? hidden(`the actions of ${open.sid} are made by an expression`).hidden : [],
  };
};

/** What a policy of AWS's own allows at the least. */
export const readManagedPolicy = (at: Resource, attribute: string, arn: string): Rights => ({
  statements: (managedActions(arn) ?? []).map((action) => ({
    sid: arn.slice(arn.lastIndexOf("/") + 1),
    actions: [action],
    resources: ALL,
    conditions: {},
    principal: undefined,
    at,
    attribute,
  })),
  hidden: [{ at, attribute, why: `the managed policy ${arn} does not stand in this stack` }],
});

export const together = (all: readonly Rights[]): Rights => ({
  statements: all.flatMap(({ statements }) => statements),
  hidden: all.flatMap(({ hidden }) => hidden),
});

/** Whether an action of a policy, which may hold `*` and `?`, takes in this one. */
export const covers = (pattern: string, action: string): boolean =>
  matches(pattern.toLowerCase(), action.toLowerCase());

/** `*` and `?` as IAM reads them. */
export const matches = (pattern: string, text: string): boolean => {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`, "s").test(text);
};

/** The actions of the statement that the given ones fall under. */
export const grants = (statement: Statement, ...actions: readonly string[]): boolean =>
  statement.actions.some((pattern) => actions.some((action) => covers(pattern, action)));

export const hasWildcard = (text: string): boolean => /[*?]/.test(text);

/** Values of one condition; undefined where it is missing. Keys of conditions know no case. */
export const condition = (
  { conditions }: Statement,
  operators: readonly string[],
  key: string,
): readonly string[] | undefined =>
  Object.entries(conditions)
    .filter(([operator]) => operators.includes(operator))
    .flatMap(([, keys]) => Object.entries(keys))
    .find(([name]) => name.toLowerCase() === key.toLowerCase())?.[1];

/** Whether two lists hold the same, in whatever order. */
export const sameSet = (one: readonly string[], other: readonly string[]): boolean =>
  one.every((text) => other.includes(text)) && other.every((text) => one.includes(text));

/** Whether a pattern of a policy takes in what ends so; one that is no ARN yet names something else. */
export const coversArn = (pattern: string, end: string): boolean => {
  const own = arnEnd(pattern);
  return own === undefined ? hasWildcard(pattern) && !pattern.includes("${") : matches(own, end);
};

/** Whether any action of the statement is one of the service. */
export const touches = ({ actions }: Statement, service: string): boolean =>
  actions.some((action) => matches((action.split(":")[0] ?? "").toLowerCase(), service));
