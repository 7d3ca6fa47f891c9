import { evaluate, ExpressionError } from "../audit/expression";
import { block, blocks, isObject, withoutIndex } from "../audit/model";
import { readStack } from "../audit/read-stack";
import { maskMarked, maskSensitive } from "./mask";
import type { Attributes } from "../audit/model";

/**
 * What a plan tells after the apply only, as far as the synthesized stack beside it tells it before: policies and user data
 * are written there in full, but for the references in them. These are resolved to what is known, and stay as they are where
 * nothing is.
 */

/** `${aws_sqs_queue.Runners_Queue_63592750.arn}`, `${data.aws_service.R.region}` */
const REFERENCE = /\$\{((?:data\.)?[\w-]+\.[\w-]+)\.(\w+)\}/g;

/** What base64 is in a plan stands as the text itself in an expression. */
const BASE64 = new Set(["user_data", "user_data_base64"]);

type Values = ReadonlyMap<string, Attributes>;

/** By address: what stands after the apply, and what data sources said. */
const knownValues = (json: Attributes): Values => {
  const data = blocks(block(block(block(json.prior_state).values).root_module).resources);
  return new Map([
    ...data.map(
      ({ address, values, sensitive_values }) =>
        [String(address), block(maskMarked(values, sensitive_values))] as const,
    ),
    ...blocks(json.resource_changes).map(
      ({ address, change }) => [String(address), block(block(change).after)] as const,
    ),
  ]);
};

const resolved = (text: string, values: Values): string =>
  text.replace(REFERENCE, (whole, address: string, name: string) => {
    const value = values.get(address)?.[name];
    return typeof value === "string" || typeof value === "number" ? String(value) : whole;
  });

/** Undefined where only Terraform can evaluate it. */
const textFor = (name: string, written: string, values: Values): string | undefined => {
  try {
    const text = resolved(evaluate(written), values);
    return BASE64.has(name) ? Buffer.from(text).toString("base64") : text;
  } catch (error) {
    if (error instanceof ExpressionError) return undefined;
    throw error;
  }
};

/** A block is a list of one in a plan, and often an object in the stack. */
const unlisted = (written: unknown, index: number): unknown => {
  if (Array.isArray(written)) return (written as unknown[])[index];
  return index === 0 ? written : undefined;
};

interface Side {
  readonly value: unknown;
  readonly unknown: unknown;
}

/** What is unknown is told where the stack tells it, however deep it stands. */
const filled = ({ value, unknown }: Side, written: unknown, name: string, values: Values): Side => {
  if (unknown === true && isObject(written)) {
    const open = Object.fromEntries(Object.keys(written).map((key) => [key, true]));
    return filled({ value, unknown: open }, written, name, values);
  }
  if (unknown === true) {
    const text = typeof written === "string" ? textFor(name, written, values) : undefined;
    return text === undefined ? { value, unknown } : { value: text, unknown: false };
  }
  if (Array.isArray(unknown)) {
    const list = Array.isArray(value) ? (value as unknown[]) : [];
    const all = (unknown as unknown[]).map((one, index) =>
      filled({ value: list[index], unknown: one }, unlisted(written, index), name, values),
    );
    return {
      value: list.map((one, index) => all[index]?.value ?? one),
      unknown: all.map((one) => one.unknown),
    };
  }
  if (!isObject(unknown)) return { value, unknown };
  const all = Object.entries(unknown).map(
    ([key, one]) =>
      [key, filled({ value: block(value)[key], unknown: one }, block(written)[key], key, values)] as const,
  );
  return {
    value: { ...block(value), ...Object.fromEntries(all.map(([key, one]) => [key, one.value])) },
    unknown: Object.fromEntries(
      all.filter(([, one]) => one.unknown !== false).map(([key, one]) => [key, one.unknown]),
    ),
  };
};

const fillChange = (change: Attributes, written: Attributes, values: Values): Attributes => {
  if (!isObject(change.after)) return change;
  const { value, unknown } = filled(
    { value: change.after, unknown: change.after_unknown },
    written,
    "",
    values,
  );
  return maskSensitive({ ...change, after: value, after_unknown: unknown });
};

/** @param stack the synthesized stack that the plan is of */
export const fillFromStack = (json: Attributes, stack: Attributes): Attributes => {
  const values = knownValues(json);
  const written = new Map(
    readStack(stack).resources.map(({ address, attributes }) => [address, attributes] as const),
  );
  return {
    ...json,
    resource_changes: blocks(json.resource_changes).map((one) => {
      const attributes = written.get(withoutIndex(String(one.address)));
      return attributes === undefined
        ? one
        : { ...one, change: fillChange(block(one.change), attributes, values) };
    }),
  };
};
