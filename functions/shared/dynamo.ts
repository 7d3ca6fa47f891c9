import type { TransactWriteCommandInput, UpdateCommandInput } from "@aws-sdk/lib-dynamodb";
import { setTimeout as pause } from "node:timers/promises";
import { AwsCallError } from "./call-aws";

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html */
export const ITEMS_A_TRANSACTION = 100;

/** An item written while a transaction holds it is refused for some milliseconds, not for good. */
const CONFLICT_TRIES = 6;
const CONFLICT_PAUSE_MS = 15;

export type TransactItem = NonNullable<TransactWriteCommandInput["TransactItems"]>[number];

/** An update that can stand alone and in a transaction alike. */
export type Update = Pick<
  UpdateCommandInput,
  "TableName" | "Key" | "ConditionExpression" | "ExpressionAttributeNames" | "ExpressionAttributeValues"
> & { readonly UpdateExpression: string };

export interface Change {
  /** An attribute without a value is removed. */
  readonly set?: Readonly<Record<string, unknown>>;
  readonly add?: Readonly<Record<string, number>>;
  /** Names stand as `#name`, values as `:name`: those of `set` and `add` can be used too. */
  readonly condition?: string;
  readonly values?: Readonly<Record<string, unknown>>;
}

/** Every name stands as `#name`, so that none of DynamoDB's 573 reserved words is ever met. */
export const namesIn = (...expressions: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    [...expressions.join(" ").matchAll(/#(\w+)/g)].map(([token, name]) => [token, name as string]),
  );

export const valuesOf = (values: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [`:${name}`, value]));

export const updateOf = (
  table: string,
  key: Readonly<Record<string, string>>,
  { set = {}, add = {}, condition, values = {} }: Change,
): Update => {
  const given = Object.keys(set).filter((name) => set[name] !== undefined);
  const clauses: [string, string[]][] = [
    ["SET", given.map((name) => `#${name} = :${name}`)],
    ["REMOVE", Object.keys(set).flatMap((name) => (set[name] === undefined ? [`#${name}`] : []))],
    ["ADD", Object.keys(add).map((name) => `#${name} :${name}`)],
  ];
  const expression = clauses.flatMap(([verb, parts]) =>
    parts.length ? [`${verb} ${parts.join(", ")}`] : [],
  );
  const setTo = Object.fromEntries(given.map((name) => [name, set[name]]));
  const used = valuesOf({ ...setTo, ...add, ...values });
  return {
    TableName: table,
    Key: key,
    UpdateExpression: expression.join(" "),
    ConditionExpression: condition,
    ExpressionAttributeNames: namesIn(...expression, condition ?? ""),
    // DynamoDB refuses an empty map.
    ...(Object.keys(used).length > 0 && { ExpressionAttributeValues: used }),
  };
};

/** A refused condition is an answer, not a failure: true when the write was made, false when it was refused. */
export const unlessRefused = async (write: () => Promise<unknown>): Promise<boolean> => {
  for (let tries = 1; ; tries++) {
    try {
      await write();
      return true;
    } catch (error) {
      if (isRefusal(error)) return false;
      if (!isConflict(error) || tries === CONFLICT_TRIES) throw error;
      await pause(CONFLICT_PAUSE_MS * tries * (0.5 + Math.random()));
    }
  }
};

const isRefusal = (error: unknown): boolean =>
  saysOneOf(error, "ConditionalCheckFailedException", "ConditionalCheckFailed");

const isConflict = (error: unknown): boolean =>
  saysOneOf(error, "TransactionConflictException", "TransactionConflict");

/** @param reason of one item, which cancels the transaction. */
const saysOneOf = (error: unknown, name: string, reason: string): boolean =>
  error instanceof AwsCallError &&
  (error.name === name ||
    (error.name === "TransactionCanceledException" && reasonsOf(error).includes(reason)));

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html#API_TransactWriteItems_Errors */
const reasonsOf = ({ answer }: AwsCallError): (string | undefined)[] => {
  const { CancellationReasons: reasons = [] } = answer as { CancellationReasons?: { Code?: string }[] };
  return reasons.map(({ Code }) => Code);
};
