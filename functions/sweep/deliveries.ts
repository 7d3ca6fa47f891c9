import { LEDGER } from "../shared/contract";
import type { Documents } from "../shared/documents";
import { updateOf } from "../shared/dynamo";

/** A delivery that failed, and when that was dealt with (ISO 8601). */
export interface DealtWith {
  readonly id: string;
  readonly at: string;
}

/** How far the deliveries of the webhook have been looked through. */
export interface DeliveryState {
  /** ISO 8601. Absent: never. */
  readonly until?: string;
  /** Deliveries that have been sent again. */
  readonly sent: readonly DealtWith[];
  /** Deliveries that go on failing, and were told of. */
  readonly told: readonly DealtWith[];
}

/** What the sweep has to remember of the webhook's deliveries: one item of the ledger's table. */
export interface DeliveryNotes {
  read(): Promise<DeliveryState>;
  write(state: DeliveryState): Promise<void>;
}

/** In a partition of its own, which no fleet can have: the name of a fleet has no such character. */
const KEY = { [LEDGER.partitionKey]: "#webhook", [LEDGER.sortKey]: "deliveries" };

export const createDeliveryNotes = (client: Documents, table: string): DeliveryNotes => ({
  read: async () => {
    const { Responses } = await client("BatchGetItem", {
      RequestItems: { [table]: { Keys: [KEY], ConsistentRead: true } },
    });
    const { until, sent = [], told = [] } = (Responses?.[table]?.[0] ?? {}) as Partial<DeliveryState>;
    return { until, sent, told };
  },
  write: async ({ until, sent, told }) => {
    await client("UpdateItem", updateOf(table, KEY, { set: { until, sent, told } }));
  },
});
