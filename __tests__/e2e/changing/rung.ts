import { ALARM_METRIC } from "../../../functions/shared/contract";
import type { Call } from "../../support/proxy";
import type { Logged } from "../../support/lambda-runtime";

/**
 * The alarms that CloudWatch would ring: one on what functions count as {@link ALARM_METRIC}, one on the errors of each function,
 * one on the webhook's answers of 5xx. Each rings once, however often its metric counts within the period.
 */
export const rung = (
  logs: string,
  invocations: readonly Logged[],
  calls: readonly Call[],
): readonly string[] => {
  const counted = logs
    .split("\n")
    .filter((line) => line.startsWith("{") && line.includes(`"${ALARM_METRIC.name}":`))
    .map((line) => String((JSON.parse(line) as { message?: string }).message));
  const failed = invocations
    .filter(({ failed: is }) => is)
    .map(({ name, payload }) => `${name}-errors: ${(payload as { errorMessage?: string }).errorMessage}`);
  const refused = invocations
    .filter(({ name }) => name.endsWith("-webhook"))
    .map(({ payload }) => payload as { statusCode?: number; body?: string } | undefined)
    .filter((answer) => (answer?.statusCode ?? 0) >= 500)
    .filter((answer) => !(answer?.body?.includes(NOT_TAKEN) && calls.some(isTooSlow)))
    .map((answer) => `webhook-5xx: ${answer?.body}`);
  return [
    ...(counted.length > 0 ? [`attention: ${[...new Set(counted)].sort().join("; ")}`] : []),
    ...onePerName(failed),
    ...onePerName(refused),
  ];
};

const NOT_TAKEN = "the jobs queue did not take it";

/** A busy emulator answers later than the webhook function waits, and SQS does not: IN_HASTE in functions/shared/call-aws.ts. */
const isTooSlow = ({ caller, name, time, end }: Call): boolean =>
  caller.endsWith("-webhook") && name === "sqs:SendMessage" && (end === 0 || end - time > 1_200);

/** The first of each alarm's reasons, which stand behind its name. */
const onePerName = (alarms: readonly string[]): readonly string[] => [
  ...new Map([...alarms].reverse().map((alarm) => [alarm.split(":")[0], alarm])).values(),
];
