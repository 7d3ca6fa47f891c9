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

/** Each of the list in a text, such as an ARN, in which `%s` stands for it. */
export const eachIn = (format: string, list: readonly string[]): readonly string[] =>
  isUnknownList(list)
    ? Token.asList(Fn.formatlist(format, [asList(list)]))
    : list.map((one) => format.replace("%s", () => one));

/** Lists one behind the other, of which some may be unknown. */
export const joined = (...lists: readonly (readonly string[])[]): readonly string[] =>
  lists.some(isUnknownList) ? Token.asList(Fn.concat([...lists])) : lists.flat();

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
