import type { SQSBatchResponse, SQSRecord } from "aws-lambda";
import { ringAlarm } from "../shared/alarm";
import { machineOfRunner, type FleetSettings, type JobMessage } from "../shared/contract";
import type { FleetList } from "../shared/fleet-list";
import type { FleetSettingsSource } from "../shared/fleet-settings";
import { logger } from "../shared/logger";
import { isPassing } from "../shared/passing";
import { reconcile } from "../shared/reconcile";
import type { ReconcileParts } from "../shared/reconcile-launch";
import { parseMessage } from "./messages";
import { placeUnknown, type Failures, type Taken } from "./unknown-fleets";

export interface LaunchParts extends ReconcileParts {
  readonly fleetSettings: FleetSettingsSource;
  readonly fleetList: FleetList;
}

/** Parameter Store throttles by the second. */
const SETTINGS_PAUSE_S = 10;

/**
 * Writes what the messages say into the ledger, and sees to the fleets that they touch. A message that is not written
 * down comes back, and in the end goes to the dead-letter queue; one that is written down is let go, whatever happens
 * next: from there on the ledger says what there is to do, and the next event or the sweep does it.
 *
 * @param deadline epoch milliseconds at which this function is stopped
 */
export const takeMessages = async (
  parts: LaunchParts,
  records: readonly Pick<SQSRecord, "messageId" | "body">[],
  deadline: number,
): Promise<SQSBatchResponse> => {
  const failures: Failures = new Map();
  const { jobs: sorted, woken } = sort(records, failures);
  const isUnknown = ({ message }: Taken): boolean => !parts.fleetSettings.knows(message.fleet);
  const jobs = sorted.some(isUnknown) ? await placeUnknown(parts, sorted, failures) : sorted;
  const touched = jobs.flatMap(({ message }) => fleetsOf(parts.installation, message));
  const launches = mayLaunch(parts, jobs, woken);
  const loading = load(parts, touched, woken);
  // What a launch needs after its settings. Nothing waits for it but the launch itself, and the end of the function.
  const knowing = launches ? loading.then((loaded) => know(parts, loaded)) : undefined;
  const [settings] = await Promise.all([
    loading,
    record(parts, jobs, failures),
    // What a launch needs next.
    launches && parts.permits.look(),
  ]);
  for (const [messageId, error] of failures) {
    const message = jobs.find((one) => one.messageId === messageId)?.message;
    logger.error("message not taken", { messageId, ...(message && logged(message)), error });
  }
  const fleets = [...new Set([...touched, ...woken])].flatMap((fleet) => withSettings(fleet, settings));
  await Promise.all([...fleets.map((one) => see(parts, one, deadline)), knowing]);
  return { batchItemFailures: [...failures.keys()].map((itemIdentifier) => ({ itemIdentifier })) };
};

const sort = (
  records: readonly Pick<SQSRecord, "messageId" | "body">[],
  failures: Failures,
): { readonly jobs: readonly Taken[]; readonly woken: readonly string[] } => {
  const jobs: Taken[] = [];
  const woken: string[] = [];
  for (const one of records) {
    try {
      const message = parseMessage(one);
      if ("wake" in message) woken.push(message.wake);
      else jobs.push({ messageId: one.messageId, message });
    } catch (error) {
      failures.set(one.messageId, error);
    }
  }
  return { jobs, woken };
};

const mayLaunch = (
  { fleetSettings }: LaunchParts,
  jobs: readonly Taken[],
  woken: readonly string[],
): boolean =>
  jobs.some(({ message }) => message.action === "queued" && fleetSettings.knows(message.fleet)) ||
  woken.some((fleet) => fleetSettings.knows(fleet));

/** What cannot be read now keeps no message from being written down: the fleets are seen to a little later. */
const load = async (
  { fleetSettings, wake, installation }: LaunchParts,
  touched: readonly string[],
  woken: readonly string[],
): Promise<ReadonlyMap<string, FleetSettings>> => {
  try {
    return await fleetSettings.load([...touched, ...woken]);
  } catch (error) {
    tell(installation, "settings not read", { fleets: touched, error });
    // Not for those that were woken: each event is worth one more try, and then the sweep looks.
    await Promise.all([...new Set(touched)].map((fleet) => wake(fleet, SETTINGS_PAUSE_S))).catch(
      () => undefined,
    );
    return new Map();
  }
};

/** What is known of the fleets' places stays known for the life of the sandbox. */
const know = ({ provider }: LaunchParts, settings: ReadonlyMap<string, FleetSettings>): Promise<unknown> =>
  Promise.all([...settings.values()].map((one) => provider.ready(one)));

const record = async ({ ledger }: LaunchParts, jobs: readonly Taken[], failures: Failures): Promise<void> => {
  const recorded = await ledger.record(jobs.map(({ message }) => message));
  for (const [index, { messageId, message }] of jobs.entries()) {
    const result = recorded[index];
    if (result?.outcome === "failed") failures.set(messageId, result.error);
    else logger.info("event recorded", { ...logged(message), outcome: result?.outcome });
  }
};

/** The fleet that the job is for, and the one of the machine that took it. */
const fleetsOf = (installation: string, { fleet, runnerName }: JobMessage): string[] => {
  const machine = machineOfRunner(installation, runnerName);
  return machine ? [fleet, machine.fleet] : [fleet];
};

const withSettings = (
  fleet: string,
  settings: ReadonlyMap<string, FleetSettings>,
): { fleet: string; settings: FleetSettings }[] => {
  const own = settings.get(fleet);
  return own ? [{ fleet, settings: own }] : [];
};

const see = async (
  parts: LaunchParts,
  { fleet, settings }: { fleet: string; settings: FleetSettings },
  deadline: number,
): Promise<void> => {
  try {
    await reconcile(parts, fleet, settings, deadline);
  } catch (error) {
    tell(parts.installation, "reconcile failed", { fleet, error });
  }
};

const tell = (installation: string, what: string, fields: Readonly<Record<string, unknown>>): void => {
  if (isPassing(fields.error)) logger.warn(what, { ...fields });
  else ringAlarm(installation, what, { ...fields });
};

const logged = ({ action, fleet, jobId, runId, delivery, runnerName }: JobMessage) => ({
  action,
  fleet,
  jobId,
  runId,
  delivery,
  runnerName,
});
