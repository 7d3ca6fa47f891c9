/** As much of AWS as launch and webhook call, in memory and behind a socket: quick enough to be measured against. */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import type { InMemoryDynamoDb } from "./dynamodb";
import { answerEc2 } from "./ec2-stand-in";
import { readAll } from "./proxy";

export interface LocalAwsOptions {
  readonly database: InMemoryDynamoDb;
  /** Of Parameter Store: values by name. */
  readonly parameters: ReadonlyMap<string, string>;
  /** Takes what is put on a queue. */
  readonly send: (body: string, delaySeconds: number) => void;
  /** Told of machines as they are launched. */
  readonly launched?: (instanceIds: readonly string[]) => void;
}

export interface LocalAws {
  readonly url: string;
  stop(): Promise<void>;
}

type Json = Readonly<Record<string, unknown>>;

export const startLocalAws = async (options: LocalAwsOptions): Promise<LocalAws> => {
  const made: string[] = [];
  const answerJson = jsonServices(options);
  const answerXml = (body: string): { status: number; answer: string } => {
    const before = made.length;
    const { status, body: answer } = answerEc2(new URLSearchParams(body), made);
    if (made.length > before) options.launched?.(made.slice(before));
    return { status, answer };
  };
  const server = createServer((request, response) => {
    void readAll(request).then((bytes) => {
      const body = bytes.toString();
      const target = targetOf(request);
      const { status, answer } = target ? answerJson(target, body) : answerXml(body);
      response.writeHead(status, { "content-type": target ? "application/x-amz-json-1.0" : "text/xml" });
      response.end(answer);
    });
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      const closed = new Promise((done) => server.close(done));
      server.closeAllConnections();
      await closed;
    },
  };
};

/** `DynamoDB_20120810.Query`; absent from calls of EC2, whose protocol is an older one. */
const targetOf = ({ headers }: IncomingMessage): string | undefined =>
  headers["x-amz-target"] && String(headers["x-amz-target"]);

const jsonServices = ({ database, parameters, send }: LocalAwsOptions) => {
  const tables: Readonly<Record<string, (input: never) => unknown>> = {
    UpdateItem: (input) => database.update(input),
    DeleteItem: (input) => database.delete(input),
    TransactWriteItems: (input) => database.transactWrite(input),
    Query: (input) => database.query(input),
    BatchGetItem: (input) => database.batchGet(input),
  };
  const others: Readonly<Record<string, (input: Json) => unknown>> = {
    "AmazonSSM.GetParameters": ({ Names }) => {
      const found = (Names as string[]).filter((name) => parameters.has(name));
      return { Parameters: found.map((Name) => ({ Name, Value: parameters.get(Name) })) };
    },
    "AmazonSQS.SendMessage": ({ MessageBody, DelaySeconds = 0 }) => {
      send(String(MessageBody), Number(DelaySeconds));
      return { MessageId: "00000000-0000-4000-8000-000000000000" };
    },
  };
  return (target: string, body: string): { readonly status: number; readonly answer: string } => {
    const input = JSON.parse(body) as Json;
    const table = tables[target.replace("DynamoDB_20120810.", "")];
    const other = others[target];
    try {
      if (table) return ok(toWire(table(fromWire(input) as never) as Json));
      if (other) return ok(other(input));
      return refused({ name: "UnknownOperationException", message: target });
    } catch (error) {
      return refused(error as Error);
    }
  };
};

const ok = (answer: unknown) => ({ status: 200, answer: JSON.stringify(answer) });

/** With what the exception carries, or the answer in it: the items of refused conditions stand there as they are sent. */
const refused = ({ name, message, answer, ...fields }: Error & { readonly answer?: object }) => ({
  status: 400,
  answer: JSON.stringify({ ...fields, ...answer, __type: name, message }),
});

const items = new Set(["Key", "Item", "ExpressionAttributeValues", "ExclusiveStartKey"]);

/** `{ state: { S: "idle" } }` becomes `{ state: "idle" }`, wherever an item stands. */
const fromWire = (value: unknown, name = ""): unknown => {
  if (typeof value !== "object" || value === null) return value;
  if (items.has(name)) return unmarshall(value as never);
  if (Array.isArray(value))
    return value.map((one: unknown) => fromWire(one, name === "Keys" ? "Key" : undefined));
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, fromWire(one, key)]));
};

type Items = readonly Json[];

const toWire = ({ Item, Attributes, LastEvaluatedKey, Items, Responses }: Json): Json => {
  const wired = (item: unknown): unknown => item && marshall(item, { removeUndefinedValues: true });
  return {
    Item: wired(Item),
    Attributes: wired(Attributes),
    LastEvaluatedKey: wired(LastEvaluatedKey),
    Items: (Items as Items | undefined)?.map(wired),
    Responses:
      Responses &&
      Object.fromEntries(
        Object.entries(Responses as Record<string, Items>).map(([table, found]) => [table, found.map(wired)]),
      ),
  };
};
