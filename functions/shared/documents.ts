import { randomUUID } from "node:crypto";
import type {
  BatchGetCommandInput,
  BatchGetCommandOutput,
  DeleteCommandInput,
  QueryCommandInput,
  QueryCommandOutput,
  TransactWriteCommandInput,
  UpdateCommandInput,
} from "@aws-sdk/lib-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import { awsCall, WITH_TIME, type AwsCall, type AwsOperation } from "./call-aws";

/** Name, input and answer of each call, with items as plain objects. */
interface Calls {
  UpdateItem: [UpdateCommandInput, unknown];
  DeleteItem: [DeleteCommandInput, unknown];
  TransactWriteItems: [TransactWriteCommandInput, unknown];
  Query: [QueryCommandInput, Pick<QueryCommandOutput, "Items" | "LastEvaluatedKey">];
  BatchGetItem: [BatchGetCommandInput, Pick<BatchGetCommandOutput, "Responses" | "UnprocessedKeys">];
}

/** DynamoDB, as far as it is called here. An attribute whose value is undefined is left out. */
export type Documents = <Call extends keyof Calls>(
  call: Call,
  input: Calls[Call][0],
) => Promise<Calls[Call][1]>;

/** @param env as for {@link awsCall} */
export const createDocuments = (env?: NodeJS.ProcessEnv): Documents => {
  const calls = new Map<string, AwsCall>();
  return async (name, input) => {
    const call = calls.get(name) ?? awsCall(operationOf(name), env);
    calls.set(name, call);
    // A try whose answer was lost must not be refused by what it wrote itself.
    const token = name === "TransactWriteItems" ? { ClientRequestToken: randomUUID() } : {};
    return translate(await call({ ...token, ...translate(input, toWire) }), fromWire);
  };
};

const operationOf = (call: keyof Calls): AwsOperation => ({
  service: "dynamodb",
  target: `DynamoDB_20120810.${call}`,
  jsonVersion: "1.0",
  limits: WITH_TIME,
});

type Item = Record<string, unknown>;
type Translate = (item: Item) => Item;

const toWire: Translate = (item) => marshall(item, { removeUndefinedValues: true });
const fromWire: Translate = (item) => unmarshall(item as Parameters<typeof unmarshall>[0]);

/** Where items, or parts of them, stand: one; a list; a list for each table. */
const one = ["Key", "Item", "ExpressionAttributeValues", "ExclusiveStartKey", "LastEvaluatedKey"];
const lists = ["Keys", "Items"];
const listsByTable = ["Responses"];

const translate = (value: object, how: Translate): Item =>
  mapValues(value, (part, name) => {
    if (typeof part !== "object" || part === null) return part;
    if (one.includes(name)) return how(part as Item);
    if (lists.includes(name)) return (part as Item[]).map(how);
    if (listsByTable.includes(name)) return mapValues(part, (items) => (items as Item[]).map(how));
    return Array.isArray(part) ? part.map((each: object) => translate(each, how)) : translate(part, how);
  });

const mapValues = (value: object, map: (value: unknown, name: string) => unknown): Item =>
  Object.fromEntries(Object.entries(value).map(([name, part]) => [name, map(part, name)]));
