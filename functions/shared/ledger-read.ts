import { LEDGER } from "./contract";
import type { Documents } from "./documents";
import { namesIn, valuesOf } from "./dynamo";
import {
  FLEET_ITEM,
  holdsPlace,
  jobItem,
  LONGEST_WAIT_MS,
  machineItem,
  type FleetView,
  type Job,
  type Machine,
  type MachineState,
  type Task,
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
  client: Documents,
  table: string,
  fleet: string,
  now: number,
): Promise<FleetView> => {
  const condition = `#${LEDGER.partitionKey} = :fleet`;
  const query = {
    TableName: table,
    IndexName: LEDGER.openIndex,
    ConsistentRead: true,
    KeyConditionExpression: condition,
    ExpressionAttributeNames: namesIn(condition),
    ExpressionAttributeValues: valuesOf({ fleet }),
  };
  // By key: of one that moved from page to page while it was read, what was seen last.
  const items = new Map<string, Record<string, unknown>>();
  let next: Record<string, unknown> | undefined;
  do {
    const { Items = [], LastEvaluatedKey } = await client("Query", { ...query, ExclusiveStartKey: next });
    for (const item of Items) items.set(String(item[LEDGER.sortKey]), item);
    next = LastEvaluatedKey;
  } while (next);
  const kind = (prefix: string) =>
    [...items].flatMap(([key, item]) => (key.startsWith(prefix) ? [item] : []));
  const lease = leaseFrom(kind(FLEET_ITEM)[0]);
  const jobs = kind("job#") as unknown as Job[];
  // Without this, a job whose end was never told would be given machine after machine.
  const waiting = jobs.filter(({ state }) => state === "waiting");
  const isOverdue = ({ changedAt }: Job): boolean => now - Date.parse(changedAt) >= LONGEST_WAIT_MS;
  const machines = kind("machine#") as unknown as Machine[];
  const view = {
    lease,
    waiting: waiting.filter((job) => !isOverdue(job)),
    withdrawn: jobs.filter(({ state }) => state === "withdrawn"),
    overdue: waiting.filter(isOverdue),
    machines,
    tasks: kind("task#") as unknown as Task[],
  };
  const shown = new Set(machines.map(({ instanceId }) => instanceId));
  const recent = now - lease.recentAt < RECENT_MS ? lease.recent.filter((id) => !shown.has(id)) : [];
  if (recent.length === 0) return { ...view, unseen: [] };
  const states = await readStates(client, table, fleet, recent);
  const unseen = recent.filter((id) => holdsPlace(states.get(id) ?? "starting"));
  return { ...view, unseen };
};

/** The machine, in whichever of the fleets it is. */
export const readMachine = async (
  client: Documents,
  table: string,
  fleets: readonly string[],
  instanceId: string,
): Promise<{ readonly fleet: string; readonly machine: Machine } | undefined> => {
  const found = await readItems(
    client,
    table,
    fleets.map((fleet) => ({ fleet, item: machineItem(instanceId) })),
  );
  const [item] = found;
  return item && { fleet: String(item[LEDGER.partitionKey]), machine: item as unknown as Machine };
};

/** The fleet that the job is for. */
export const readFleetOf = async (
  client: Documents,
  table: string,
  fleets: readonly string[],
  jobId: number,
): Promise<string | undefined> => {
  const wanted = fleets.map((fleet) => ({ fleet, item: jobItem(jobId) }));
  const items = await readItems(client, table, wanted);
  const item = items.find(({ state }) => state !== "moved");
  return item && String(item[LEDGER.partitionKey]);
};

/** The states of those of the instances that the ledger has an item of, open or not. */
export const readStates = async (
  client: Documents,
  table: string,
  fleet: string,
  instanceIds: readonly string[],
): Promise<Map<string, MachineState>> => {
  // A machine can be recorded twice by one holder: at first without its registration. One key twice is refused.
  const items = await readItems(
    client,
    table,
    [...new Set(instanceIds)].map((id) => ({ fleet, item: machineItem(id) })),
  );
  return new Map((items as unknown as Machine[]).map(({ instanceId, state }) => [instanceId, state]));
};

const readItems = async (
  client: Documents,
  table: string,
  wanted: readonly { readonly fleet: string; readonly item: string }[],
): Promise<Record<string, unknown>[]> => {
  const items: Record<string, unknown>[] = [];
  let keys = wanted.map(({ fleet, item }) => ({ [LEDGER.partitionKey]: fleet, [LEDGER.sortKey]: item }));
  while (keys.length > 0) {
    const { Responses, UnprocessedKeys } = await client("BatchGetItem", {
      RequestItems: { [table]: { Keys: keys.slice(0, KEYS_A_BATCH), ConsistentRead: true } },
    });
    items.push(...(Responses?.[table] ?? []));
    keys = [...((UnprocessedKeys?.[table]?.Keys ?? []) as typeof keys), ...keys.slice(KEYS_A_BATCH)];
  }
  return items;
};
