import { LEDGER, machineOfRunner, type JobMessage, type WakeMessage } from "../../functions/shared/contract";
import {
  holdsPlace,
  jobItem,
  transitions,
  type Lease,
  type MachineState,
} from "../../functions/shared/ledger-items";
import { HANDOFF_TABLE, INSTALLATION, LEDGER_TABLE } from "../support/fleet-world";
import type { Runner } from "../support/github-state";
import { POISON, type World } from "./world";

export interface LedgerLeft {
  /** Machines that hold a place under a cap, and machines of launches of which nobody knows what became. */
  readonly placesLeft: number;
  readonly registrationsLeft: number;
  readonly jobsLeftWaiting: number;
  readonly tasksLeft: number;
  /** Jobs that were given up, whatever became of them. */
  readonly givenUp: number;
  /** All of it, by name. */
  readonly left: readonly string[];
}

/** What the tables still hold of what should be over. */
export const leftIn = (world: World): LedgerLeft => {
  const { database } = world;
  const items = database.items(LEDGER_TABLE);
  const registrations = database.items(HANDOFF_TABLE).map(({ instance }) => String(instance));
  const kind = (prefix: string) => items.filter((item) => String(item[LEDGER.sortKey]).startsWith(prefix));
  const machines = kind("machine#").filter(({ state }) => holdsPlace(state as MachineState));
  const launches = kind("fleet").flatMap(({ launches = [] }) => launches as Lease["launches"]);
  const waiting = kind("job#").filter(({ state }) => state === "waiting");
  const tasks = kind("task#").filter((item) => item[LEDGER.openKey] !== undefined);
  const left = [...machines, ...waiting, ...tasks].map((item) => String(item[LEDGER.sortKey]));
  return {
    placesLeft: machines.length + launches.reduce((sum, { count }) => sum + count, 0),
    registrationsLeft: registrations.length,
    jobsLeftWaiting: waiting.length,
    tasksLeft: tasks.length,
    givenUp: kind("job#").filter(({ state }) => state === "givenUp").length,
    left: [...left, ...registrations, ...runnersIn(world).map(({ name }) => name)],
  };
};

/**
 * Messages that were refused too often, by chance, and whose effect nothing has made up for. The others lie dead as well,
 * and an alarm rings for them; but another event, or the sweep, has moved their job as far on as they would have.
 */
export const deadIn = ({ queue, database }: World): { missed: number; madeUpFor: number } => {
  const items = database.items(LEDGER_TABLE);
  const isMadeUpFor = (body: string): boolean => {
    const { action, fleet, jobId, runAttempt, wake } = JSON.parse(body) as JobMessage & WakeMessage;
    if (wake !== undefined) return true;
    const job = items.find((item) => item.fleet === fleet && item.item === jobItem(jobId));
    if (!job) return false;
    const { rank, runAttempt: attempt } = job as { rank?: number; runAttempt?: number };
    return Number(attempt) > runAttempt || Number(rank) >= transitions[action].job.rank;
  };
  const dead = queue.dead.filter((body) => body !== POISON);
  const madeUpFor = dead.filter(isMadeUpFor).length;
  return { missed: dead.length - madeUpFor, madeUpFor };
};

/** Runner records of ours at GitHub. */
export const runnersIn = ({ actions, github }: World): Runner[] =>
  github.state.runnersOf(actions.scope).filter(({ name }) => machineOfRunner(INSTALLATION, name));
