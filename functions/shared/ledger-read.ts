import { BatchGetCommand, paginateQuery, type DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { LEDGER } from "./contract";
import { namesIn, valuesOf } from "./dynamo";
import { FLEET_ITEM, machineItem, type FleetView, type Job, type Machine } from "./ledger-items";
import { leaseFrom } from "./ledger-lease";

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html */
const KEYS_A_BATCH = 100;

/** All that is open in a fleet. An item that is not in the index has nothing left to do. */
export const readOpen = async (
  client: DynamoDBDocumentClient,
  table: string,
  fleet: string,
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
  return {
    lease: leaseFrom(kind(FLEET_ITEM)[0]),
    waiting: kind("job#") as unknown as Job[],
    machines: kind("machine#") as unknown as Machine[],
  };
};

/** Those of the instances that the ledger has an item of, open or not. */
export const readKnown = async (
  client: DynamoDBDocumentClient,
  table: string,
  fleet: string,
  instanceIds: readonly string[],
): Promise<Set<string>> => {
  const known = new Set<string>();
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
    for (const { instanceId } of Responses?.[table] ?? []) known.add(String(instanceId));
    keys = [...((UnprocessedKeys?.[table]?.Keys ?? []) as typeof keys), ...keys.slice(KEYS_A_BATCH)];
  }
  return known;
};
