import { demand, fail, hidden, pass } from "../finding";
import { block, givenTexts, isArnOf, isTrue, refersTo, strings } from "../model";
import { condition, coversArn, grants, hasWildcard, sameSet, touches } from "../policies";
import { runnerRoles } from "../view";
import { eachFunction, hiddenOf, openResources, setting, unseenRunnerRoles } from "./shared";
import type { Finding } from "../finding";
import type { Resource } from "../model";
import type { Statement } from "../policies";
import type { View } from "../view";
import type { Check } from "./shared";

/** Control 1. */
export const jitRegistration: Check = eachFunction("launch", ({ resource, settings }) => [
  demand(
    settings.registration === "jit",
    resource,
    setting("registration"),
    "one JIT configuration for each machine",
    "machines share a registration token: leave registration at its default, jit",
  ),
]);

/** The tables that machines take their registrations from. */
const handoffTables = (view: View): readonly Resource[] => {
  const names = strings(view.functions.map(({ settings }) => settings?.handoffTable));
  return view
    .of("aws_dynamodb_table")
    .filter((one) => names.some((name) => view.named(name, one.type) === one));
};

const LEADING_KEYS = "dynamodb:LeadingKeys";
const OWN_KEY = "${aws:userid}";

/** In the JSON form a second `$` keeps Terraform from reading the variable. */
const unescaped = (text: string): string => text.replaceAll("$${", "${");

const takeMistake = (statement: Statement, tables: readonly Resource[]): string | undefined => {
  const { actions, resources } = statement;
  if (
    !sameSet(
      actions.map((one) => one.toLowerCase()),
      ["dynamodb:deleteitem"],
    )
  )
    return `allows ${actions.join(", ")}, and not DeleteItem alone`;
  const exact = (text: string): boolean =>
    tables.some((table) => isArnOf(text, table)) || (tables.length === 0 && !hasWildcard(text));
  if (resources.length === 0 || !resources.every(exact)) return "is not on the handoff table alone";
  const keys = condition(statement, ["ForAllValues:StringEquals"], LEADING_KEYS) ?? [];
  if (!sameSet(keys.map(unescaped), [OWN_KEY])) return `is not bound to ${LEADING_KEYS} = ${OWN_KEY}`;
  return condition(statement, ["Null"], LEADING_KEYS)?.join() === "false"
    ? undefined
    : `lacks Null ${LEADING_KEYS} = false, without which a request that names no key passes`;
};

const READS = [
  "GetItem",
  "BatchGetItem",
  "Query",
  "Scan",
  "PartiQLSelect",
  "ExportTableToPointInTime",
  "GetRecords",
];

const coversTable = (statement: Statement, table: Resource): boolean =>
  statement.resources.some(
    (text) =>
      text === "*" ||
      isArnOf(text.replace(/[*?]+$/, ""), table) ||
      coversArn(text, `table/${String(table.attributes.name)}`),
  );

const readersOf = (table: Resource, view: View): readonly Finding[] => {
  const reading = view
    .of("aws_iam_role")
    .flatMap((role) => view.rightsOf(role).statements)
    .filter((one) => grants(one, ...READS.map((name) => `dynamodb:${name}`)));
  return [
    ...reading
      .filter((one) => coversTable(one, table))
      .map(({ at, attribute, sid }) => fail(at, attribute, `${sid} may read registrations of all machines`)),
    ...reading.flatMap((one) => openResources(one, view)),
  ];
};

/** Ways to a table past the roles, and the attribute that names it. */
const SIDE_WAYS: Readonly<Record<string, readonly [attribute: string, why: string]>> = {
  aws_dynamodb_resource_policy: ["resource_arn", "a policy on the table gives others what is in it"],
  aws_dynamodb_kinesis_streaming_destination: ["table_name", "a stream carries every registration away"],
};

const sideWaysOf = (table: Resource, view: View): readonly Finding[] =>
  Object.entries(SIDE_WAYS).flatMap(([type, [attribute, why]]) =>
    view
      .of(type)
      .filter((one) => givenTexts(one, attribute).some((text) => refersTo(text, table)))
      .map((one) => fail(one, attribute, why)),
  );

/** Control 4. */
export const ownRegistration: Check = (view) => {
  const tables = handoffTables(view);
  const takes = runnerRoles(view).flatMap((role) => {
    const rights = view.rightsOf(role);
    const own = rights.statements.filter((one) => touches(one, "dynamodb"));
    if (own.length === 0)
      return [...hiddenOf(rights), hidden(role, "", "no right to take a registration was seen")];
    return own.map((one) => {
      const mistake = takeMistake(one, tables);
      return demand(
        mistake === undefined,
        one.at,
        one.attribute,
        `${one.sid}: its own key only`,
        `${one.sid} ${mistake}`,
      );
    });
  });
  const streams = tables
    .filter(({ attributes }) => isTrue(attributes.stream_enabled))
    .map((table) => fail(table, "stream_enabled", "a stream carries every registration away"));
  return [
    ...takes,
    ...unseenRunnerRoles(view),
    ...streams,
    ...tables.flatMap((table) => [...readersOf(table, view), ...sideWaysOf(table, view)]),
  ];
};

/** Control 5. */
export const sweptRegistration: Check = (view) => {
  const tables = handoffTables(view);
  if (tables.length === 0)
    return [hidden(view.self, "", "the handoff table is not seen, or not in this stack")];
  return tables.flatMap((table) => [
    demand(
      isTrue(block(table.attributes.ttl).enabled) &&
        block(table.attributes.ttl).attribute_name === "expiresAt",
      table,
      "ttl",
      "what is never read expires",
      "registrations that are never read stay: enable TTL on expiresAt",
    ),
    ...(isTrue(block(table.attributes.point_in_time_recovery).enabled)
      ? [fail(table, "point_in_time_recovery", "a registration that was destroyed can be restored")]
      : []),
    ...sweepersOf(table, view),
  ]);
};

const sweepersOf = (table: Resource, view: View): readonly Finding[] =>
  view.functionsOf("sweep").flatMap(({ role, resource }) => {
    if (role === undefined) return [hidden(resource, "role", "its role does not stand in this stack")];
    const rights = view.rightsOf(role);
    const found = rights.statements.find(
      (one) => grants(one, "dynamodb:DeleteItem") && coversTable(one, table),
    );
    if (found) return [pass(found.at, found.attribute, `${found.sid}: the sweep may remove them`)];
    return rights.hidden.length > 0
      ? hiddenOf(rights)
      : [fail(role, "", "the sweep may not remove registrations that nobody took")];
  });
