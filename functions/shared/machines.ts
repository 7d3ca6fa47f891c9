import type { FleetSettings, Market } from "./contract";
import type { LaunchError } from "./launch-errors";
import type { Launch, LaunchedMachine } from "./ledger-items";

export interface LaunchOrder {
  readonly launchId: string;
  readonly fleet: string;
  readonly settings: FleetSettings;
  readonly market: Market;
  readonly count: number;
  /** Epoch milliseconds */
  readonly createdAt: number;
}

export interface LaunchAnswer {
  /** False: no one knows what became of the launch, and it has to be looked for, or repeated. */
  readonly answered: boolean;
  readonly machines: readonly LaunchedMachine[];
  /** Stand beside machines, too: a fleet can be served in part. */
  readonly errors: readonly LaunchError[];
}

/** How a fleet launches, lists and ends machines. */
export interface MachineProvider {
  /** The launch to write down: all that {@link launch} needs, now or in another function's life. */
  prepare(order: LaunchOrder): Launch;
  /** Makes the launch. The same launch can be made again and yields no second set of machines. */
  launch(launch: Launch): Promise<LaunchAnswer>;
  /** Machines that are starting or running. One launched a moment ago can still be missing. */
  find(where: { readonly launchId: string } | { readonly fleet: string }): Promise<LaunchedMachine[]>;
  end(instanceIds: readonly string[]): Promise<void>;
}
