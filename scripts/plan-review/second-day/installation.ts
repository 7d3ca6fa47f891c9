import { SETTINGS_VARIABLE, TAG } from "../../../functions/shared/contract";
import { block, isObject, jsonIn, strings, textOf } from "../../audit/model";
import { stands } from "../plan";
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

/** By the tag of the installation, which everything has that takes tags. */
export const prefixOf = (values: Attributes): string | undefined =>
  textOf(block(values.tags_all)[TAG.installation] ?? block(values.tags)[TAG.installation]);

const isFunction = ({ type, before }: Change): boolean =>
  type === "aws_lambda_function" && prefixOf(before) !== undefined;

/** Of each function of an installation that goes on standing, in the order of the plan. */
export const settingsIn = (plan: Plan): readonly SettingsChange[] =>
  plan.changes
    .filter((change) => isFunction(change) && stands(change))
    .map((change) => ({
      change,
      before: settingsAt(plan, change, "before"),
      after: settingsAt(plan, change, "after"),
    }));

/** The one whose settings before have the key: each function has some of its own. */
export const settingsWith = (plan: Plan, key: string): readonly SettingsChange[] =>
  settingsIn(plan).filter(({ before }) => before !== undefined && key in before);

/** Prefixes of installations that stood and go on standing: one that is made or destroyed as a whole is told as that. */
export const standingIn = ({ changes }: Plan): ReadonlySet<string> =>
  new Set(
    changes
      .filter((change) => isFunction(change) && stands(change))
      .flatMap(({ before }) => strings(prefixOf(before))),
  );

export const isStanding = (plan: Plan): boolean => standingIn(plan).size > 0;

const FLEET_PARAMETER = /^\/([^/]+)\/fleets\/([^/]+)$/;

export interface FleetChange extends Sides<Attributes> {
  readonly change: Change;
  /** Of its installation. */
  readonly prefix: string;
  readonly name: string;
}

/** What the functions know of each fleet that stood or will stand. */
export const fleetsIn = (plan: Plan): readonly FleetChange[] =>
  plan.changes
    .filter(({ type }) => type === "aws_ssm_parameter")
    .flatMap((change): readonly FleetChange[] => {
      const name = textOf(change.before.name) ?? textOf(change.after.name) ?? "";
      const [, prefix, fleet] = FLEET_PARAMETER.exec(name) ?? [];
      if (prefix === undefined || fleet === undefined) return [];
      const [before, after] = [change.before, change.after].map((one) => parsed(one.insecure_value));
      return [{ change, prefix, name: fleet, before, after }];
    });

/** What belongs to installations that are destroyed as a whole, by its id: a webhook and a group have no tag to tell it by. */
export interface Ended {
  readonly hooks: ReadonlySet<string>;
  readonly groups: ReadonlySet<string>;
  readonly apis: ReadonlySet<string>;
}

export const endedIn = (plan: Plan): Ended => {
  const standing = standingIn(plan);
  const isEnded = ({ before }: Change): boolean => {
    const prefix = prefixOf(before);
    return prefix !== undefined && !standing.has(prefix);
  };
  const ended = plan.changes.filter(isEnded);
  return {
    hooks: new Set(
      ended
        .filter(isFunction)
        .flatMap((change) => strings(block(settingsAt(plan, change, "before")?.webhook).hookId)),
    ),
    groups: new Set(
      fleetsIn(plan)
        .filter(({ prefix }) => !standing.has(prefix))
        .flatMap(({ before }) => strings(before?.runnerGroupId)),
    ),
    apis: new Set(
      ended.filter(({ type }) => type === "aws_apigatewayv2_api").flatMap(({ before }) => strings(before.id)),
    ),
  };
};
