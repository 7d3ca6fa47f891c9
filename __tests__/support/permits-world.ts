import { createPermits, REGISTRATION_RATES, type Grant, type Permits } from "../../functions/shared/permits";
import type { Documents } from "../../functions/shared/documents";
import type { Around } from "./dynamodb";
import { LEDGER_TABLE, newDatabase, START } from "./fleet-world";

/** Calls of the table, each made when `around` lets it be. */
export type MakeClient = (around: Around) => Documents;

interface PermitsOptions {
  readonly names?: readonly string[];
  readonly rate?: typeof REGISTRATION_RATES.jit;
  /** Default: a table in memory. */
  readonly client?: MakeClient;
}

const inMemory = (): MakeClient => {
  const database = newDatabase();
  return (around) => database.client(around);
};

/** Functions that share one table. */
export const permitsWorld = ({
  names = ["app"],
  rate = REGISTRATION_RATES.jit,
  client = inMemory(),
}: PermitsOptions = {}) => {
  const world = {
    time: START,
    reads: 0,
    instance: (around: Around = (_, run) => Promise.resolve().then(run)): Permits =>
      createPermits({
        client: client((call, run) => {
          if (call === "BatchGetItem") world.reads++;
          return around(call, run);
        }),
        table: LEDGER_TABLE,
        names,
        rate,
        now: () => world.time,
      }),
  };
  return world;
};
export const total = (grants: readonly Grant[]): number => grants.reduce((sum, { count }) => sum + count, 0);
export const takeAll = async (permits: Permits, count: number): Promise<number> =>
  total((await permits.take(count)).grants);
