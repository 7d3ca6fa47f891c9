import { SETTINGS_VARIABLE } from "../../functions/shared/contract";
import { block, isObject, jsonIn, textOf } from "./model";
import type { Attributes } from "./model";

/** The settings that a function is given; undefined where it has none that can be read. */
export const readSettings = (attributes: Attributes): Attributes | undefined => {
  const variables = block(block(attributes.environment).variables);
  const settings = jsonIn(textOf(variables[SETTINGS_VARIABLE]) ?? "");
  return isObject(settings) ? settings : undefined;
};
