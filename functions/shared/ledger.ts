import { HANDOFF, handoffKey, type JobMessage } from "./contract";
import type { Documents } from "./documents";
import { ITEMS_A_TRANSACTION, unlessRefused, type TransactItem, type Update } from "./dynamo";
import type { FleetView, Job, JobState, Launch, Lease, Machine, MachineState, Task } from "./ledger-items";
import { leaseWrites, type LeaseHolder, type LeaseOutcome } from "./ledger-lease";
import { readFleetOf, readMachine, readOpen, readStates } from "./ledger-read";
import {
  ledgerWrites,
  type EventWrites,
  type JobFields,
  type LedgerTables,
  type MachineFields,
  type RecordedMachine,
} from "./ledger-writes";

export interface LedgerOptions extends LedgerTables {
  readonly client: Documents;
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
   * Records machines, those that have a registration together with it, and, when given an outcome, lets the lease go.
   * At most {@link MACHINES_A_WRITE} machines. True: the lease is let go.
   */
  settle(fleet: string, machines: readonly RecordedMachine[], outcome?: LeaseOutcome): Promise<boolean>;
  /** Lets the lease go. False: somebody left a mark since, or the lease was lost. */
  release(fleet: string, outcome: LeaseOutcome): Promise<boolean>;
  /** The states of those of the instances that the ledger has an item of, open or not. */
  states(fleet: string, instanceIds: readonly string[]): Promise<ReadonlyMap<string, MachineState>>;
  /** The machine, in whichever of the fleets it is. */
  find(
    fleets: readonly string[],
    instanceId: string,
  ): Promise<{ readonly fleet: string; readonly machine: Machine } | undefined>;
  /** The one of the fleets that the job is for. Undefined: no event told of such a job. */
  fleetOf(fleets: readonly string[], jobId: number): Promise<string | undefined>;
  /** False: the machine is in that state, or further on, already. */
  moveMachine(fleet: string, state: MachineState, fields: Omit<MachineFields, "changedAt">): Promise<boolean>;
  /** `changedAt` absent: now. False: the job is further on already. */
  moveJob(
    fleet: string,
    state: JobState,
    job: Omit<JobFields, "changedAt"> & { readonly changedAt?: string },
  ): Promise<boolean>;
  /** A job that waits in one fleet and is another's. False: something was said of it since it was read. */
  moveToFleet(from: string, to: string, job: Job): Promise<boolean>;
  /** Adds to what is known of a job, a machine or a task; `undefined` removes. False: there is no such item. */
  note(fleet: string, item: string, fields: Readonly<Record<string, unknown>>): Promise<boolean>;
  /** False: it is there, or was done, already. */
  addTask(fleet: string, task: Task): Promise<boolean>;
  endTask(fleet: string, task: Task): Promise<boolean>;
  /** Destroys a registration that was not taken. */
  dropRegistration(roleId: string, instanceId: string): Promise<void>;
}

/** Two items a machine, and the fleet's own. */
export const MACHINES_A_WRITE = Math.floor((ITEMS_A_TRANSACTION - 1) / 2);

export const createLedger = (options: LedgerOptions): Ledger => {
  const { client, table, handoffTable, now = Date.now } = options;
  const writes = ledgerWrites(options);
  const lease = leaseWrites(table, now);
  const timestamp = (): string => new Date(now()).toISOString();
  const write = (update: Update): Promise<boolean> => unlessRefused(() => client("UpdateItem", update));
  const transact = (items: readonly TransactItem[]): Promise<boolean> =>
    unlessRefused(() => client("TransactWriteItems", { TransactItems: [...items] }));
  const release: Ledger["release"] = (fleet, outcome) => write(lease.release(fleet, outcome));

  return {
    record: async (messages) => {
      const events = messages.map(writes.event);
      const updates = events.flatMap(({ moves }) => moves);
      if (await writeTogether(transact, updates)) return messages.map(() => ({ outcome: "moved" }));
      return Promise.all(events.map((one) => writeSingly(write, one)));
    },
    read: (fleet) => readOpen(client, table, fleet, now()),
    mark: (fleet) => write(lease.mark(fleet)),
    hold: (fleet, seen, holder, launches) => write(lease.hold(fleet, seen, holder, launches)),
    settle: async (fleet, machines, outcome) => {
      if (machines.length === 0) return outcome ? release(fleet, outcome) : false;
      const recorded = machines.map((machine) => writes.recorded(fleet, machine, timestamp()));
      const letGo = outcome ? [{ Update: lease.release(fleet, outcome) }] : [];
      if (await transact([...recorded.flat(), ...letGo])) return outcome !== undefined;
      // Somebody left a mark, or one of the machines has moved on already: no matter of the other machines.
      await Promise.all(recorded.map(transact));
      return outcome ? release(fleet, outcome) : false;
    },
    release,
    states: (fleet, instanceIds) => readStates(client, table, fleet, instanceIds),
    find: (fleets, instanceId) => readMachine(client, table, fleets, instanceId),
    fleetOf: (fleets, jobId) => readFleetOf(client, table, fleets, jobId),
    moveMachine: (fleet, state, fields) =>
      write(writes.machine(fleet, state, { ...fields, changedAt: timestamp() })),
    moveJob: (fleet, state, job) =>
      write(writes.job(fleet, state, { ...job, changedAt: job.changedAt ?? timestamp() })),
    moveToFleet: async (from, to, job) => {
      const { open, stand, close } = writes.moved(from, to, job);
      if (await transact([{ Update: open }, { Update: close }])) return true;
      // The other fleet knows as much of it or more: then there is only to close it here, if it still stands there. A sweep of
      // another version may close it there. If it was said here that the job goes on, that is refused, too, and nothing is
      // opened there: it would get a second machine.
      return transact([{ Update: stand }, { Update: close }]);
    },
    note: (fleet, item, fields) => write(writes.note(fleet, item, fields)),
    addTask: (fleet, task) => write(writes.task(fleet, task)),
    endTask: (fleet, task) => write(writes.taskDone(fleet, task)),
    dropRegistration: async (roleId, instanceId) => {
      const Key = { [HANDOFF.partitionKey]: handoffKey(roleId, instanceId) };
      await client("DeleteItem", { TableName: handoffTable, Key });
    },
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
  { moves, late }: EventWrites,
): Promise<Recorded> => {
  try {
    const moved: boolean[] = [];
    // The job first: in between, one that still waits, beside a machine that is busy, would get another machine.
    for (const move of moves) moved.push(await write(move));
    if (late && moved.at(-1) === false) await write(late);
    return { outcome: moved.includes(true) ? "moved" : "unchanged" };
  } catch (error) {
    return { outcome: "failed", error };
  }
};
