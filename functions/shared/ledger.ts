import { TransactWriteCommand, UpdateCommand, type DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { LEDGER, type Handoff, type JobMessage } from "./contract";
import { ITEMS_A_TRANSACTION, unlessRefused, updateOf, type TransactItem, type Update } from "./dynamo";
import {
  jobItem,
  machineItem,
  machineOfRunner,
  machineStates,
  transitions,
  type FleetView,
  type Launch,
  type LaunchedMachine,
  type Lease,
  type Machine,
  type MachineState,
  type State,
} from "./ledger-items";
import { leaseWrites, type LeaseHolder, type LeaseOutcome } from "./ledger-lease";
import { readOpen, readStates } from "./ledger-read";

export interface LedgerOptions {
  readonly client: DynamoDBDocumentClient;
  readonly table: string;
  readonly handoffTable: string;
  /** The name prefix: tells runners of ours from others. */
  readonly installation: string;
  /** Epoch milliseconds. Default: the clock */
  readonly now?: () => number;
}

/** A machine that can be recorded: with the registration that it will take. */
export interface RegisteredMachine {
  readonly machine: LaunchedMachine;
  readonly runnerId?: number;
  readonly handoff: Handoff;
}

/** What became of writing down an event. `failed`: it has to come again. */
export type Recorded =
  { readonly outcome: "moved" | "unchanged" } | { readonly outcome: "failed"; readonly error: unknown };

/** What is known and wanted of jobs and machines: moved by conditional writes only. */
export interface Ledger {
  /** Writes down events, each for itself. */
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

const DAY_S = 24 * 60 * 60;

export const createLedger = (options: LedgerOptions): Ledger => {
  const { client, table, handoffTable, installation, now = Date.now } = options;
  const lease = leaseWrites(table, now);
  const timestamp = (): string => new Date(now()).toISOString();
  const write = (update: Update): Promise<boolean> =>
    unlessRefused(() => client.send(new UpdateCommand(update)));
  const transact = (items: readonly TransactItem[]): Promise<boolean> =>
    unlessRefused(() => client.send(new TransactWriteCommand({ TransactItems: [...items] })));

  const advanceMachine = (fleet: string, state: State<string>, machine: Moved<Machine>): Update =>
    advance(
      table,
      { fleet, item: machineItem(machine.instanceId), place: machine.instanceId },
      state,
      machine,
    );

  const eventWrites = (message: JobMessage): Update[] => {
    const { action, fleet, receivedAt, ...fields } = message;
    const { job, machine } = transitions[action];
    const place = `${message.createdAt}#${message.jobId}`;
    const moved = { ...fields, changedAt: receivedAt };
    const writes = [advance(table, { fleet, item: jobItem(message.jobId), place }, job, moved)];
    const runner = machine && machineOfRunner(installation, message.runnerName);
    if (!runner) return writes;
    const { instanceId } = runner;
    const busy = { instanceId, jobId: message.jobId, changedAt: receivedAt };
    return [...writes, advanceMachine(runner.fleet, machine, busy)];
  };

  /** One call for all. An event that is refused, or poison, is no more than the reason to write each by itself. */
  const recordTogether = async (writes: readonly Update[]): Promise<boolean> => {
    const keys = new Set(writes.map(({ Key }) => JSON.stringify(Key)));
    const fits = writes.length > 1 && writes.length <= ITEMS_A_TRANSACTION && keys.size === writes.length;
    return fits && transact(writes.map((update) => ({ Update: update }))).catch(() => false);
  };

  const recordOne = async (writes: readonly Update[]): Promise<Recorded> => {
    try {
      const moved = await Promise.all(writes.map(write));
      return { outcome: moved.includes(true) ? "moved" : "unchanged" };
    } catch (error) {
      return { outcome: "failed", error };
    }
  };

  const machineWrites = (
    fleet: string,
    { machine, runnerId, handoff }: RegisteredMachine,
  ): TransactItem[] => [
    {
      Update: advanceMachine(fleet, machineStates.starting, { ...machine, runnerId, changedAt: timestamp() }),
    },
    { Put: { TableName: handoffTable, Item: { ...handoff } } },
  ];

  const release: Ledger["release"] = (fleet, outcome) => write(lease.release(fleet, outcome));

  return {
    record: async (messages) => {
      const writes = messages.map(eventWrites);
      if (await recordTogether(writes.flat())) return messages.map(() => ({ outcome: "moved" }));
      return Promise.all(writes.map(recordOne));
    },
    read: (fleet) => readOpen(client, table, fleet, now()),
    mark: (fleet) => write(lease.mark(fleet)),
    hold: (fleet, seen, holder, launches) => write(lease.hold(fleet, seen, holder, launches)),
    release,
    settle: async (fleet, machines, outcome) => {
      if (machines.length === 0) return outcome ? release(fleet, outcome) : false;
      const writes = machines.map((machine) => machineWrites(fleet, machine));
      const letGo = outcome ? [{ Update: lease.release(fleet, outcome) }] : [];
      if (await transact([...writes.flat(), ...letGo])) return outcome !== undefined;
      // Somebody left a mark, or one of the machines has moved on already: that is no matter of the other machines.
      await Promise.all(writes.map(transact));
      return outcome ? release(fleet, outcome) : false;
    },
    states: (fleet, instanceIds) => readStates(client, table, fleet, instanceIds),
    markGone: (fleet, instanceId) =>
      write(advanceMachine(fleet, machineStates.gone, { instanceId, changedAt: timestamp() })),
  };
};

/** What a write says of an item beside its state. */
type Moved<T> = Partial<Omit<T, "state" | "changedAt" | "instanceId">> & {
  readonly changedAt: string;
} & Pick<T, Extract<keyof T, "instanceId">>;

interface Place {
  readonly fleet: string;
  readonly item: string;
  /** Where it stands among those of its state that are open. */
  readonly place: string;
}

/**
 * Moves a job or a machine to a state, unless it is there or further already: see {@link State}. Creates it if need be,
 * since the first event of a job to arrive is not always its first.
 */
const advance = (
  table: string,
  { fleet, item, place }: Place,
  { name, rank, open, days }: State<string>,
  fields: Readonly<Record<string, unknown>> & { readonly changedAt: string },
): Update => {
  const kind = item.split("#", 1)[0];
  const expiresAt = days && Math.floor(Date.parse(fields.changedAt) / 1000) + days * DAY_S;
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return updateOf(
    table,
    { [LEDGER.partitionKey]: fleet, [LEDGER.sortKey]: item },
    {
      set: {
        ...Object.fromEntries(given),
        state: name,
        rank,
        [LEDGER.openKey]: open ? `${kind}.${name}#${place}` : undefined,
        [LEDGER.expiry]: expiresAt,
      },
      condition:
        "attribute_not_exists(#rank) OR #rank < :rank OR (#rank = :rank AND #changedAt < :changedAt)",
    },
  );
};
