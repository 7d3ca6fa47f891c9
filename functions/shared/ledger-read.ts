import { BatchGetCommand, paginateQuery, type DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { LEDGER } from "./contract";
import { namesIn, valuesOf } from "./dynamo";
import {
  FLEET_ITEM,
  LONGEST_WAIT_MS,
  machineItem,
  machineStates,
  type FleetView,
  type Job,
  type Machine,
  type MachineState,
} from "./ledger-items";
import { leaseFrom } from "./ledger-lease";

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html */
const KEYS_A_BATCH = 100;

/**
 * A query can see half of a transaction: it may show that the lease is free some milliseconds before it shows every
 * machine that the holder recorded with the same write. For so long the fleet's own item speaks for them.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html#transaction-isolation
 */
const RECENT_MS = 5000;

/** All that is open in a fleet. An item that is not in the index has nothing left to do. */
export const readOpen = async (
  client: DynamoDBDocumentClient,
  table: string,
  fleet: string,
  now: number,
): Promise<FleetView> => {
  const condition = `#${LEDGER.partitionKey} = :fleet`;
  const pages = paginateQuery(
    { client },
    {
      TableName: table,
      IndexName: LEDGER.openIndex,
      ConsistentRead: true,
      KeyConditionExpression: condition,
      ExpressionAttributeNames: namesIn(condition),
      ExpressionAttributeValues: valuesOf({ fleet }),
    },
  );
  const items: Record<string, unknown>[] = [];
  for await (const { Items = [] } of pages) items.push(...Items);
  const kind = (prefix: string) => items.filter((item) => String(item[LEDGER.sortKey]).startsWith(prefix));
  const lease = leaseFrom(kind(FLEET_ITEM)[0]);
  const jobs = kind("job#") as unknown as Job[];
  // Without this, a job whose end was never told would be given machine after machine.
  const waiting = jobs.filter(({ changedAt }) => now - Date.parse(changedAt) < LONGEST_WAIT_MS);
  const machines = kind("machine#") as unknown as Machine[];
  const shown = new Set(machines.map(({ instanceId }) => instanceId));
  const recent = now - lease.recentAt < RECENT_MS ? lease.recent.filter((id) => !shown.has(id)) : [];
  if (recent.length === 0) return { lease, waiting, machines, unseen: [] };
  const states = await readStates(client, table, fleet, recent);
  const unseen = recent.filter((id) => machineStates[states.get(id) ?? "starting"].open);
  return { lease, waiting, machines, unseen };
};

/** The states of those of the instances that the ledger has an item of, open or not. */
export const readStates = async (
  client: DynamoDBDocumentClient,
  table: string,
  fleet: string,
  instanceIds: readonly string[],
): Promise<Map<string, MachineState>> => {
  const states = new Map<string, MachineState>();
  let keys = instanceIds.map((id) => ({
    [LEDGER.partitionKey]: fleet,
    [LEDGER.sortKey]: machineItem(id),
  }));
  while (keys.length > 0) {
    const { Responses, UnprocessedKeys } = await client.send(
      new BatchGetCommand({
        RequestItems: { [table]: { Keys: keys.slice(0, KEYS_A_BATCH), ConsistentRead: true } },
      }),
    );
    for (const { instanceId, state } of (Responses?.[table] ?? []) as unknown as Machine[]) {
      states.set(instanceId, state);
    }
    keys = [...((UnprocessedKeys?.[table]?.Keys ?? []) as typeof keys), ...keys.slice(KEYS_A_BATCH)];
  }
  return states;
};
