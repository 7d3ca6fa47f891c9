import { FORGOTTEN } from "../shared/end-reasons";
import type { Machine } from "../shared/ledger-items";
import { logger } from "../shared/logger";
import { isBooting } from "../shared/losses";
import { REGISTRATION_WAIT_MS } from "../shared/reconcile-plan";
import type { RunnerDeletion } from "../shared/runner-records";
import { LAST_STEP } from "./boot-log";
import { ageOf } from "./limits";
import type { Sight } from "./look";
import type { Sweep } from "./parts";
import { releaseRunner } from "./release-runner";

/**
 * What became of a machine that ended and that the ledger knows neither as idle nor as busy. `lost`: it never was.
 * `served`: it took a job, and nobody told. `suspect`: one of the two, and GitHub does not say which. `unknown`: none of them.
 */
export type Outcome = "lost" | "served" | "suspect" | "unknown";

export interface Fate {
  readonly machine: Machine;
  /** The provider's code for what ended it. */
  readonly reason: string;
  readonly outcome: Outcome;
  /** GitHub was asked, and has let go of the record. */
  readonly isReleased?: boolean;
}

/**
 * Asks GitHub, since the events of its job may have been lost: a runner's record goes with its one job, so what still has
 * its record, and is let go of, never had one. The answer removes the record.
 *
 * @param reason absent: the provider does not know the machine any more
 */
export const fateOf = async (
  sweep: Sweep,
  sight: Sight,
  machine: Machine,
  reason = FORGOTTEN,
): Promise<Fate> => {
  const { parts } = sweep;
  const fate = (outcome: Outcome): Fate => ({ machine, reason, outcome });
  if (!mayBeLost(sweep, sight, machine, reason)) return fate("unknown");
  try {
    const news = await heardSince(sweep, sight, machine);
    if (news) return fate(news);
    const deletion = await releaseRunner(sweep, sight, machine);
    // EC2 says that it never ran, so whoever removed its record, no job did.
    const neverRan = deletion === "absent" && parts.provider.endedBecause(reason) === "launch";
    const outcome = neverRan ? "lost" : await judge(sweep, sight, machine, deletion);
    return { ...fate(outcome), isReleased: outcome === "lost" || outcome === "served" };
  } catch (error) {
    // By EC2's word or its own it never was a runner, so nobody need be asked.
    if (await failedBefore(sweep, sight, machine, reason)) return fate("lost");
    const { instanceId } = machine;
    logger.warn("fate of a machine not known", { fleet: sight.fleet, instanceId, reason, error });
    return fate("suspect");
  }
};

const mayBeLost = ({ parts }: Sweep, { records }: Sight, machine: Machine, code: string): boolean => {
  const record = records.get(machine.instanceId);
  if (!isBooting(machine)) return false;
  // It came up between two sweeps.
  if (record?.busy || record?.status === "online") return false;
  // It waited for its registration until it gave up: that is a matter of GitHub's pace.
  const waited = machine.state === "launching" && ageOf(machine, parts.now()) > REGISTRATION_WAIT_MS;
  return !(waited && parts.provider.endedBecause(code) === "machine");
};

/** An earlier step of this sweep may have learned from GitHub that it had a job. */
const heardSince = async (
  { parts }: Sweep,
  { fleet }: Sight,
  { instanceId, state }: Machine,
): Promise<Outcome | undefined> => {
  const now = (await parts.ledger.states(fleet, [instanceId])).get(instanceId);
  if (now === undefined || now === state || (state === "launching" && now === "starting")) return undefined;
  return state === "starting" && (now === "busy" || now === "ending") ? "served" : "unknown";
};

const failedBefore = async (
  { parts }: Sweep,
  { fleet }: Sight,
  { instanceId }: Machine,
  reason: string,
): Promise<boolean> => {
  if (parts.provider.endedBecause(reason) === "launch") return true;
  const log = await parts.readBootLog(fleet, instanceId).catch(() => undefined);
  return log?.failed !== undefined;
};

const judge = async (
  { parts, settings }: Sweep,
  { fleet }: Sight,
  { instanceId, state, interruptedAt }: Machine,
  deletion: RunnerDeletion,
): Promise<Outcome> => {
  if (deletion === "busy") return "unknown";
  // Without a registration there is no record, and no job.
  if (deletion === "deleted" || state === "launching") return "lost";
  // After a notice we removed the record ourselves.
  if (interruptedAt !== undefined) return "unknown";
  const log = parts.readBootLog(fleet, instanceId);
  // A sweep that got no further has removed the record of one that never came up.
  if (settings.registration === "jit") return (await log.catch(() => undefined))?.failed ? "lost" : "served";
  // In token mode a machine makes its record late: that there is none says the same of both.
  const { done, failed } = (await log) ?? {};
  return done === LAST_STEP && !failed ? "served" : "lost";
};
