import { Fn, ref, Token, Tokenization } from "cdktf";
import { checkFilled } from "./validation";

/** Whether only Terraform knows the list: it comes from a data source, from an output of a module, or from a function. */
export const isUnknownList = (list: unknown): boolean => Token.isUnresolved(list);

/** The list as CDKTF takes one, however the reference to it was written. */
export const asList = (list: readonly string[]): readonly string[] => {
  if (!isUnknownList(list)) return list;
  const known = Token.asList(list);
  const expression = expressionIn(known);
  return expression === undefined ? known : Token.asList(ref(expression));
};

/** What is in `Token.asList("${...}")`: CDKTF would put it into other expressions with its `${}`, which Terraform refuses. */
const expressionIn = (list: readonly string[]): string | undefined => {
  const { value } = (Tokenization.reverseList([...list]) ?? {}) as { readonly value?: unknown };
  if (typeof value !== "string" || Token.isUnresolved(value)) return undefined;
  return /^\$\{([^$]+)\}$/.exec(value)?.[1];
};

/** A list that is known here must name at least one; of another, Terraform finds out at plan. */
export const checkList = (prop: string, list: readonly unknown[] | undefined): readonly string[] =>
  isUnknownList(list) ? [] : checkFilled(prop, list);

/**
 * Each of an unknown list in a text, with the other values before it: `%s` stands for each value, as Terraform has it.
 * The values are no part of the text, since CDKTF warns of a reference inside a text inside a function.
 */
export const eachIn = (
  format: string,
  values: readonly string[],
  list: readonly string[],
): readonly string[] => Token.asList(Fn.formatlist(format, [...values, asList(list)]));

const PLACE = "@unknown-list-";

/** As `JSON.stringify`. Where an unknown list stands, Terraform writes its elements; all else is written here. */
export const toJson = (value: unknown): string => {
  const unknown: unknown[] = [];
  const text = JSON.stringify(value, (_key, part: unknown) =>
    Array.isArray(part) && isUnknownList(part) ? `${PLACE}${unknown.push(part) - 1}` : part,
  );
  return unknown.reduce<string>(
    (known, list, index) => known.replace(`"${PLACE}${index}"`, () => Fn.jsonencode(list)),
    text,
  );
};
