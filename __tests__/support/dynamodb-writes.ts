import type { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import type { TransactWriteCommandInput, UpdateCommandInput } from "@aws-sdk/lib-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import { ValidationException, type ExpressionContext, type Item } from "./dynamodb-expressions";

type TransactItem = NonNullable<TransactWriteCommandInput["TransactItems"]>[number];

/** What the writing calls have in common. */
export type Write = Pick<
  UpdateCommandInput,
  | "TableName"
  | "ConditionExpression"
  | "ExpressionAttributeNames"
  | "ExpressionAttributeValues"
  | "ReturnValues"
  | "ReturnValuesOnConditionCheckFailure"
> & { readonly Key?: Item; readonly Item?: Item; readonly UpdateExpression?: string };

export type Verb = "write" | "delete";

/** What a write would do. */
export interface Change {
  readonly allowed: boolean;
  readonly before?: Item;
  /** Absent: there is no item any more. */
  readonly after?: Item;
  apply(): void;
}

export const writeOf = ({
  Put,
  Update,
  Delete,
}: TransactItem): { readonly write: Write; readonly verb: Verb } => {
  const write = Put ?? Update ?? Delete;
  if (!write) throw new ValidationException("Only Put, Update and Delete are known here");
  return { write, verb: Delete ? "delete" : "write" };
};

export const keyedBy = ({ Key, Item }: Write): Item => Key ?? Item ?? {};

export const contextOf = (
  input: Pick<UpdateCommandInput, "ExpressionAttributeNames" | "ExpressionAttributeValues">,
): ExpressionContext => ({
  names: input.ExpressionAttributeNames,
  values: input.ExpressionAttributeValues,
});

const returned: Readonly<Record<string, (change: Change) => Item | undefined>> = {
  NONE: () => undefined,
  ALL_OLD: ({ before }) => before,
  ALL_NEW: ({ after }) => after,
};

/** `Attributes` of the answer. */
export const answerTo = ({ ReturnValues = "NONE" }: Write, change: Change): Item | undefined => {
  const read = returned[ReturnValues];
  if (!read) throw new ValidationException(`ReturnValues ${ReturnValues} is not known here`);
  return structuredClone(read(change));
};

/** As DynamoDB writes it, `{ state: { S: "idle" } }`: the document client translates answers, and no errors. */
export const refusedItem = (
  { ReturnValuesOnConditionCheckFailure: wanted }: Write,
  { before }: Change,
): ConditionalCheckFailedException["Item"] =>
  wanted === "ALL_OLD" && before ? marshall(before, { removeUndefinedValues: true }) : undefined;

/** What `structuredClone` does with what an item can hold, and several times as fast. */
export const copyOf = <T>(value: T): T => {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(copyOf) as T;
  const copy = { ...value };
  for (const name in copy) if (typeof copy[name] === "object") copy[name] = copyOf(copy[name]);
  return copy;
};

export const withoutUndefined = (item: Item): Item =>
  Object.fromEntries(Object.entries(item).filter(([, value]) => value !== undefined));
