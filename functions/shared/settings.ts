import { SETTINGS_VARIABLE } from "./contract";
import { RunnersError } from "./errors";
import { parseObject } from "./json";

/** The function was deployed without the settings that the construct gives it. */
export class SettingsError extends RunnersError {}

/**
 * The settings of this function: JSON in the environment variable `SETTINGS`, written at synth time.
 *
 * @throws SettingsError when the variable is absent, or is not a JSON object
 */
export const readSettings = <T extends object>(env: NodeJS.ProcessEnv = process.env): T => {
  const text = env[SETTINGS_VARIABLE];
  if (!text) {
    throw new SettingsError(
      `The environment variable ${SETTINGS_VARIABLE} is not set: apply the stack again.`,
    );
  }
  const settings = parseObject(text);
  if (settings) return settings as T;
  throw new SettingsError(
    `The environment variable ${SETTINGS_VARIABLE} is not a JSON object: apply the stack again.`,
  );
};
