import { LEDGER, type FleetSettings } from "./contract";
import type { Documents } from "./documents";
import { namesIn, unlessRefused, updateOf, valuesOf } from "./dynamo";

/** What is needed to look after machines of a fleet that has no settings any more. */
export type KnownFleet = Pick<FleetSettings, "roleId" | "runnerGroupId" | "runnerGroupName">;

/** A fleet of which the ledger may hold something. */
export interface ListedFleet {
  readonly fleet: string;
  /** Absent: no sweep has seen its settings. */
  readonly known?: KnownFleet;
  /** ISO 8601: since when the installation has no such fleet. */
  readonly formerSince?: string;
  /** ISO 8601: when an event last came for a fleet that nobody knew. */
  readonly heardAt?: string;
}

/**
 * The fleets that the installation has had: the ledger has a partition for each, and only who knows its name can look into
 * it. The sweep writes down each fleet that it meets; launch those that it does not know.
 */
export interface FleetList {
  read(): Promise<ListedFleet[]>;
  /** An event came for it. */
  hear(fleet: string, at: string): Promise<void>;
  /** The fleet has settings. */
  keep(fleet: string, known: KnownFleet): Promise<void>;
  /** The fleet has none any more. */
  leave(fleet: string, since: string): Promise<void>;
  /** Nothing is left of it. False: an event came since it was read. */
  end(listed: ListedFleet): Promise<boolean>;
}

/** A partition of its own, which no fleet can have: the name of a fleet has no such character. */
const PARTITION = "#fleets";

export const createFleetList = (client: Documents, table: string): FleetList => {
  const keyOf = (fleet: string) => ({ [LEDGER.partitionKey]: PARTITION, [LEDGER.sortKey]: fleet });
  const set = async (fleet: string, fields: Readonly<Record<string, unknown>>): Promise<void> => {
    await client(
      "UpdateItem",
      updateOf(table, keyOf(fleet), { set: { [LEDGER.openKey]: fleet, ...fields } }),
    );
  };
  return {
    read: async () => {
      const condition = `#${LEDGER.partitionKey} = :list`;
      // One page holds thousands.
      const { Items = [] } = await client("Query", {
        TableName: table,
        IndexName: LEDGER.openIndex,
        ConsistentRead: true,
        KeyConditionExpression: condition,
        ExpressionAttributeNames: namesIn(condition),
        ExpressionAttributeValues: valuesOf({ list: PARTITION }),
      });
      return Items.map((item) => ({ ...item, fleet: String(item[LEDGER.sortKey]) }));
    },
    hear: (fleet, heardAt) => set(fleet, { heardAt }),
    keep: (fleet, known) => set(fleet, { known, formerSince: undefined }),
    leave: (fleet, formerSince) => set(fleet, { formerSince }),
    end: ({ fleet, heardAt }) =>
      unlessRefused(() =>
        client(
          "UpdateItem",
          updateOf(table, keyOf(fleet), {
            set: { [LEDGER.openKey]: undefined },
            condition: heardAt === undefined ? "attribute_not_exists(#heardAt)" : "#heardAt = :heardAt",
            values: heardAt === undefined ? {} : { heardAt },
          }),
        ),
      ),
  };
};
