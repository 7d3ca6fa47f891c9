import type { JobMessage } from "../../functions/shared/contract";
import type { Lease } from "../../functions/shared/ledger-items";
import { reconcile } from "../../functions/shared/reconcile";
import type { ReconcileParts } from "../../functions/shared/reconcile-launch";
import { event, FLEET, fleetSettings, FleetWorld } from "./fleet-world";

export const MINUTE = 60_000;

/** Jobs that begin to wait one after the other. */
export const queued = (count: number, from = 1): JobMessage[] =>
  Array.from({ length: count }, (_, i) => event("queued", from + i, from + i));

export interface ReconcileWorld {
  readonly world: FleetWorld;
  readonly parts: ReconcileParts;
  run(settings?: ReturnType<typeof fleetSettings>): Promise<void>;
  lease(): Promise<Lease>;
}

/** A fleet with jobs that wait, and one function that sees to it. */
export const worldWith = async (
  jobs: number,
  own: Partial<Pick<FleetWorld, "rate" | "tokens">> = {},
): Promise<ReconcileWorld> => {
  const world = Object.assign(new FleetWorld(), own);
  const parts = world.parts();
  for (let from = 1; from <= jobs; from += 50) {
    await parts.ledger.record(queued(Math.min(50, jobs - from + 1), from));
  }
  return {
    world,
    parts,
    run: (settings = fleetSettings()) => reconcile(parts, FLEET, settings, world.time + MINUTE),
    lease: async () => (await parts.ledger.read(FLEET)).lease,
  };
};
