import type { FleetSettings, Market } from "./contract";
import type { EndedBy } from "./end-reasons";
import type { LaunchError, Pool } from "./launch-errors";
import type { Launch, LaunchedMachine } from "./ledger-items";

export interface LaunchOrder {
  readonly launchId: string;
  readonly fleet: string;
  readonly settings: FleetSettings;
  readonly market: Market;
  readonly count: number;
  /** Epoch milliseconds */
  readonly createdAt: number;
  /** Where not to look: pools that had nothing a moment ago, or that cannot be asked together with others. */
  readonly without: readonly Pool[];
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
  /**
   * Reads what {@link prepare} has to know of the fleet's places, once for the life of a sandbox. Never throws: without
   * it a launch may be refused, and is made again in another way.
   */
  ready(settings: FleetSettings): Promise<void>;
  /**
   * After a launch that brought too little: what another one in the same market leaves out. Undefined when there is
   * nothing else to ask in it.
   */
  elsewhere(
    settings: FleetSettings,
    without: readonly Pool[],
    errors: readonly LaunchError[],
  ): Promise<readonly Pool[] | undefined>;
  /** The launch to write down: all that {@link launch} needs, now or in another function's life. */
  prepare(order: LaunchOrder): Launch;
  /** Makes the launch. The same launch can be made again and yields no second set of machines. */
  launch(launch: Launch): Promise<LaunchAnswer>;
  /** Machines that are starting or running. One launched a moment ago can still be missing. */
  find(where: { readonly launchId: string } | { readonly fleet: string }): Promise<LaunchedMachine[]>;
  /**
   * Those of the machines that end or have ended, and why (`Server.InsufficientInstanceCapacity`, ...): a launch can
   * fail after the call that made it had succeeded. One that is not in the answer runs, or is not known (any more).
   */
  ended(instanceIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Who ends machines with this code. */
  endedBecause(code: string): EndedBy;
  /** One that is gone already is no matter of the others. */
  end(instanceIds: readonly string[]): Promise<void>;
}
