import type { EventBridgeEvent } from "aws-lambda";
import { REBALANCE_METRIC } from "../shared/contract";
import type { Ledger } from "../shared/ledger";
import { machineItem, type Task } from "../shared/ledger-items";
import { logger } from "../shared/logger";
import { countOf } from "../shared/metrics";
import type { Wake } from "../shared/wake";

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html */
export const INTERRUPTION = "EC2 Spot Instance Interruption Warning";
/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/rebalance-recommendations.html */
export const REBALANCE = "EC2 Instance Rebalance Recommendation";

/** The event's ARN names neither account nor, always, region: only this field tells the machine. */
export type Notice = EventBridgeEvent<
  typeof INTERRUPTION | typeof REBALANCE,
  { readonly "instance-id": string }
>;

export interface InterruptionParts {
  readonly installation: string;
  readonly fleets: readonly string[];
  readonly ledger: Pick<Ledger, "find" | "note" | "addTask">;
  readonly wake: Wake;
}

/**
 * Takes what EC2 says, to the whole account, of one spot instance. That it may soon be interrupted is only counted. That
 * it will be, two minutes from now, is written down: the machine serves no job that waits, its runner's record is to be
 * removed, and its job to run again. Whether there was a job, and whether it may, the sweep finds out.
 *
 * Safe any number of times: EventBridge delivers at least once, and Lambda repeats what has failed.
 */
export const takeNotice = async (parts: InterruptionParts, notice: Notice): Promise<void> => {
  const { installation, fleets, ledger } = parts;
  const instanceId = notice.detail["instance-id"];
  const found = await ledger.find(fleets, instanceId);
  if (!found) {
    logger.debug("not a machine of ours", { instanceId });
    return;
  }
  const { fleet, machine } = found;
  if (notice["detail-type"] === REBALANCE) {
    logger.info("rebalance recommended", { fleet, instanceId, ...countOf(installation, REBALANCE_METRIC) });
    return;
  }
  // Not by the clock: a notice that Lambda repeats is minutes old, and by then the job may have ended of it.
  const interruptedAt = machine.interruptedAt ?? new Date(notice.time).toISOString();
  await writeDown(ledger, fleet, instanceId, interruptedAt);
  logger.warn("machine interrupted", { fleet, instanceId, state: machine.state, jobId: machine.jobId });
  await parts.wake(fleet, 0);
};

const KINDS: readonly Task["kind"][] = ["remove-runner", "rerun-job"];

const writeDown = async (
  ledger: InterruptionParts["ledger"],
  fleet: string,
  instanceId: string,
  interruptedAt: string,
): Promise<void> => {
  const task = { instanceId, createdAt: interruptedAt, interruptedAt };
  await Promise.all(KINDS.map((kind) => ledger.addTask(fleet, { ...task, kind })));
  // Last: of a machine that was taken away without this mark, the sweep sees to the job itself.
  await ledger.note(fleet, machineItem(instanceId), { interruptedAt });
};
