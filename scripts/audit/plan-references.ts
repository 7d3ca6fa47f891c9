import { block, blocks, isObject, strings } from "./model";
import type { Attributes } from "./model";

const CALL = /module\.([\w-]+)(\[(?:"[^"]*"|\d+)\])?\./;
const CALLS = new RegExp(`^(?:${CALL.source})*`);

/** `module.a[0].module.b.` of an address in it. */
export const modulePrefix = (address: string): string => CALLS.exec(address)?.[0] ?? "";

const bodyOf = (root: unknown, prefix: string): Attributes =>
  [...prefix.matchAll(new RegExp(CALL, "g"))].reduce<Attributes>(
    (body, [, name = ""]) => block(block(block(body.module_calls)[name]).module),
    block(root),
  );

/** `["aws_vpc.a.id", "aws_vpc.a"]` says one thing twice: the shorter ones are left out. */
const longest = (all: readonly string[]): readonly string[] =>
  all.filter((one) => !all.some((other) => other.startsWith(`${one}.`) || other.startsWith(`${one}[`)));

/** What an expression refers to, wherever in it. */
export const referencesIn = (expression: unknown): readonly string[] => {
  if (Array.isArray(expression)) return expression.flatMap(referencesIn);
  if (!isObject(expression)) return [];
  const { references, ...rest } = expression;
  return [...longest(strings(references)), ...Object.values(rest).flatMap(referencesIn)];
};

/** More than Terraform nests modules by; a plan that was made up may go round in circles. */
const MOST_STEPS = 50;

type Way = readonly [prefix: string, references: readonly string[]];

/** One step: of a variable to what the module was given, of an output to what it is made of. */
const step = (reference: string, prefix: string, root: unknown): Way | undefined => {
  const [, variable] = /^var\.([\w-]+)/.exec(reference) ?? [];
  const [last = "", name = ""] = new RegExp(`${CALL.source}$`).exec(prefix) ?? [];
  if (variable !== undefined && last !== "") {
    const outer = prefix.slice(0, -last.length);
    const call = block(block(bodyOf(root, outer).module_calls)[name]);
    return [outer, referencesIn(block(call.expressions)[variable])];
  }
  const [whole, inner] = /^(module\.[\w-]+(?:\[[^\]]*\])?\.)/.exec(reference) ?? [];
  if (whole === undefined || inner === undefined) return undefined;
  const [output = ""] = /^[\w-]+/.exec(reference.slice(inner.length)) ?? [];
  const into = `${prefix}${inner}`;
  return [into, referencesIn(block(block(bodyOf(root, into).outputs)[output]).expression)];
};

/**
 * The resources that a reference in a module comes to, by their addresses; where that cannot be told, as with local values,
 * the reference as it is.
 */
export const resolve = (reference: string, prefix: string, root: unknown, steps = 0): readonly string[] => {
  const [at, references] = steps < MOST_STEPS ? (step(reference, prefix, root) ?? []) : [];
  return at === undefined || references === undefined || references.length === 0
    ? [`${prefix}${reference}`]
    : references.flatMap((one) => resolve(one, at, root, steps + 1));
};

/** A resource as the configuration has it, its references relative to its module. */
export const resourcesIn = (module: unknown, prefix = ""): readonly (readonly [string, Attributes])[] => {
  const body = block(module);
  return [
    ...blocks(body.resources).map((one) => [`${prefix}${String(one.address)}`, one] as const),
    ...Object.entries(block(body.module_calls)).flatMap(([name, call]) =>
      resourcesIn(block(call).module, `${prefix}module.${name}.`),
    ),
  ];
};
