import { LEDGER } from "../shared/contract";
import type { Documents } from "../shared/documents";
import { updateOf } from "../shared/dynamo";

/**
 * What one sweep leaves to the next: numbers by name, such as the page at which a list goes on. One item of the ledger's
 * table, for a sandbox can end at any time, and does when there is too much to do.
 */
export interface SweepNotes {
  /** Reads what the last sweep left, which may have run in another sandbox; not over what could not be written down. */
  load(): Promise<void>;
  /** 0: nothing was left. */
  get(name: string): number;
  set(name: string, value: number): void;
  /** Writes it down if anything is new. */
  save(): Promise<void>;
}

/** In a partition of its own, which no fleet can have: the name of a fleet has no such character. */
const KEY = { [LEDGER.partitionKey]: "#sweep", [LEDGER.sortKey]: "notes" };

type Values = Readonly<Record<string, number>>;

export const createSweepNotes = (client: Documents, table: string): SweepNotes => {
  let written: Values | undefined;
  let values: Values = {};
  return {
    load: async () => {
      if (written && values !== written) return;
      const { Responses } = await client("BatchGetItem", {
        RequestItems: { [table]: { Keys: [KEY], ConsistentRead: true } },
      });
      written = ((Responses?.[table]?.[0] ?? {}) as { values?: Values }).values ?? {};
      values = written;
    },
    get: (name) => values[name] ?? 0,
    set: (name, value) => {
      if (value === (values[name] ?? 0)) return;
      const others = Object.entries(values).filter(([other]) => other !== name);
      values = Object.fromEntries(value === 0 ? others : [...others, [name, value]]);
    },
    save: async () => {
      if (values === written) return;
      const news = values;
      await client("UpdateItem", updateOf(table, KEY, { set: { values: news } }));
      written = news;
    },
  };
};

/** The items, beginning with the one at this place. */
export const inTurn = <T>(items: readonly T[], place: number): T[] => {
  const first = items.length > 0 ? place % items.length : 0;
  return [...items.slice(first), ...items.slice(0, first)];
};
