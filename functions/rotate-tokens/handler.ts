import { SSMClient } from "@aws-sdk/client-ssm";
import type { Context } from "aws-lambda";
import type { RotateTokensSettings } from "../shared/contract";
import { parseObject } from "../shared/json";
import { logger } from "../shared/logger";
import { readSettings } from "../shared/settings";
import { rotateTokens, type RotateTokensDeps, type RotationAnswer } from "./rotate-tokens";

const deps: RotateTokensDeps = {
  ssm: new SSMClient(),
  settings: readSettings<RotateTokensSettings>(),
  now: Date.now,
};

/** Invoked by EventBridge (schedule, a parameter was made) and, with `{"refresh": true}`, after GitHub refused a token. */
export const handler = async (event: unknown, context: Context): Promise<RotationAnswer> => {
  logger.addContext(context);
  return rotateTokens(deps, { refresh: isRefresh(event) });
};

const isRefresh = (event: unknown): boolean => parseObject(JSON.stringify(event))?.refresh === true;
