import { block, blocks, isObject, strings, withoutIndex } from "./model";
import { modulePrefix, referencesIn, resolve, resourcesIn } from "./plan-references";
import type { Attributes, Resource, Stack } from "./model";

/** By address without index: the expressions that the attributes were written as. */
type Expressions = ReadonlyMap<string, Attributes>;

/**
 * @param json `terraform show -json` of a plan: what stands after it, and, where that is known after the apply only, which
 *   one resource the attribute refers to
 */
export const readPlan = (json: Attributes): Stack => {
  const written = new Map(resourcesIn(rootModule(json)));
  return {
    form: "plan",
    regions: regionsIn(json),
    resources: blocks(json.resource_changes).flatMap((change) =>
      resourceOf(change, written.get(withoutIndex(String(change.address))) ?? {}, rootModule(json)),
    ),
  };
};

/**
 * @param json `terraform show -json` of a plan: what stood before it
 */
export const readPriorState = (json: Attributes): Stack => ({
  form: "plan",
  resources: blocks(json.resource_changes).flatMap(({ address, type, mode, change }) => {
    const before = isObject(change) ? change.before : undefined;
    return mode === "managed" && isObject(before)
      ? [{ address: String(address), type: String(type), attributes: before, ...AS_AWS_TOLD }]
      : [];
  }),
});

/** https://developer.hashicorp.com/terraform/internals/json-format#configuration-representation */
const regionsIn = (json: Attributes): readonly string[] =>
  strings(
    Object.values(block(block(json.configuration).provider_config))
      .flatMap(blocks)
      .filter(({ name }) => name === "aws")
      .map(({ expressions }) => block(block(expressions).region).constant_value),
  );

const AS_AWS_TOLD: Pick<Resource, "unknown" | "written"> = { unknown: new Set(), written: {} };

/** What the attributes of a plan's resources were written as. */
export const expressionsOf = (json: Attributes): Expressions =>
  new Map(
    [...configuredResources(json)].map(([address, { expressions }]) => [address, expressions as Attributes]),
  );

/** By address without index: the resources of the configuration, in which references are whole addresses. */
export const configuredResources = (json: Attributes): ReadonlyMap<string, Attributes> =>
  new Map(
    resourcesIn(rootModule(json)).map(([address, resource]) => [
      address,
      qualified(resource, modulePrefix(address)) as Attributes,
    ]),
  );

const rootModule = (json: Attributes): unknown => block(json.configuration).root_module;

/** References inside a module are relative to it. */
const qualified = (expression: unknown, prefix: string): unknown => {
  if (Array.isArray(expression)) return expression.map((one) => qualified(one, prefix));
  if (!isObject(expression)) return expression;
  return Object.fromEntries(
    Object.entries(expression).map(([key, value]) => [
      key,
      key === "references" ? strings(value).map((one) => `${prefix}${one}`) : qualified(value, prefix),
    ]),
  );
};

const resourceOf = (
  { address, type, mode, change }: Attributes,
  { expressions, for_each_expression }: Attributes,
  root: unknown,
): readonly Resource[] => {
  if (mode !== "managed" || !isObject(change) || !isObject(change.after)) return [];
  const unknown = isObject(change.after_unknown) ? change.after_unknown : {};
  const prefix = modulePrefix(String(address));
  const each = referencesIn(for_each_expression);
  const texts: Texts = (written) => {
    const own = referencesIn(written).flatMap((one) => (/^each\./.test(one) && each.length > 0 ? each : one));
    return [...new Set(own.flatMap((one) => resolve(one, prefix, root)))].map((one) => `\${${one}}`);
  };
  return [
    {
      address: String(address),
      type: String(type),
      attributes: filled(change.after, unknown, expressions, texts) as Attributes,
      unknown: new Set(Object.keys(unknown).filter((name) => hasUnknown(unknown[name]))),
      written: block(expressions),
    },
  ];
};

const hasUnknown = (value: unknown): boolean =>
  value === true || (typeof value === "object" && value !== null && Object.values(value).some(hasUnknown));

/** What an expression refers to, as references in text. */
type Texts = (written: unknown) => readonly string[];

/** The value, with references in the places that become known later. */
const filled = (value: unknown, unknown: unknown, written: unknown, texts: Texts): unknown => {
  if (unknown === true) return oneOrAll(texts(written));
  if (Array.isArray(unknown) && unknown.length > 0)
    return unknown.map((one, index) =>
      filled(at(value, index), one, Array.isArray(written) ? written[index] : written, texts),
    );
  if (!isObject(unknown)) return value;
  const names = new Set([...Object.keys(isObject(value) ? value : {}), ...Object.keys(unknown)]);
  return Object.fromEntries(
    [...names].map((name) => [name, filled(of(value, name), unknown[name], of(written, name), texts)]),
  );
};

const oneOrAll = (texts: readonly string[]): unknown => (texts.length > 1 ? texts : texts[0]);

const at = (value: unknown, index: number): unknown => (Array.isArray(value) ? value[index] : undefined);
const of = (value: unknown, name: string): unknown => (isObject(value) ? value[name] : undefined);
