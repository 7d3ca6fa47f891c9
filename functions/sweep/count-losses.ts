import { ringAlarm } from "../shared/alarm";
import { machineLogGroup } from "../shared/contract";
import { adviceFor, meaningOf } from "../shared/end-reasons";
import { FLEET_ITEM, type FleetView } from "../shared/ledger-items";
import { logger } from "../shared/logger";
import {
  addLosses,
  FLEET_PAUSES,
  hasServed,
  isBooting,
  lossesAfter,
  SPOT_PAUSES,
  type Loss,
  type Losses,
  type LostMachine,
} from "../shared/losses";
import { quoted } from "../shared/strange-text";
import type { Fate } from "./fates";
import type { Sight } from "./look";
import type { Sweep } from "./parts";

/** Fewer can be chance: EC2 takes back one machine in some hundred. */
const LOSSES_TO_TELL = 3;

/** Somebody who was told is told again after so long, if it goes on. */
const TOLD_MS = 60 * 60_000;

/** Text of a stranger is cut to this many characters. */
const TEXT_CHARACTERS = 60;

type Kind = "losses" | "spotLosses";

/**
 * Counts the machines that this sweep found to be lost before they took a job, so that they are not just replaced, and
 * tells a person of several in a row.
 */
export const countLosses = async (sweep: Sweep, sight: Sight): Promise<void> => {
  const { parts } = sweep;
  const { fleet, view, fates, records } = sight;
  const { lease } = view;
  const lost = fates.filter(({ outcome }) => outcome === "lost");
  const suspects = fates.filter(({ outcome }) => outcome === "suspect").map(lossOf);
  const ofLaunch = lost.filter(
    ({ machine, reason }) => machine.market === "spot" && parts.provider.endedBecause(reason) === "launch",
  );
  const counted = {
    losses: addLosses(lease.losses, { lost: lost.map(lossOf), suspects }, parts.now(), FLEET_PAUSES),
    spotLosses: addLosses(
      lease.spotLosses,
      { lost: ofLaunch.map(lossOf), suspects: [] },
      parts.now(),
      SPOT_PAUSES,
    ),
  };
  const served = [
    ...view.machines.filter((machine) => hasServed(machine) || records.get(machine.instanceId)?.busy),
    ...fates.filter(({ outcome }) => outcome === "served").map(({ machine }) => machine),
  ];
  const after = lossesAfter(counted, served);
  const fresh = { losses: lost.length > 0, spotLosses: ofLaunch.length > 0 };
  const kind = (["losses", "spotLosses"] as const).find(
    (one) => isDue(after[one], parts.now(), fresh[one]) && isToBeTold(sight, one, after[one]),
  );
  const told = kind ? toldAt(after, parts.now()) : after;
  if (told.losses === lease.losses && told.spotLosses === lease.spotLosses) return;
  // First: whoever is told twice knows no less.
  if (kind) await tell(sweep, sight, after[kind] as Losses);
  await parts.ledger.note(fleet, FLEET_ITEM, { ...told });
  if (lost.length === 0) return;
  const machines = lost.map(({ machine, reason }) => ({ instanceId: machine.instanceId, reason }));
  const { count = 0, notBefore } = after.losses ?? {};
  logger.warn("machines lost before a job", { fleet, machines, inARow: count, notBefore });
};

const lossOf = ({ machine, reason }: Fate): Loss => ({
  instanceId: machine.instanceId,
  launchedAt: machine.launchedAt ?? machine.changedAt,
  reason,
});

const toldAt = ({ losses, spotLosses }: Pick<FleetView["lease"], Kind>, now: number) => ({
  losses: losses && { ...losses, toldAt: now },
  spotLosses: spotLosses && { ...spotLosses, toldAt: now },
});

/** Who was told is told again when one more is lost after an hour, and not while nothing new is known. */
const isDue = (losses: Losses | undefined, now: number, fresh: boolean): boolean =>
  losses?.toldAt === undefined || (fresh && now - losses.toldAt >= TOLD_MS);

/** Not while others that were launched with them, or before them, may still take a job. */
const isToBeTold = ({ view, fates }: Sight, kind: Kind, losses: Losses | undefined): boolean => {
  if (!losses || losses.count < LOSSES_TO_TELL) return false;
  const ended = new Set(fates.map(({ machine }) => machine.instanceId));
  return !view.machines.some(
    (machine) =>
      isBooting(machine) &&
      !ended.has(machine.instanceId) &&
      (kind === "losses" || machine.market === "spot") &&
      (machine.launchedAt ?? "") <= losses.last,
  );
};

const tell = async (sweep: Sweep, sight: Sight, losses: Losses): Promise<void> => {
  const { fleet } = sight;
  const machines = await Promise.all(losses.machines.map((machine) => told(sweep, fleet, machine)));
  const advice = adviceFor(losses.machines.at(-1)?.reason ?? "");
  ringAlarm(sweep.parts.installation, "machines die before a job", {
    fleet,
    inARow: losses.count,
    machines,
    ...(advice !== undefined && { advice }),
  });
};

/** What EC2 says, which step of the boot failed, and where the machine's own log is. */
const told = async (
  { parts }: Sweep,
  fleet: string,
  { instanceId, reason }: LostMachine,
): Promise<Readonly<Record<string, unknown>>> => {
  const log = await parts.readBootLog(fleet, instanceId).catch((error: unknown) => {
    logger.warn("log of a machine not read", { fleet, instanceId, error });
    return undefined;
  });
  const { failed, done } = log ?? {};
  const shown = (text: string): string => quoted(text, TEXT_CHARACTERS);
  return {
    instanceId,
    reason: [reason, meaningOf(reason)].filter((text) => text !== undefined).join(": "),
    ...(failed && { failedStep: shown(failed.step), status: failed.status }),
    ...(done !== undefined && { lastStep: shown(done) }),
    log: log
      ? { group: machineLogGroup(parts.installation, fleet), stream: instanceId }
      : "It wrote none, or to the log group that its own launch template names.",
  };
};
