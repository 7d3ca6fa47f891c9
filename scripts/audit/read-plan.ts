import { blocks, isObject, strings, withoutIndex } from "./model";
import type { Attributes, Resource, Stack } from "./model";

/** By address without index: the expressions that the attributes were written as. */
type Expressions = ReadonlyMap<string, Attributes>;

/**
 * @param json `terraform show -json` of a plan: what stands after it, and, where that is known after the apply only, which
 *   one resource the attribute refers to
 */
export const readPlan = (json: Attributes): Stack => {
  const expressions = expressionsOf(json);
  return {
    form: "plan",
    resources: blocks(json.resource_changes).flatMap((change) => resourceOf(change, expressions)),
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
      ? [{ address: String(address), type: String(type), attributes: before, unknown: NOTHING_UNKNOWN }]
      : [];
  }),
});

const NOTHING_UNKNOWN: ReadonlySet<string> = new Set();

/** What the attributes of a plan's resources were written as. */
export const expressionsOf = (json: Attributes): Expressions =>
  new Map(
    [...configuredResources(json)].map(([address, { expressions }]) => [address, expressions as Attributes]),
  );

/** By address without index: the resources of the configuration, in which references are whole addresses. */
export const configuredResources = (json: Attributes): ReadonlyMap<string, Attributes> =>
  new Map(resourcesIn(rootModule(json), ""));

const rootModule = (json: Attributes): unknown =>
  isObject(json.configuration) ? json.configuration.root_module : undefined;

const resourcesIn = (module: unknown, prefix: string): (readonly [string, Attributes])[] => {
  if (!isObject(module)) return [];
  const own = blocks(module.resources).map(
    (resource) =>
      [`${prefix}${String(resource.address)}`, qualified(resource, prefix) as Attributes] as const,
  );
  const calls = isObject(module.module_calls) ? Object.entries(module.module_calls) : [];
  return [
    ...own,
    ...calls.flatMap(([name, call]) =>
      isObject(call) ? resourcesIn(call.module, `${prefix}module.${name}.`) : [],
    ),
  ];
};

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
  expressions: Expressions,
): readonly Resource[] => {
  if (mode !== "managed" || !isObject(change) || !isObject(change.after)) return [];
  const unknown = isObject(change.after_unknown) ? change.after_unknown : {};
  const written = expressions.get(withoutIndex(String(address))) ?? {};
  return [
    {
      address: String(address),
      type: String(type),
      attributes: filled(change.after, unknown, written) as Attributes,
      unknown: new Set(Object.keys(unknown).filter((name) => hasUnknown(unknown[name]))),
    },
  ];
};

const hasUnknown = (value: unknown): boolean =>
  value === true || (typeof value === "object" && value !== null && Object.values(value).some(hasUnknown));

/** The value, with references in the places that become known later. */
const filled = (value: unknown, unknown: unknown, written: unknown): unknown => {
  if (unknown === true) return referencesOf(written);
  if (Array.isArray(unknown) && unknown.length > 0)
    return unknown.map((one, index) =>
      filled(at(value, index), one, Array.isArray(written) ? written[index] : written),
    );
  if (!isObject(unknown)) return value;
  const names = new Set([...Object.keys(isObject(value) ? value : {}), ...Object.keys(unknown)]);
  return Object.fromEntries(
    [...names].map((name) => [name, filled(of(value, name), unknown[name], of(written, name))]),
  );
};

const at = (value: unknown, index: number): unknown => (Array.isArray(value) ? value[index] : undefined);
const of = (value: unknown, name: string): unknown => (isObject(value) ? value[name] : undefined);

/** `["aws_vpc.a.id", "aws_vpc.a"]` says one thing twice: the shorter ones are left out. */
const referencesOf = (written: unknown): unknown => {
  const all = isObject(written) ? strings(written.references) : [];
  const longest = all.filter((one) => !all.some((other) => other.startsWith(`${one}.`)));
  const texts = [...new Set(longest)].map((one) => `\${${one}}`);
  return texts.length > 1 ? texts : texts[0];
};
