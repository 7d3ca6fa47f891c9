import type { SQSBatchResponse, SQSRecord } from "aws-lambda";
import { ringAlarm } from "../shared/alarm";
import { machineOfRunner, type FleetSettings, type JobMessage } from "../shared/contract";
import { FleetSettingsError, type FleetSettingsSource } from "../shared/fleet-settings";
import { logger } from "../shared/logger";
import { reconcile } from "../shared/reconcile";
import type { ReconcileParts } from "../shared/reconcile-launch";
import { parseMessage } from "./messages";

export interface LaunchParts extends ReconcileParts {
  readonly fleetSettings: FleetSettingsSource;
}

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
  const failures = new Map<string, unknown>();
  const parsed = records.flatMap((record) => {
    try {
      return [{ messageId: record.messageId, message: parseMessage(record) }];
    } catch (error) {
      failures.set(record.messageId, error);
      return [];
    }
  });
  const messages = parsed.map(({ message }) => message);
  const touched = new Set(messages.flatMap((message) => fleetsOf(parts.installation, message)));
  const settings = await parts.fleetSettings.load(touched);

  const known = parsed.filter(({ messageId, message: { fleet } }) => {
    if (settings.has(fleet)) return true;
    failures.set(
      messageId,
      new FleetSettingsError(`No fleet is called ${fleet}: apply the stack that has it.`),
    );
    return false;
  });
  const recorded = await parts.ledger.record(known.map(({ message }) => message));
  for (const [index, { messageId, message }] of known.entries()) {
    const result = recorded[index];
    if (result?.outcome === "failed") failures.set(messageId, result.error);
    else logger.info("event recorded", { ...logged(message), outcome: result?.outcome });
  }
  for (const [messageId, error] of failures) {
    const message = parsed.find((one) => one.messageId === messageId)?.message;
    logger.error("message not taken", { messageId, ...(message && logged(message)), error });
  }

  const fleets = [...touched].flatMap((fleet) => withSettings(fleet, settings));
  await Promise.all(fleets.map((one) => see(parts, one, deadline)));
  return { batchItemFailures: [...failures.keys()].map((itemIdentifier) => ({ itemIdentifier })) };
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
    ringAlarm(parts.installation, "reconcile failed", { fleet, error });
  }
};

const logged = ({ action, fleet, jobId, runId, delivery, runnerName }: JobMessage) => ({
  action,
  fleet,
  jobId,
  runId,
  delivery,
  runnerName,
});
