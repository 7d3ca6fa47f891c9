import type { Machine } from "../shared/ledger-items";
import { logger } from "../shared/logger";
import { each } from "./attempt";
import { fateOf } from "./fates";
import { ageOf, UNSEEN_MS } from "./limits";
import type { Sight } from "./look";
import type { Sweep } from "./parts";
import { releaseRunner } from "./release-runner";

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StateReason.html */
const FAULT_OF_THE_SERVER = /^Server\./;
const TAKEN_BACK = "Server.SpotInstanceTermination";
const ENDED_ITSELF = "Client.InstanceInitiatedShutdown";

interface Gone {
  readonly machine: Machine;
  /** Absent: it is not known any more. */
  readonly reason?: string;
}

/** Gives back what is held for machines that are gone: their places, their registrations, their records. */
export const clearGone = async (sweep: Sweep, sight: Sight): Promise<void> => {
  const { parts } = sweep;
  const { fleet, settings, there, view, records } = sight;
  const missing = view.machines.filter(({ instanceId }) => there && !there.has(instanceId));
  if (missing.length === 0) return;
  const reasons = await parts.provider.ended(missing.map(({ instanceId }) => instanceId));
  const gone = missing
    .map((machine): Gone => ({ machine, reason: reasons.get(machine.instanceId) }))
    .filter(({ machine, reason }) => reason !== undefined || ageOf(machine, parts.now()) > UNSEEN_MS);

  const cleared = await each(sweep, { part: "clear gone", fleet }, gone, async (one) => {
    const { machine, reason } = one;
    const { instanceId } = machine;
    await keepItsJob(sweep, sight, one);
    const fate = await fateOf(sweep, sight, machine, reason);
    if (!fate.isReleased) await keepItsRecord(sweep, sight, one);
    await parts.ledger.dropRegistration(settings.roleId, instanceId);
    // Last: from here on nobody looks at it again.
    await parts.ledger.moveMachine(fleet, "gone", { instanceId, endedBecause: reason });
    sight.fates.push(fate);
    return { ...one, isReleased: fate.isReleased };
  });
  tell(fleet, cleared);
  const recorded = cleared.filter(
    ({ machine, isReleased }) => !isReleased && records.has(machine.instanceId),
  );
  // One that GitHub still takes for busy is deleted by a later sweep.
  await each(sweep, { part: "remove records", fleet }, recorded, ({ machine }) =>
    releaseRunner(sweep, sight, machine),
  );
};

/**
 * The notice of an interruption is sent on a best-effort basis: this machine was taken without one. Whether it had a
 * job, the ledger may not know yet; and the shutdown may have had it told to be over.
 */
const keepItsJob = async ({ parts, settings }: Sweep, { fleet }: Sight, gone: Gone): Promise<void> => {
  const { instanceId, interruptedAt } = gone.machine;
  if (gone.reason !== TAKEN_BACK || interruptedAt !== undefined || !settings.rerunInterrupted) return;
  const createdAt = new Date(parts.now()).toISOString();
  await parts.ledger.addTask(fleet, { kind: "rerun-job", instanceId, createdAt });
};

/** Where GitHub was not asked about it, its record is seen to as soon as there is time. */
const keepItsRecord = async ({ parts }: Sweep, sight: Sight, { machine, reason }: Gone): Promise<void> => {
  const { fleet, records, isAbsent } = sight;
  const { instanceId, jobId } = machine;
  // A runner that ended its job in peace has said good-bye, and its record went with the job.
  const inPeace = jobId !== undefined && reason === ENDED_ITSELF;
  if (inPeace || records.has(instanceId) || isAbsent(instanceId)) return;
  const createdAt = new Date(parts.now()).toISOString();
  await parts.ledger.addTask(fleet, { kind: "remove-runner", instanceId, createdAt });
};

const tell = (fleet: string, gone: readonly Gone[]): void => {
  const machines = gone.map(({ machine: { instanceId, state }, reason }) => ({ instanceId, state, reason }));
  const expected = machines.filter(({ state }) => state === "ending");
  const failed = machines.filter(
    ({ state, reason }) =>
      (state === "launching" || state === "starting") && FAULT_OF_THE_SERVER.test(reason ?? ""),
  );
  const others = machines.filter((machine) => !expected.includes(machine) && !failed.includes(machine));
  if (expected.length > 0) logger.info("machines ended", { fleet, machines: expected });
  if (failed.length > 0) {
    logger.warn("launches failed late", { fleet, count: failed.length, machines: failed });
  }
  if (others.length > 0) logger.warn("machines gone", { fleet, machines: others });
};
