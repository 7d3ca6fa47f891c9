import { SETTINGS_VARIABLE } from "./contract";
import { RunnersError } from "./errors";

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
  const settings = parse(text);
  if (typeof settings !== "object" || settings === null || Array.isArray(settings)) {
    throw new SettingsError(
      `The environment variable ${SETTINGS_VARIABLE} is not a JSON object: apply the stack again.`,
    );
  }
  return settings as T;
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
