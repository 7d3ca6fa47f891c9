import { ConditionalCheckFailedException, TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { DeleteCommand, GetCommand, TransactWriteCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
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
const idle = { id: { S: "one" }, state: { S: "idle" } };

it("reads one item, or none", async () => {
  const client = database().client();

  expect((await client.send(new GetCommand({ TableName, Key }))).Item).toEqual({ id: "one", state: "idle" });
  expect((await client.send(new GetCommand({ TableName, Key: { id: "two" } }))).Item).toBeUndefined();
});

it("reads and deletes in one call", async () => {
  const memory = database();
  const take = new DeleteCommand({ TableName, Key, ReturnValues: "ALL_OLD" });

  expect((await memory.client().send(take)).Attributes).toEqual({ id: "one", state: "idle" });
  expect((await memory.client().send(take)).Attributes).toBeUndefined();
  expect(memory.items(TableName)).toEqual([]);
});

it("tells of an update what was, or what is", async () => {
  const client = database().client();
  const change = (state: string, ReturnValues: "ALL_OLD" | "ALL_NEW") =>
    client.send(
      new UpdateCommand({
        TableName,
        Key,
        UpdateExpression: "SET #state = :state",
        ExpressionAttributeNames: { "#state": "state" },
        ExpressionAttributeValues: { ":state": state },
        ReturnValues,
      }),
    );

  expect((await change("busy", "ALL_OLD")).Attributes).toEqual({ id: "one", state: "idle" });
  expect((await change("gone", "ALL_NEW")).Attributes).toEqual({ id: "one", state: "gone" });
});

it("tells of a refused deletion what stood in its way", async () => {
  const memory = database();

  const refusal: unknown = await memory
    .client()
    .send(new DeleteCommand(unlessIdle))
    .catch((error: unknown) => error);

  expect(refusal).toBeInstanceOf(ConditionalCheckFailedException);
  expect(refusal).toMatchObject({ Item: idle });
  expect(memory.items(TableName)).toHaveLength(1);
});

it("tells of a cancelled transaction which item stood in its way, and makes none of its writes", async () => {
  const memory = database();
  const TransactItems = [{ Put: { TableName, Item: { id: "two" } } }, { Delete: unlessIdle }];

  const refusal: unknown = await memory
    .client()
    .send(new TransactWriteCommand({ TransactItems }))
    .catch((error: unknown) => error);

  expect(refusal).toBeInstanceOf(TransactionCanceledException);
  expect(refusal).toMatchObject({
    CancellationReasons: [{ Code: "None" }, { Code: "ConditionalCheckFailed", Item: idle }],
  });
  expect(memory.items(TableName).map(({ id }) => id)).toEqual(["one"]);
});
