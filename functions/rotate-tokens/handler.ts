import { SSMClient } from "@aws-sdk/client-ssm";
import type { Context } from "aws-lambda";
import type { RotateTokensSettings } from "../shared/contract";
import { logger } from "../shared/logger";
import { readSettings } from "../shared/settings";
import type { RotationAnswer } from "../shared/token";
import { parseRequest } from "./request";
import { rotateTokens, type RotateTokensDeps } from "./rotate-tokens";

const deps: RotateTokensDeps = {
  ssm: new SSMClient(),
  settings: readSettings<RotateTokensSettings>(),
  now: Date.now,
};

/**
 * Invoked by EventBridge (schedule, a parameter was made); with `{"refresh": true}` after GitHub refused a token; with
 * `{"redeliver": ...}` by the sweep.
 */
export const handler = async (event: unknown, context: Context): Promise<RotationAnswer> => {
  logger.addContext(context);
  return rotateTokens(deps, parseRequest(event));
};
