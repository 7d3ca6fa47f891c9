import { ALARM_METRIC } from "./contract";
import { logger } from "./logger";
import { countOf } from "./metrics";

/**
 * Says that a person has to look, where throwing would bring back messages that are safely written down: an error in
 * the log that is at the same time one count of {@link ALARM_METRIC}.
 */
export const ringAlarm = (
  installation: string,
  message: string,
  fields: Readonly<Record<string, unknown>> = {},
): void => {
  logger.error(message, { ...fields, ...countOf(installation, ALARM_METRIC) });
};
