/** What the emulator knows of keys: which key a thing lies under now, and what a role's policies say at this moment of an apply. */
import { DescribeTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { ChangeMessageVisibilityCommand, GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { DescribeParametersCommand, SSMClient } from "@aws-sdk/client-ssm";
import type { Policy } from "./iam";
import { emulatorCredentials, emulatorRegion } from "./moto";

/** A key of the customer's by ARN; undefined: a key that AWS owns or manages, which needs no right. */
export type Key = string | undefined;

export interface KeyedThings {
  readonly table: (name: string) => Promise<Key>;
  readonly queue: (url: string) => Promise<Key>;
  readonly parameters: (names: readonly string[]) => Promise<ReadonlyMap<string, Key>>;
  /** Absent: there is no such role. */
  readonly policies: (role: string) => Promise<readonly Policy[] | undefined>;
  /** A message that was received shows again. */
  readonly giveBack: (queueUrl: string, receiptHandle: string) => Promise<void>;
}

/** @param endpoint of the emulator itself, not of a proxy that asks here */
export const emulatedKeys = (endpoint: string): KeyedThings => {
  const config = { endpoint, region: emulatorRegion, credentials: emulatorCredentials };
  const dynamodb = new DynamoDBClient(config);
  const sqs = new SQSClient({ ...config, useQueueUrlAsEndpoint: false });
  const ssm = new SSMClient(config);
  return {
    table: async (TableName) => {
      const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName }));
      return customers(Table?.SSEDescription?.KMSMasterKeyArn);
    },
    queue: async (QueueUrl) => {
      const asked = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["KmsMasterKeyId"] });
      return customers((await sqs.send(asked)).Attributes?.KmsMasterKeyId);
    },
    parameters: async (names) => {
      const asked = new DescribeParametersCommand({
        ParameterFilters: [{ Key: "Name", Option: "Equals", Values: [...names] }],
      });
      const { Parameters = [] } = await ssm.send(asked);
      return new Map(Parameters.map(({ Name = "", KeyId }) => [Name, customers(KeyId)]));
    },
    policies: policyReader(endpoint),
    giveBack: async (QueueUrl, ReceiptHandle) => {
      await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
    },
  };
};

const customers = (key: string | undefined): Key => (key?.includes(":key/") ? key : undefined);

/** By the query protocol, whose answers are XML: IAM has no client here. */
const policyReader = (endpoint: string) => {
  const ask = async (parameters: Readonly<Record<string, string>>): Promise<string | undefined> => {
    const answer = await fetch(endpoint, {
      method: "POST",
      headers: {
        authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=none`,
        "content-type": "application/x-www-form-urlencoded",
      },
      body: new URLSearchParams({ Version: "2010-05-08", ...parameters }),
    });
    if (answer.status === 404) return undefined;
    if (!answer.ok) throw new Error(`IAM answered ${answer.status} to ${parameters.Action}.`);
    return answer.text();
  };
  return async (RoleName: string): Promise<readonly Policy[] | undefined> => {
    const names = await ask({ Action: "ListRolePolicies", RoleName });
    if (names === undefined) return undefined;
    const listed = [...names.matchAll(/<member>([^<]+)<\/member>/g)].map(([, name = ""]) => name);
    const texts = await Promise.all(
      listed.map((PolicyName) => ask({ Action: "GetRolePolicy", RoleName, PolicyName })),
    );
    return texts.flatMap((text) => {
      const document = /<PolicyDocument>([^<]+)<\/PolicyDocument>/.exec(text ?? "")?.[1];
      return document === undefined ? [] : [JSON.parse(decodeURIComponent(document)) as Policy];
    });
  };
};
