import { SETTINGS_VARIABLE } from "../../functions/shared/contract";
import { block, isObject, jsonIn, refersTo, strings, textOf } from "./model";
import type { Attributes, Resource } from "./model";

/** The settings in a function's environment; undefined where it has none that can be read. */
export const readSettings = (attributes: Attributes): Attributes | undefined => {
  const variables = block(block(attributes.environment).variables);
  const settings = jsonIn(textOf(variables[SETTINGS_VARIABLE]) ?? "");
  return isObject(settings) ? settings : undefined;
};

const REFERENCE_ALONE = /^\$\{[^}]*\}$/;

/** The same with what stands in parameters of the stack; undefined where one of them cannot be read. */
export const readWholeSettings = (
  attributes: Attributes,
  parameters: readonly Resource[],
): Attributes | undefined => {
  const settings = readSettings(attributes);
  const names = strings(settings?.settingsParameters);
  if (settings === undefined || names.length === 0) return settings;
  const pieces = names.map((name) =>
    textOf(parameters.find((one) => refersTo(name, one))?.attributes.insecure_value),
  );
  // Without a piece, or with one that is written elsewhere, what is left can be JSON all the same.
  if (pieces.some((piece) => piece === undefined || REFERENCE_ALONE.test(piece))) return undefined;
  const moved = jsonIn(pieces.join(""));
  return isObject(moved) ? { ...settings, ...moved } : undefined;
};
