import { SETTINGS_VARIABLE } from "../../functions/shared/contract";
import { block, isObject, jsonIn, refersTo, strings, textOf } from "./model";
import type { Attributes, Resource } from "./model";

/** The settings in a function's environment; undefined where it has none that can be read. */
export const readSettings = (attributes: Attributes): Attributes | undefined => {
  const variables = block(block(attributes.environment).variables);
  const settings = jsonIn(textOf(variables[SETTINGS_VARIABLE]) ?? "");
  return isObject(settings) ? settings : undefined;
};

/** The same with what stands in parameters of the stack; undefined where one of them cannot be read. */
export const readWholeSettings = (
  attributes: Attributes,
  parameters: readonly Resource[],
): Attributes | undefined => {
  const settings = readSettings(attributes);
  const names = strings(settings?.settingsParameters);
  if (settings === undefined || names.length === 0) return settings;
  const pieces = names.map(
    (name) => parameters.find((one) => refersTo(name, one))?.attributes.insecure_value,
  );
  const moved = jsonIn(pieces.map((piece) => textOf(piece) ?? "").join(""));
  return isObject(moved) ? { ...settings, ...moved } : undefined;
};
