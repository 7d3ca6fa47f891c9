import { LEDGER, machineOfRunner, type Handoff, type JobMessage } from "./contract";
import { updateOf, type TransactItem, type Update } from "./dynamo";
import {
  jobItem,
  machineItem,
  machineStates,
  transitions,
  type LaunchedMachine,
  type Machine,
  type State,
} from "./ledger-items";

/** A machine that can be recorded: with the registration that it will take. */
export interface RegisteredMachine {
  readonly machine: LaunchedMachine;
  readonly runnerId?: number;
  readonly handoff: Handoff;
}

export interface LedgerTables {
  readonly table: string;
  readonly handoffTable: string;
  /** The name prefix: tells runners of ours from others. */
  readonly installation: string;
}

/** What a write says of a machine beside its state. */
type MachineFields = Partial<Machine> & Pick<Machine, "instanceId" | "changedAt">;

const DAY_S = 24 * 60 * 60;

/** The writes of jobs and machines: each moves one item on, on condition that this is a move forward. */
export const ledgerWrites = ({ table, handoffTable, installation }: LedgerTables) => {
  const machineWrite = (fleet: string, state: State<string>, machine: MachineFields): Update => {
    const { instanceId } = machine;
    return advance(table, { fleet, item: machineItem(instanceId), place: instanceId }, state, machine);
  };

  return {
    /** Of the job, and of the machine that runs it. */
    event: (message: JobMessage): Update[] => {
      const { action, fleet, receivedAt: changedAt, ...fields } = message;
      const { jobId, createdAt, runnerName } = fields;
      const { job, machine } = transitions[action];
      const place = { fleet, item: jobItem(jobId), place: `${createdAt}#${jobId}` };
      const jobWrite = advance(table, place, job, { ...fields, changedAt });
      const runner = machine && machineOfRunner(installation, runnerName);
      if (!runner) return [jobWrite];
      const { instanceId } = runner;
      return [jobWrite, machineWrite(runner.fleet, machine, { instanceId, jobId, changedAt })];
    },

    /** Of a machine and its registration: both or none. */
    started: (
      fleet: string,
      { machine, runnerId, handoff }: RegisteredMachine,
      changedAt: string,
    ): TransactItem[] => [
      { Update: machineWrite(fleet, machineStates.starting, { ...machine, runnerId, changedAt }) },
      { Put: { TableName: handoffTable, Item: { ...handoff } } },
    ],

    gone: (fleet: string, instanceId: string, changedAt: string): Update =>
      machineWrite(fleet, machineStates.gone, { instanceId, changedAt }),
  };
};

interface Place {
  readonly fleet: string;
  readonly item: string;
  /** Where it stands among the open ones of its state. */
  readonly place: string;
}

/**
 * Moves a job or a machine to a state, unless it is there or further already: see {@link State}. Creates it if need
 * be, since the first event of a job to arrive is not always its first.
 */
const advance = (
  table: string,
  { fleet, item, place }: Place,
  { name, rank, open, days }: State<string>,
  fields: Readonly<Record<string, unknown>> & { readonly changedAt: string },
): Update => {
  const kind = item.split("#", 1)[0];
  const expiresAt = days && Math.floor(Date.parse(fields.changedAt) / 1000) + days * DAY_S;
  // What an event does not say, another may have said.
  const said = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  return updateOf(
    table,
    { [LEDGER.partitionKey]: fleet, [LEDGER.sortKey]: item },
    {
      set: {
        ...said,
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
