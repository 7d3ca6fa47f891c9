import { checkFramework } from "../framework";
import { addProviderCheck } from "../provider-checks";
import { ConfigurationError } from "../validation";
import { isObject } from "./kinds";
import { mistakesOf } from "./mistakes";
import type { ObjectOf } from "./node";
import type { Construct } from "constructs";

/** Ends the synth at once: of what is missing or of the wrong kind, nothing can be built. */
export const refuse = (mistakes: readonly string[], scope?: Construct): void => {
  if (mistakes.length === 0) return;
  const path = scope === undefined ? "" : `[${scope.node.path}] `;
  throw new ConfigurationError(mistakes.map((mistake) => `${path}${mistake}`).join("\n"));
};

/** "a, b and c" */
const listed = (names: readonly string[]): string =>
  [names.slice(0, -1).join(", "), ...names.slice(-1)].filter((part) => part !== "").join(" and ");

/** What is wrong with the props as a whole, or else with one of them. */
export const propsMistakes = (props: unknown, table: ObjectOf): readonly string[] =>
  isObject(props)
    ? mistakesOf("", props, table)
    : [`The props are missing: give ${listed(table.required ?? [])}.`];

/** First of all in a constructor: refuses a stack of another framework, and props that `table` does not allow. */
export const checkProps = (scope: Construct, props: unknown, table: ObjectOf): void => {
  checkFramework(scope);
  refuse(propsMistakes(props, table), scope);
  addProviderCheck(scope, Object.hasOwn(table.keys, "providers"));
};
