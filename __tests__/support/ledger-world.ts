import type { Ledger } from "../../functions/shared/ledger";
import type { RecordedMachine } from "../../functions/shared/ledger-writes";
import { FLEET, FleetWorld, LEDGER_TABLE, START } from "./fleet-world";

export class LedgerWorld extends FleetWorld {
  readonly ledger: Ledger = this.parts().ledger;

  /** An item of the ledger, as it is stored. */
  item(item: string, fleet = FLEET): Record<string, unknown> | undefined {
    return this.database.items(LEDGER_TABLE).find((one) => one.item === item && one.fleet === fleet);
  }

  stateOf(jobId: number): unknown {
    return this.item(`job#${jobId}`)?.state;
  }
}

export const recordedMachine = (instanceId: string): RecordedMachine => ({
  machine: {
    instanceId,
    launchId: "launch-1",
    market: "spot",
    launchedAt: new Date(START).toISOString(),
    type: "m7i.large",
    zone: "a",
  },
  runnerId: 7,
  handoff: { instance: `AROA:${instanceId}`, environment: "X", expiresAt: 1 },
});
