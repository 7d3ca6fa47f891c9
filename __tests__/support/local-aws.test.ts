import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CreateFleetCommand, EC2Client } from "@aws-sdk/client-ec2";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { GetParametersCommand, SSMClient } from "@aws-sdk/client-ssm";
import {
  DynamoDBDocumentClient,
  QueryCommand,
  TransactWriteCommand,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";
import { LEDGER } from "../../functions/shared/contract";
import { LEDGER_TABLE, newDatabase } from "./fleet-world";
import { startLocalAws, type LocalAws } from "./local-aws";

let aws: LocalAws;
const sent: (readonly [body: string, delaySeconds: number])[] = [];
const launched: string[] = [];
const credentials = { accessKeyId: "test", secretAccessKey: "test" };
const config = () => ({ endpoint: aws.url, region: "eu-central-1", credentials, maxAttempts: 1 });

beforeAll(async () => {
  aws = await startLocalAws({
    database: newDatabase(),
    parameters: new Map([["/known", "value"]]),
    send: (body, delaySeconds) => sent.push([body, delaySeconds]),
    launched: (ids) => launched.push(...ids),
  });
});
afterAll(() => aws.stop());

describe("DynamoDB", () => {
  const client = () => DynamoDBDocumentClient.from(new DynamoDBClient(config()));
  const Key = { [LEDGER.partitionKey]: "runners#linux", [LEDGER.sortKey]: "job#1" };
  const update = (expected: string) =>
    new UpdateCommand({
      TableName: LEDGER_TABLE,
      Key,
      UpdateExpression: "SET #state = :state, #open = :open",
      ConditionExpression: "attribute_not_exists(#state) OR #state = :expected",
      ExpressionAttributeNames: { "#state": "state", "#open": LEDGER.openKey },
      ExpressionAttributeValues: { ":state": "waiting", ":open": "job", ":expected": expected },
      ReturnValues: "ALL_NEW",
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    });

  it("takes and gives items as the real client writes them", async () => {
    const { Attributes } = await client().send(update("any"));
    expect(Attributes).toEqual({ ...Key, state: "waiting", [LEDGER.openKey]: "job" });
    const { Items } = await client().send(
      new QueryCommand({
        TableName: LEDGER_TABLE,
        IndexName: LEDGER.openIndex,
        ConsistentRead: true,
        KeyConditionExpression: "#key = :key",
        ExpressionAttributeNames: { "#key": LEDGER.partitionKey },
        ExpressionAttributeValues: { ":key": "runners#linux" },
      }),
    );
    expect(Items).toEqual([Attributes]);
  });

  it("refuses with the code of AWS, and tells what stood in the way", async () => {
    await expect(client().send(update("busy"))).rejects.toMatchObject({
      name: "ConditionalCheckFailedException",
      Item: { state: { S: "waiting" } },
    });
    const Update = { ...update("busy").input, ReturnValues: undefined };
    await expect(
      client().send(new TransactWriteCommand({ TransactItems: [{ Update: Update as never }] })),
    ).rejects.toMatchObject({
      name: "TransactionCanceledException",
      CancellationReasons: [{ Code: "ConditionalCheckFailed", Item: { state: { S: "waiting" } } }],
    });
  });
});

it("launches, and tells of the machines", async () => {
  const { Instances } = await new EC2Client(config()).send(
    new CreateFleetCommand({
      LaunchTemplateConfigs: [],
      TargetCapacitySpecification: { TotalTargetCapacity: 2, DefaultTargetCapacityType: "spot" },
    }),
  );
  expect(Instances?.[0]?.InstanceIds).toEqual(["i-1", "i-2"]);
  expect(launched).toEqual(["i-1", "i-2"]);
});

it("reads parameters, and takes messages", async () => {
  const found = await new SSMClient(config()).send(new GetParametersCommand({ Names: ["/known", "/other"] }));
  expect(found.Parameters).toEqual([{ Name: "/known", Value: "value" }]);
  const sqs = new SQSClient({ ...config(), md5: false, useQueueUrlAsEndpoint: false });
  await sqs.send(new SendMessageCommand({ QueueUrl: "https://queue", MessageBody: "{}", DelaySeconds: 3 }));
  expect(sent).toEqual([["{}", 3]]);
});
