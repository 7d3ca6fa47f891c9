import { createPermits, REGISTRATION_RATES, type Grant, type Permits } from "../../functions/shared/permits";
import type { Around } from "./dynamodb";
import { LEDGER_TABLE, newDatabase, START } from "./fleet-world";

/** Functions that share one table. */
export const permitsWorld = (names: readonly string[] = ["app"], rate = REGISTRATION_RATES.jit) => {
  const database = newDatabase();
  const world = {
    time: START,
    reads: 0,
    instance: (around: Around = (_, run) => Promise.resolve().then(run)): Permits =>
      createPermits({
        client: database.client((call, run) => {
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
