import type { AwsCallError } from "../../functions/shared/call-aws";
import { InMemoryDynamoDb } from "./dynamodb";

const TableName = "table";
const Key = { id: "one" };
const database = (): InMemoryDynamoDb => {
  const memory = new InMemoryDynamoDb({ [TableName]: { keys: ["id"] } });
  memory.put(TableName, { ...Key, state: "idle" });
  return memory;
};
const unlessIdle = {
  TableName,
  Key,
  ConditionExpression: "#state <> :idle",
  ExpressionAttributeNames: { "#state": "state" },
  ExpressionAttributeValues: { ":idle": "idle" },
  ReturnValuesOnConditionCheckFailure: "ALL_OLD" as const,
};
const refusalOf = async (call: Promise<unknown>): Promise<AwsCallError> =>
  (await call.catch((error: unknown) => error)) as AwsCallError;
const idle = { id: { S: "one" }, state: { S: "idle" } };

it("reads and deletes in one call", async () => {
  const memory = database();
  const take = () => memory.client()("DeleteItem", { TableName, Key, ReturnValues: "ALL_OLD" });

  expect(await take()).toMatchObject({ Attributes: { id: "one", state: "idle" } });
  expect(await take()).toMatchObject({ Attributes: undefined });
  expect(memory.items(TableName)).toEqual([]);
});

it("tells of an update what was, or what is", async () => {
  const client = database().client();
  const change = (state: string, ReturnValues: "ALL_OLD" | "ALL_NEW") =>
    client("UpdateItem", {
      TableName,
      Key,
      UpdateExpression: "SET #state = :state",
      ExpressionAttributeNames: { "#state": "state" },
      ExpressionAttributeValues: { ":state": state },
      ReturnValues,
    });

  expect(await change("busy", "ALL_OLD")).toMatchObject({ Attributes: { id: "one", state: "idle" } });
  expect(await change("gone", "ALL_NEW")).toMatchObject({ Attributes: { id: "one", state: "gone" } });
});

it("tells of a refused deletion what stood in its way", async () => {
  const memory = database();

  const refusal = await refusalOf(memory.client()("DeleteItem", unlessIdle));

  expect(refusal.name).toBe("ConditionalCheckFailedException");
  expect(refusal.answer).toMatchObject({ Item: idle });
  expect(memory.items(TableName)).toHaveLength(1);
});

it("tells of a cancelled transaction which item stood in its way, and makes none of its writes", async () => {
  const memory = database();
  const TransactItems = [{ Put: { TableName, Item: { id: "two" } } }, { Delete: unlessIdle }];

  const refusal = await refusalOf(memory.client()("TransactWriteItems", { TransactItems }));

  expect(refusal.name).toBe("TransactionCanceledException");
  expect(refusal.answer).toMatchObject({
    CancellationReasons: [{ Code: "None" }, { Code: "ConditionalCheckFailed", Item: idle }],
  });
  expect(memory.items(TableName).map(({ id }) => id)).toEqual(["one"]);
});
