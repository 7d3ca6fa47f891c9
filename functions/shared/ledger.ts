import { TransactWriteCommand, UpdateCommand, type DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { JobMessage } from "./contract";
import { ITEMS_A_TRANSACTION, unlessRefused, type TransactItem, type Update } from "./dynamo";
import type { FleetView, Launch, Lease, MachineState } from "./ledger-items";
import { leaseWrites, type LeaseHolder, type LeaseOutcome } from "./ledger-lease";
import { readOpen, readStates } from "./ledger-read";
import { ledgerWrites, type LedgerTables, type RegisteredMachine } from "./ledger-writes";

export interface LedgerOptions extends LedgerTables {
  readonly client: DynamoDBDocumentClient;
  /** Epoch milliseconds. Default: the clock */
  readonly now?: () => number;
}

/** What became of writing down an event. `failed`: it has to come again. */
export type Recorded =
  { readonly outcome: "moved" | "unchanged" } | { readonly outcome: "failed"; readonly error: unknown };

/** What is known and wanted of jobs and machines: moved by conditional writes only. */
export interface Ledger {
  /** Writes down events, each for itself: their order and their repetition change nothing in the end. */
  record(messages: readonly JobMessage[]): Promise<Recorded[]>;
  /** All that is open in the fleet, from one strongly consistent read. */
  read(fleet: string): Promise<FleetView>;
  /** Tells the holder that something changed. False: nobody holds the lease any more. */
  mark(fleet: string): Promise<boolean>;
  /** Takes the lease, or keeps it, and writes down what is under way. False: another was quicker. */
  hold(fleet: string, seen: Lease, holder: LeaseHolder, launches: readonly Launch[]): Promise<boolean>;
  /**
   * Records machines together with their registrations and, when given an outcome, lets the lease go. At most
   * {@link MACHINES_A_WRITE} machines. True: the lease is let go.
   */
  settle(fleet: string, machines: readonly RegisteredMachine[], outcome?: LeaseOutcome): Promise<boolean>;
  /** Lets the lease go. False: somebody left a mark since, or the lease was lost. */
  release(fleet: string, outcome: LeaseOutcome): Promise<boolean>;
  /** The states of those of the instances that the ledger has an item of, open or not. */
  states(fleet: string, instanceIds: readonly string[]): Promise<ReadonlyMap<string, MachineState>>;
  /** False: it was gone already. */
  markGone(fleet: string, instanceId: string): Promise<boolean>;
}

/** Two items a machine, and the fleet's own. */
export const MACHINES_A_WRITE = Math.floor((ITEMS_A_TRANSACTION - 1) / 2);

export const createLedger = (options: LedgerOptions): Ledger => {
  const { client, table, now = Date.now } = options;
  const writes = ledgerWrites(options);
  const lease = leaseWrites(table, now);
  const timestamp = (): string => new Date(now()).toISOString();
  const write = (update: Update): Promise<boolean> =>
    unlessRefused(() => client.send(new UpdateCommand(update)));
  const transact = (items: readonly TransactItem[]): Promise<boolean> =>
    unlessRefused(() => client.send(new TransactWriteCommand({ TransactItems: [...items] })));
  const release: Ledger["release"] = (fleet, outcome) => write(lease.release(fleet, outcome));

  return {
    record: async (messages) => {
      const updates = messages.map(writes.event);
      if (await writeTogether(transact, updates.flat())) return messages.map(() => ({ outcome: "moved" }));
      return Promise.all(updates.map((some) => writeSingly(write, some)));
    },
    read: (fleet) => readOpen(client, table, fleet, now()),
    mark: (fleet) => write(lease.mark(fleet)),
    hold: (fleet, seen, holder, launches) => write(lease.hold(fleet, seen, holder, launches)),
    settle: async (fleet, machines, outcome) => {
      if (machines.length === 0) return outcome ? release(fleet, outcome) : false;
      const started = machines.map((machine) => writes.started(fleet, machine, timestamp()));
      const letGo = outcome ? [{ Update: lease.release(fleet, outcome) }] : [];
      if (await transact([...started.flat(), ...letGo])) return outcome !== undefined;
      // Somebody left a mark, or one of the machines has moved on already: no matter of the other machines.
      await Promise.all(started.map(transact));
      return outcome ? release(fleet, outcome) : false;
    },
    release,
    states: (fleet, instanceIds) => readStates(client, table, fleet, instanceIds),
    markGone: (fleet, instanceId) => write(writes.gone(fleet, instanceId, timestamp())),
  };
};

/** One call for all. An event that is refused, or poison, is no more than the reason to write each by itself. */
const writeTogether = async (
  transact: (items: readonly TransactItem[]) => Promise<boolean>,
  updates: readonly Update[],
): Promise<boolean> => {
  const keys = new Set(updates.map(({ Key }) => JSON.stringify(Key)));
  const fits = updates.length > 1 && updates.length <= ITEMS_A_TRANSACTION && keys.size === updates.length;
  return fits && transact(updates.map((update) => ({ Update: update }))).catch(() => false);
};

const writeSingly = async (
  write: (update: Update) => Promise<boolean>,
  updates: readonly Update[],
): Promise<Recorded> => {
  try {
    const moved = await Promise.all(updates.map(write));
    return { outcome: moved.includes(true) ? "moved" : "unchanged" };
  } catch (error) {
    return { outcome: "failed", error };
  }
};
