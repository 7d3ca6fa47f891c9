import { NOT_UP } from "../shared/end-reasons";
import type { LaunchedMachine, Machine, MachineState } from "../shared/ledger-items";
import { logger } from "../shared/logger";
import type { RunnerDeletion } from "../shared/runner-records";
import { attempt, each } from "./attempt";
import { suspects, whyGone } from "./ghosts";
import { isJobOver } from "./job-over";
import { ageOf, BOOT_MS, ENDING_MS, sinceTime } from "./limits";
import type { Sight } from "./look";
import type { Sweep } from "./parts";
import { releaseRunner } from "./release-runner";

type Known = Partial<Machine> & Pick<Machine, "instanceId">;

/** A machine that has no business, unless GitHub says that it is busy. */
interface Candidate {
  readonly machine: Known;
  readonly why: string;
}

/**
 * Ends machines that have no business. Neither the ledger nor the `busy` flag is taken for a proof of it: a machine
 * is ended only after GitHub has let go of its runner. One that is busy after all is marked so.
 */
export const endMachines = async (sweep: Sweep, sight: Sight): Promise<void> => {
  const { fleet, there } = sight;
  if (!there) return;
  const part = { part: "end machines", fleet };
  const over = await each(sweep, { part: "check busy machines", fleet }, busyOnes(sight), async (machine) =>
    (await isJobOver(sweep, sight, machine)) ? [{ machine, why: "its job is over" }] : [],
  );
  const ghosts = await each(
    sweep,
    { part: "check free machines", fleet },
    suspects(sweep, sight),
    async (machine) => {
      const why = await whyGone(sweep, sight, machine);
      return why === undefined ? [] : [{ machine, why }];
    },
  );
  const found = [...ghosts.flat(), ...over.flat()];
  const known = new Set(found.map(({ machine }) => machine.instanceId));
  const late = outOfTime(sweep, sight).filter(({ machine }) => !known.has(machine.instanceId));
  const candidates = [...found, ...late, ...orphans(sweep, sight)];
  const freed = await each(sweep, part, candidates, async (candidate) =>
    (await release(sweep, sight, candidate)) ? [candidate] : [],
  );
  const ending = freed.flat();
  if (ending.length === 0) return;
  // Machines that cannot be ended now are found as ending by a later sweep.
  await attempt(sweep, part, () =>
    sweep.parts.provider.end(ending.map(({ machine: { instanceId } }) => instanceId)),
  );
  const machines = ending.map(({ machine: { instanceId }, why }) => ({ instanceId, why }));
  logger.info("machines without business ended", { fleet, machines });
};

const busyOnes = ({ view, there }: Sight): Machine[] =>
  view.machines.filter(({ instanceId, state }) => state === "busy" && there?.has(instanceId));

const outOfTime = ({ parts, settings }: Sweep, { view, there, records, isAbsent }: Sight): Candidate[] => {
  const now = parts.now();
  const booting = ({ instanceId, ...machine }: Machine): boolean =>
    ageOf(machine, now) > BOOT_MS[settings.registration] &&
    (isAbsent(instanceId) || records.get(instanceId)?.status === "offline");
  const since = (limit: number) => (machine: Machine) => sinceTime(machine.changedAt, now) > limit;
  const limits: Partial<Record<MachineState, { isOut: (machine: Machine) => boolean; why: string }>> = {
    launching: { isOut: booting, why: "it got no registration" },
    starting: { isOut: booting, why: "it did not come up" },
    idle: { isOut: since(settings.idleLimitSeconds * 1000), why: "it is idle" },
    ending: { isOut: since(ENDING_MS), why: "it does not end by itself" },
  };
  return view.machines.flatMap((machine) => {
    const limit = limits[machine.state];
    const busy = records.get(machine.instanceId)?.busy;
    const out = there?.has(machine.instanceId) && !busy && limit?.isOut(machine);
    return limit && out ? [{ machine, why: limit.why }] : [];
  });
};

const orphans = ({ parts, settings }: Sweep, { orphans: machines, records }: Sight): Candidate[] => {
  // In token mode a machine without a record can still make itself one; with JIT there is one before it can register.
  const isSettled = (machine: LaunchedMachine): boolean =>
    settings.registration === "jit" ||
    records.has(machine.instanceId) ||
    ageOf(machine, parts.now()) > BOOT_MS.token;
  return machines.filter(isSettled).map((machine) => ({ machine, why: "nobody knows it" }));
};

/** One that did not come up is as lost as one that ended by itself, unless it had a job of which nobody told. */
const noteFate = (
  { settings }: Sweep,
  { view, fates }: Sight,
  { machine }: Candidate,
  deletion: RunnerDeletion,
): void => {
  const known = view.machines.find(({ instanceId }) => instanceId === machine.instanceId);
  if (known?.state !== "starting") return;
  const lost = deletion === "deleted" || settings.registration === "token";
  fates.push({ machine: known, reason: NOT_UP, outcome: lost ? "lost" : "unknown" });
};

/** True: the machine is free, and nobody else will use it. */
const release = async (sweep: Sweep, sight: Sight, candidate: Candidate): Promise<boolean> => {
  const { machine, why } = candidate;
  const { ledger } = sweep.parts;
  const { fleet, settings, there } = sight;
  const { instanceId, state } = machine;
  const fields = { ...there?.get(instanceId), instanceId };
  const deletion = await releaseRunner(sweep, sight, machine);
  if (deletion === "busy") {
    logger.warn("machine busy, not ended", { fleet, instanceId, why });
    if (state !== "busy") await ledger.moveMachine(fleet, "busy", fields);
    return false;
  }
  await ledger.moveMachine(fleet, "ending", fields);
  noteFate(sweep, sight, candidate, deletion);
  await ledger.dropRegistration(settings.roleId, instanceId);
  return true;
};
