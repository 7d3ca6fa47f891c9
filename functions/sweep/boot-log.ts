import { awsCall, WITH_TIME, type AwsCall } from "../shared/call-aws";
import { machineLogGroup } from "../shared/contract";
import { parseObject } from "../shared/json";

/** How far a machine came with its boot, in its own words: who was root on any machine of the fleet can have written them. */
export interface BootLog {
  /** The first step that failed. */
  readonly failed?: BootStep;
  /** The last step that went well. */
  readonly done?: string;
}

export interface BootStep {
  readonly step: string;
  readonly status: number;
}

/** Reads what a machine wrote while it booted. Undefined: it wrote nothing, or not where machines of the fleet should. */
export type ReadBootLog = (fleet: string, instanceId: string) => Promise<BootLog | undefined>;

/** The last step of `functions/boot/boot.sh`: after it the runner starts. */
export const LAST_STEP = "idle-limit";

/** Of a step that was ended since another had failed: 128 + SIGTERM, as boot.sh has it. */
const ENDED = 143;

/** The machine wrote it just before it powered off, and after a step fails nothing more is done. */
const LAST_LINES = 200;

/** Its own right: `logs:GetLogEvents` on the streams of machines. */
const GET_LOG_EVENTS = { service: "logs", target: "Logs_20140328.GetLogEvents", jsonVersion: "1.1" } as const;

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html */
export const createReadBootLog =
  (installation: string, call: AwsCall = awsCall({ ...GET_LOG_EVENTS, limits: WITH_TIME })): ReadBootLog =>
  async (fleet, instanceId) => {
    const logGroupName = machineLogGroup(installation, fleet);
    try {
      const { events } = await call({
        logGroupName,
        logStreamName: instanceId,
        startFromHead: false,
        limit: LAST_LINES,
      });
      const messages = (Array.isArray(events) ? events : []).map(
        (one) => (one as { message?: unknown }).message,
      );
      return bootLogOf(messages.filter((message) => typeof message === "string"));
    } catch (error) {
      if ((error as Error).name === "ResourceNotFoundException") return undefined;
      throw error;
    }
  };

/** As `journal` of `functions/boot/aws.py` ships a line of the boot's: the program's name, then what `report` wrote. */
const LINE = /^\S+: (\{"message":"boot step"[^]*\})$/;

export const bootLogOf = (lines: readonly string[]): BootLog | undefined => {
  const steps = lines.flatMap((line) => {
    const { step, status } = parseObject(LINE.exec(line)?.[1] ?? "") ?? {};
    return typeof step === "string" && Number.isInteger(status) ? [{ step, status: status as number }] : [];
  });
  if (steps.length === 0) return undefined;
  const failed = steps.filter(({ status }) => status !== 0);
  return {
    failed: failed.find(({ status }) => status !== ENDED) ?? failed[0],
    done: steps.filter(({ status }) => status === 0).at(-1)?.step,
  };
};
