import { createDocuments } from "../../../functions/shared/documents";
import { unlessRefused } from "../../../functions/shared/dynamo";
import { startAwsServer, type AwsReply, type AwsServer } from "../../support/aws-server";

let aws: AwsServer;
beforeEach(async () => {
  aws = await startAwsServer();
});
afterEach(() => aws.stop());

const documents = (...replies: AwsReply[]) => {
  aws.replies = replies;
  return createDocuments({
    AWS_REGION: "eu-central-1",
    AWS_ACCESS_KEY_ID: "id",
    AWS_SECRET_ACCESS_KEY: "key",
    AWS_ENDPOINT_URL: aws.endpoint,
  });
};
const sent = () =>
  aws.requests.map(({ headers, body }) => ({
    target: headers["x-amz-target"],
    input: JSON.parse(body) as Record<string, unknown>,
  }));

const Key = { fleet: "f", item: "i" };
const wireKey = { fleet: { S: "f" }, item: { S: "i" } };

describe("DynamoDB's calls", () => {
  it("carry keys and values in its types, and leave out what has no value", async () => {
    await documents({})("UpdateItem", {
      TableName: "ledger",
      Key,
      UpdateExpression: "SET #a = :a",
      ExpressionAttributeNames: { "#a": "Item" },
      ExpressionAttributeValues: { ":a": { count: 1, list: [true, null], nothing: undefined } },
    });

    expect(sent()).toEqual([
      {
        target: "DynamoDB_20120810.UpdateItem",
        input: {
          TableName: "ledger",
          Key: wireKey,
          UpdateExpression: "SET #a = :a",
          ExpressionAttributeNames: { "#a": "Item" },
          ExpressionAttributeValues: {
            ":a": { M: { count: { N: "1" }, list: { L: [{ BOOL: true }, { NULL: true }] } } },
          },
        },
      },
    ]);
  });

  it("read what a query found, and where it goes on", async () => {
    const client = documents({ json: { Items: [{ ...wireKey, n: { N: "7" } }], LastEvaluatedKey: wireKey } });

    const page = await client("Query", { TableName: "ledger", ExclusiveStartKey: Key });

    expect(page).toEqual({ Items: [{ ...Key, n: 7 }], LastEvaluatedKey: Key });
    expect(sent()).toMatchObject([{ input: { ExclusiveStartKey: wireKey } }]);
  });

  it("read a batch by its tables, and what of it is left to ask for", async () => {
    const client = documents({
      json: { Responses: { ledger: [wireKey] }, UnprocessedKeys: { ledger: { Keys: [wireKey] } } },
    });

    const answer = await client("BatchGetItem", {
      RequestItems: { ledger: { Keys: [Key], ConsistentRead: true } },
    });

    expect(answer).toEqual({ Responses: { ledger: [Key] }, UnprocessedKeys: { ledger: { Keys: [Key] } } });
    expect(sent()).toMatchObject([
      { input: { RequestItems: { ledger: { Keys: [wireKey], ConsistentRead: true } } } },
    ]);
  });
});

describe("a transaction", () => {
  const TransactItems = [{ Put: { TableName: "t", Item: Key } }, { Delete: { TableName: "t", Key } }];

  it("is repeated with the same token, so that what it wrote does not refuse it, and a new one has another", async () => {
    const client = documents({ status: 500, json: {} }, {});

    await client("TransactWriteItems", { TransactItems });
    await client("TransactWriteItems", { TransactItems });

    const tokens = sent().map(({ input }) => input.ClientRequestToken);
    expect(tokens).toEqual([expect.any(String), tokens[0], expect.any(String)]);
    expect(tokens[2]).not.toBe(tokens[0]);
    expect(sent()[0]!.input.TransactItems).toEqual([
      { Put: { TableName: "t", Item: wireKey } },
      { Delete: { TableName: "t", Key: wireKey } },
    ]);
  });

  it.each([
    [
      "TransactionCanceledException",
      { CancellationReasons: [{ Code: "None" }, { Code: "ConditionalCheckFailed" }] },
    ],
    ["ConditionalCheckFailedException", {}],
  ])("that is refused says so: %s", async (name, answer) => {
    const json = { __type: `com.amazonaws.dynamodb.v20120810#${name}`, ...answer };
    const client = documents({ status: 400, json });

    expect(await unlessRefused(() => client("TransactWriteItems", { TransactItems }))).toBe(false);
    expect(aws.requests).toHaveLength(1);
  });
});
