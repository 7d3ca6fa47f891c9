import { Logger } from "@aws-lambda-powertools/logger";

/** Fields that hold a credential wherever they turn up, so that no careless log line can carry one out. */
const secretFields = new Set([
  "authorization",
  "encoded_jit_config",
  "environment",
  "privateKey",
  "secret",
  "signature",
  "token",
]);

/**
 * One JSON object a line. `message` is fixed text, what varies stands in fields: saved queries filter on both.
 *
 * @example logger.info("machine launched", { fleet, instanceId });
 * @example logger.error("token not written", { parameter, error });
 */
export const logger = new Logger({
  serviceName: process.env.AWS_LAMBDA_FUNCTION_NAME ?? "ephemeral-runners",
  jsonReplacerFn: (key, value: unknown) =>
    secretFields.has(key) && typeof value === "string" ? "[redacted]" : value,
});
