import type { MovedSettings } from "./contract";
import { parseObject } from "./json";
import { readParameters, type ReadParameters } from "./parameters";
import { SettingsError } from "./settings";

/**
 * Completes the settings with the part that found no room in the environment and stands in parameters. They are read
 * once in the life of a sandbox, ten a call and all calls at once; a failed read is not kept.
 *
 * @throws SettingsError when a parameter is missing or holds no JSON
 */
export const wholeSettings = <T extends object>(
  settings: T & MovedSettings,
  read: ReadParameters,
): (() => Promise<T>) => {
  const { settingsParameters: names = [], ...own } = settings;
  let kept: Promise<T> | undefined = names.length === 0 ? Promise.resolve(own as T) : undefined;
  const load = async (): Promise<T> => {
    const values = await readParameters(read, names);
    const missing = names.find((name) => values[name] === undefined);
    const moved = parseObject(names.map((name) => values[name]).join(""));
    if (missing === undefined && moved) return { ...own, ...moved } as T;
    throw new SettingsError(
      missing === undefined
        ? `The parameters ${names[0]} and following hold no JSON object: apply the stack again.`
        : `The parameter ${missing} is missing: apply the stack again.`,
    );
  };
  return () =>
    (kept ??= load().catch((error: unknown) => {
      kept = undefined;
      throw error;
    }));
};
