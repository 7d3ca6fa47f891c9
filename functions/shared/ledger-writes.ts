import { LEDGER, machineOfRunner, type Handoff, type JobMessage } from "./contract";
import { updateOf, type TransactItem, type Update } from "./dynamo";
import {
  DAYS_OF_A_RUN,
  jobItem,
  jobStates,
  machineItem,
  machineStates,
  taskItem,
  transitions,
  type Job,
  type JobState,
  type LaunchedMachine,
  type Machine,
  type MachineState,
  type State,
  type Task,
} from "./ledger-items";

/** A machine with the registration that it will take; without one, it has to wait for it. */
export interface RecordedMachine {
  readonly machine: LaunchedMachine;
  readonly runnerId?: number;
  readonly handoff?: Handoff;
  /** {@link labelsKey} of the labels of the registration. */
  readonly labelsKey?: string;
}

/** The writes that an event takes. */
export interface EventWrites {
  /** Of the job and, last, of the machine that runs it. */
  readonly moves: readonly Update[];
  /** What is still news of a machine that others saw further on already: the job that it ran. */
  readonly late?: Update;
}

export interface LedgerTables {
  readonly table: string;
  readonly handoffTable: string;
  /** The name prefix: tells runners of ours from others. */
  readonly installation: string;
}

/** What a write says of a machine beside its state. */
export type MachineFields = Partial<Machine> & Pick<Machine, "instanceId" | "changedAt">;

/** What the sweep finds out about a wait, taken back. */
const nothingFound = {
  servedAt: null,
  checkedAt: null,
  passedOver: null,
  reason: null,
  unmatchedAt: null,
};

/** What a write says of a job beside its state. */
export type JobFields = Partial<Job> & Pick<Job, "jobId" | "runAttempt" | "createdAt" | "changedAt">;

const DAY_S = 24 * 60 * 60;

/** The writes of jobs and machines: each moves one item on, on condition that this is a move forward. */
export const ledgerWrites = ({ table, handoffTable, installation }: LedgerTables) => {
  const machineWrite = (fleet: string, state: State<MachineState>, machine: MachineFields): Update => {
    const { instanceId } = machine;
    return advance(table, { fleet, item: machineItem(instanceId), place: instanceId }, state, machine);
  };
  const jobWrite: JobWrite = (fleet, state, job) => {
    const { jobId, createdAt, runAttempt } = job;
    const place = { fleet, item: jobItem(jobId), place: `${createdAt}#${jobId}`, attempt: runAttempt };
    // What was found out about an earlier wait says nothing of this one.
    return advance(table, place, state, { ...nothingFound, ...job });
  };

  return {
    /** Of the job, and of the machine that runs it. */
    event: (message: JobMessage): EventWrites => {
      const { action, fleet, receivedAt: changedAt, ...fields } = message;
      const { job, machine } = transitions[action];
      const write = jobWrite(fleet, job, { ...fields, changedAt });
      const runner = machine && machineOfRunner(installation, fields.runnerName);
      if (!runner) return { moves: [write] };
      const { instanceId } = runner;
      const { jobId, runId, runAttempt, repository } = fields;
      const ran = { jobId, runId, runAttempt, repository };
      return {
        moves: [write, machineWrite(runner.fleet, machine, { instanceId, ...ran, changedAt })],
        late: lateNews(table, runner.fleet, instanceId, ran),
      };
    },

    /** Of a machine and its registration: both or none. */
    recorded: (
      fleet: string,
      { machine, runnerId, handoff, labelsKey }: RecordedMachine,
      changedAt: string,
    ): TransactItem[] => {
      const { starting, launching } = machineStates;
      return [
        {
          Update: machineWrite(fleet, handoff ? starting : launching, {
            ...machine,
            runnerId,
            labelsKey,
            changedAt,
          }),
        },
        ...(handoff ? [{ Put: { TableName: handoffTable, Item: { ...handoff } } }] : []),
      ];
    },

    machine: (fleet: string, state: MachineState, fields: MachineFields): Update =>
      machineWrite(fleet, machineStates[state], fields),

    job: (fleet: string, state: JobState, fields: JobFields): Update =>
      jobWrite(fleet, jobStates[state], fields),

    /** Of something that is found out about an item, and changes nothing in what is wanted. */
    note: (fleet: string, item: string, fields: Readonly<Record<string, unknown>>): Update =>
      updateOf(table, keyOf(fleet, item), { set: fields, condition: `attribute_exists(#${LEDGER.sortKey})` }),

    ...moveWrites(table, jobWrite),
    ...taskWrites(table),
  };
};

const taskWrites = (table: string) => ({
  /** A task that is there, or was done, is left as it is. */
  task: (fleet: string, task: Task): Update =>
    updateOf(table, keyOf(fleet, taskItem(task)), {
      set: {
        ...task,
        [LEDGER.openKey]: taskItem(task),
        [LEDGER.expiry]: daysAfter(task.createdAt, DAYS_OF_A_RUN),
      },
      condition: `attribute_not_exists(#${LEDGER.sortKey})`,
    }),

  taskDone: (fleet: string, task: Task): Update =>
    updateOf(table, keyOf(fleet, taskItem(task)), {
      set: { [LEDGER.openKey]: undefined },
      condition: `attribute_exists(#${LEDGER.openKey})`,
    }),
});

type JobWrite = (fleet: string, state: State<JobState>, job: JobFields) => Update;

interface MoveWrites {
  readonly open: Update;
  /** Changes nothing, and is refused unless the job stands there. */
  readonly stand: Update;
  readonly close: Update;
}

/**
 * Of a job that is another fleet's: there it waits as it did here, unless it is further on; here it is closed, unless something
 * was said of it since it was read.
 */
const moveWrites = (table: string, jobWrite: JobWrite) => ({
  moved: (from: string, to: string, job: Job): MoveWrites => {
    const { jobId, runId, runAttempt, repository, createdAt, labels, changedAt, state: name } = job;
    const { name: moved, rank, days } = jobStates.moved;
    return {
      open: jobWrite(to, jobStates[name], {
        ...{ jobId, runId, runAttempt, repository, createdAt, labels, changedAt },
      }),
      stand: updateOf(table, keyOf(to, jobItem(jobId)), {
        set: { jobId },
        condition: "#rank > :rank",
        values: { rank },
      }),
      close: updateOf(table, keyOf(from, jobItem(jobId)), {
        set: {
          state: moved,
          rank,
          [LEDGER.openKey]: undefined,
          [LEDGER.expiry]: daysAfter(changedAt, days ?? 0),
        },
        condition: "#state = :was AND #changedAt = :seen AND #runAttempt = :attempt",
        values: { was: name, seen: changedAt, attempt: runAttempt },
      }),
    };
  },
});

const lateNews = (table: string, fleet: string, instanceId: string, ran: Partial<Machine>): Update =>
  updateOf(table, keyOf(fleet, machineItem(instanceId)), {
    set: ran,
    condition: `attribute_exists(#${LEDGER.sortKey}) AND attribute_not_exists(#jobId)`,
  });

const keyOf = (fleet: string, item: string) => ({ [LEDGER.partitionKey]: fleet, [LEDGER.sortKey]: item });

const daysAfter = (time: string, days: number): number => Math.floor(Date.parse(time) / 1000) + days * DAY_S;

interface Place {
  readonly fleet: string;
  readonly item: string;
  /** Where it stands among the open ones of its state. */
  readonly place: string;
  /** Of a job: what is said of an earlier attempt is over. */
  readonly attempt?: number;
}

/**
 * Order in the index. A read of several pages sees each at another time: with machines before jobs, and states in the
 * order in which they are passed, it may see a machine twice that moves on meanwhile, but misses none, and sees no job
 * as waiting whose machine it sees as busy. The fleet's own item, with the lease, comes before them all.
 */
const openPrefix = (item: string): string => (item.startsWith("machine#") ? "machine" : "queue");

const FURTHER = "#rank < :rank OR (#rank = :rank AND #changedAt < :changedAt)";
const LATER_ATTEMPT = `#runAttempt < :runAttempt OR (#runAttempt = :runAttempt AND (${FURTHER}))`;

/**
 * Moves a job or a machine to a state, unless it is there or further already: see {@link State}. Creates it if need
 * be, since the first event of a job to arrive is not always its first.
 */
const advance = (
  table: string,
  { fleet, item, place, attempt }: Place,
  { name, rank, open, days }: State<string>,
  fields: Readonly<Record<string, unknown>> & { readonly changedAt: string },
): Update => {
  // What an event does not say, another may have said; null takes it back.
  const said = Object.entries(fields).filter(([, value]) => value !== undefined);
  return updateOf(table, keyOf(fleet, item), {
    set: {
      ...Object.fromEntries(said.map(([field, value]) => [field, value ?? undefined])),
      state: name,
      rank,
      [LEDGER.openKey]: open ? `${openPrefix(item)}.${rank}.${name}#${place}` : undefined,
      [LEDGER.expiry]: days && daysAfter(fields.changedAt, days),
    },
    condition: `attribute_not_exists(#rank) OR ${attempt === undefined ? FURTHER : LATER_ATTEMPT}`,
  });
};
