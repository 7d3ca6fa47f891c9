import { FLEET_ITEM, type Lease } from "../../../functions/shared/ledger-items";
import { logger } from "../../../functions/shared/logger";
import { reconcile } from "../../../functions/shared/reconcile";
import { FLEET } from "../../support/fleet-world";
import { MINUTE, type SweepWorld } from "./sweep-world";

export const POWERED_OFF = "Client.InstanceInitiatedShutdown";
const ALARM = "machines die before a job";

/** As `functions/boot/aws.py` ships what `functions/boot/boot.sh` reports. */
export const step = (name: string, status: number): string =>
  `bash: ${JSON.stringify({ message: "boot step", step: name, status, milliseconds: 12 })}`;

const SETUP_FAILED = [
  step("packages", 0),
  step("runner", 0),
  "bash: /opt/ephemeral-runner/setup.sh: line 3: no-such-command: command not found",
  step("setup", 127),
  step("registration", 143),
];

/** What becomes of machines of a fleet in this world, and what is known of it. */
export const lossesIn = (worldNow: () => SweepWorld) => {
  const launched = (): number => worldNow().cloud.launches.reduce((sum, { count }) => sum + count, 0);
  const lease = (): Partial<Lease> => worldNow().item<Partial<Lease>>(FLEET_ITEM) ?? {};
  const alarms = (): Record<string, unknown>[] =>
    jest
      .mocked(logger.error)
      .mock.calls.flatMap(([message, fields]) =>
        message === ALARM ? [fields as unknown as Record<string, unknown>] : [],
      );
  /** All machines that there are end so. */
  const stopAll = (reason: string): void => {
    const { cloud, logs } = worldNow();
    for (const id of [...cloud.machines.keys()]) {
      cloud.stop(id, reason);
      if (reason === POWERED_OFF) logs.set(id, SETUP_FAILED);
    }
  };
  /** So many sweeps, two minutes apart; before each, all machines end. */
  const sweepsOfDeath = async (count: number, reason = POWERED_OFF): Promise<void> => {
    for (let i = 0; i < count; i++) {
      stopAll(reason);
      await worldNow().sweeps(1);
    }
  };
  const newest = (): string => [...worldNow().cloud.machines.keys()].at(-1) ?? "";
  /** Looks at the fleet, as each event does. */
  const look = (): Promise<void> => {
    const world = worldNow();
    return reconcile(world.sweepParts(), FLEET, world.fleet, world.time + MINUTE);
  };
  return { launched, lease, alarms, stopAll, sweepsOfDeath, newest, look };
};
