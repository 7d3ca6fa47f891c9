import { SETTINGS_VARIABLE, TAG } from "../../../functions/shared/contract";
import { block, isObject, jsonIn, strings, textOf } from "../../audit/model";
import { stands, stood } from "../plan";
import { at } from "../rules/protections";
import type { Attributes } from "../../audit/model";
import type { Change, Plan } from "../plan";

/** What a plan tells of the installation before and after it: out of the settings of its functions. */

export type Side = "before" | "after";

/** A side is undefined where the plan does not show it, or where nothing stands. */
export interface Sides<T> {
  readonly before?: T;
  readonly after?: T;
}

export interface SettingsChange extends Sides<Attributes> {
  readonly change: Change;
}

const parsed = (value: unknown): Attributes | undefined => {
  const json = typeof value === "string" ? jsonIn(value) : undefined;
  return isObject(json) ? json : undefined;
};

/** Lists that found no room in the environment stand in pieces, in parameters that the settings name. */
const movedOf = (plan: Plan, names: readonly string[], side: Side): Attributes | undefined => {
  const pieces = names.map((name) =>
    plan.changes
      .filter(({ type }) => type === "aws_ssm_parameter")
      .map((change) => change[side])
      .find((one) => one.name === name),
  );
  const texts = pieces.map((piece) => textOf(piece?.insecure_value));
  return texts.includes(undefined) ? undefined : parsed(texts.join(""));
};

const settingsAt = (plan: Plan, change: Change, side: Side): Attributes | undefined => {
  const own = parsed(at(change[side], `environment.variables.${SETTINGS_VARIABLE}`));
  const names = strings(own?.settingsParameters);
  if (own === undefined || names.length === 0) return own;
  const moved = movedOf(plan, names, side);
  return moved === undefined ? undefined : { ...own, ...moved };
};

/** Of each function that goes on standing, in the order of the plan. */
export const settingsIn = (plan: Plan): readonly SettingsChange[] =>
  plan.changes
    .filter((change) => change.type === "aws_lambda_function" && stood(change) && stands(change))
    .map((change) => ({
      change,
      before: settingsAt(plan, change, "before"),
      after: settingsAt(plan, change, "after"),
    }));

/** The one whose settings before have the key: each function has some of its own. */
export const settingsWith = (plan: Plan, key: string): readonly SettingsChange[] =>
  settingsIn(plan).filter(({ before }) => before !== undefined && key in before);

/** By the tag of the installation, which everything has that takes tags. */
export const prefixOf = (values: Attributes): string | undefined =>
  textOf(block(values.tags_all)[TAG.installation] ?? block(values.tags)[TAG.installation]);

/** Whether an installation stood and goes on standing: one that is made or destroyed as a whole is told as that. */
export const isStanding = ({ changes }: Plan): boolean =>
  changes.some(
    (change) =>
      change.type === "aws_lambda_function" &&
      stood(change) &&
      stands(change) &&
      prefixOf(change.before) !== undefined,
  );

const FLEET_PARAMETER = /^\/[^/]+\/fleets\/([^/]+)$/;

export interface FleetChange extends Sides<Attributes> {
  readonly change: Change;
  readonly name: string;
}

/** What the functions know of each fleet that stood or will stand. */
export const fleetsIn = (plan: Plan): readonly FleetChange[] =>
  plan.changes
    .filter(({ type }) => type === "aws_ssm_parameter")
    .flatMap((change): readonly FleetChange[] => {
      const name = textOf(change.before.name) ?? textOf(change.after.name) ?? "";
      const [, fleet] = FLEET_PARAMETER.exec(name) ?? [];
      if (fleet === undefined) return [];
      const [before, after] = [change.before, change.after].map((one) => parsed(one.insecure_value));
      return [{ change, name: fleet, before, after }];
    });
