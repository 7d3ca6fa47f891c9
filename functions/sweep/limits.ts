import type { RegistrationMode } from "../shared/contract";
import type { LaunchedMachine, Machine } from "../shared/ledger-items";

const MINUTE_MS = 60_000;

/**
 * A machine may not show yet for some seconds after its launch, so a younger one is not missed.
 * https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html
 */
export const UNSEEN_MS = 2 * MINUTE_MS;

/** Within which a holder of the lease, who lives for a minute, writes down what it launched, or its successor does. */
export const UNDER_WAY_MS = 5 * MINUTE_MS;

/**
 * Within which a machine is a runner at GitHub, or never will be: a registration can be taken for ten minutes. In
 * token mode the machine registers itself, and needs a moment more for it.
 */
export const BOOT_MS: Readonly<Record<RegistrationMode, number>> = {
  jit: 10 * MINUTE_MS,
  token: 12 * MINUTE_MS,
};

/** A machine whose job is over ships its logs and powers off: two minutes at the most, and as much again. */
export const ENDING_MS = 5 * MINUTE_MS;

/** Less than the shortest pause between two sweeps, so that a second look is another sweep's. */
export const SECOND_LOOK_MS = 50_000;

/** Since the launch, or at least since it was first heard of. */
export const ageOf = (machine: Partial<LaunchedMachine> & Partial<Machine>, now: number): number =>
  sinceTime(machine.launchedAt ?? machine.changedAt, now);

/** No time at all is long ago. */
export const sinceTime = (time: string | undefined, now: number): number =>
  now - Date.parse(time ?? "1970-01-01");
