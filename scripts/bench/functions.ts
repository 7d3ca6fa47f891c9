import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { unzipSync } from "fflate";
import { MEMORY_MB } from "../../constructs/tuning";
import { SETTINGS_VARIABLE, type WebhookSettings } from "../../functions/shared/contract";
import {
  interruptionSettings,
  rotateTokensSettings,
  sweepSettings,
  webhookSettings,
} from "../../__tests__/chaos/settings";
import { environmentOf, type LambdaFunction } from "../../__tests__/support/lambda-process";

/** Of no repository in particular, so that all that GitHub published is taken. */
export const benchWebhookSettings: WebhookSettings = { ...webhookSettings(), repositories: undefined };

const settingsOf = {
  webhook: benchWebhookSettings,
  launch: sweepSettings(1),
  sweep: sweepSettings(1),
  "rotate-tokens": rotateTokensSettings(1),
  interruption: interruptionSettings(),
} as const;

export type FunctionName = keyof typeof settingsOf;

export const functionNames = Object.keys(settingsOf) as FunctionName[];

const REGION = "eu-central-1";
const TIMEOUT_S = 60;

/** As the construct makes it, with settings of its own if need be. */
export const functionOf = (name: FunctionName, settings: object = settingsOf[name]): LambdaFunction => ({
  name,
  arn: `arn:aws:lambda:${REGION}:123456789012:function:${name}`,
  handler: "index.handler",
  timeout: TIMEOUT_S,
  memory: MEMORY_MB[name],
  environment: { [SETTINGS_VARIABLE]: JSON.stringify(settings) },
  zip: resolve(__dirname, "../../lib/bundles", `${name}.zip`),
});

export const environmentIn = (one: LambdaFunction): NodeJS.ProcessEnv => environmentOf(one, REGION);

/** Unpacks a bundle, and answers with the path of its program. */
export const unpack = (zip: string, folder: string): string => {
  mkdirSync(folder, { recursive: true });
  for (const [file, bytes] of Object.entries(unzipSync(readFileSync(zip))))
    writeFileSync(join(folder, file), bytes);
  return join(folder, "index.js");
};
