import { block, blocks, isObject, strings, textOf, withoutIndex } from "../audit/model";
import { checkFormat } from "../audit/plan-format";
import { configuredResources, expressionsOf } from "../audit/read-plan";
import { readStack } from "../audit/read-stack";
import { InputError } from "../read-file";
import { jsonOutput } from "../terraform-output";
import { pathsIn } from "./construct-paths";
import { fillFromStack } from "./fill";
import { maskCredentials, maskSensitive } from "./mask";
import type { Attributes } from "../audit/model";
import type { Action, Change, Plan } from "./plan";

export const WANTED_PLAN =
  'Give a plan as JSON: "terraform plan -out=plan.bin", then "terraform show -json plan.bin".';
export const WANTED_STACK =
  "Give the synthesized stack that the plan is of: cdktf.out/stacks/<stack>/cdk.tf.json.";

/** A file and what stands in it. */
export interface Source {
  readonly name: string;
  readonly text: string;
}

const objectIn = ({ name, text }: Source, wanted: string): Attributes => {
  const json = jsonOutput(text);
  if (json === undefined) throw new InputError(`${name} is not JSON. ${wanted}`);
  if (!isObject(json)) throw new InputError(`${name} is JSON, but no object. ${wanted}`);
  return json;
};

const planIn = (source: Source): Attributes => {
  const json = objectIn(source, WANTED_PLAN);
  checkFormat(json, source.name);
  if (Array.isArray(json.resource_changes) || "planned_values" in json) return json;
  const is = "values" in json ? "a state" : "resource" in json ? "a synthesized stack" : "something else";
  throw new InputError(`${source.name} is ${is}, and not a plan. ${WANTED_PLAN}`);
};

const stackIn = (source: Source): Attributes => {
  const json = objectIn(source, WANTED_STACK);
  if (!("resource" in json)) throw new InputError(`${source.name} is no stack. ${WANTED_STACK}`);
  return json;
};

/** Filled from another stack, a plan would tell policies that are not its own. */
const checkSame = (plan: Attributes, stack: Attributes, { name }: Source): void => {
  const configured = configuredResources(plan);
  const other = readStack(stack).resources.find(({ address }) => !configured.has(address));
  if (other !== undefined)
    throw new InputError(`${name} is not of this plan, which has no ${other.address}. ${WANTED_STACK}`);
};

/** https://github.com/hashicorp/terraform/blob/0000ad574e75eb41625b9e3d55d124f4d91039be/internal/command/jsonplan/plan.go */
const ACTIONS: Readonly<Record<string, Action>> = {
  "no-op": "none",
  create: "create",
  update: "update",
  delete: "delete",
  forget: "forget",
  "delete,create": "replace",
  "create,delete": "replace",
  "create,forget": "replace",
  "forget,create": "replace",
};

/** `["ingress", 0, "from_port"]`: `ingress[0].from_port` */
const pathText = (path: unknown): string =>
  (Array.isArray(path) ? (path as unknown[]) : [path])
    .map((one, index) => (typeof one === "number" ? `[${one}]` : `${index === 0 ? "" : "."}${String(one)}`))
    .join("");

const actionOf = (one: Attributes): Pick<Change, "action" | "forgets"> => {
  const all = strings(block(one.change).actions);
  const actions = all.join();
  const action = ACTIONS[actions];
  if (action !== undefined) return { action, forgets: all.includes("forget") };
  throw new InputError(
    `The plan would do "${actions}" to ${String(one.address)}, which is not understood: install a newer version of this package.`,
  );
};

/** What an earlier apply made anew and could not destroy stands beside the one that took its place. */
const addressOf = ({ address, deposed }: Attributes): string =>
  `${String(address)}${typeof deposed === "string" ? ` (deposed ${deposed})` : ""}`;

const changesOf = (one: Attributes, written: ReadonlyMap<string, Attributes>): readonly Change[] => {
  // What is only read is no one's change.
  if (one.mode === "data" || one.mode === "ephemeral") return [];
  const change = maskCredentials(block(one.change));
  const address = addressOf(one);
  return [
    {
      address,
      type: String(one.type),
      ...actionOf(one),
      before: block(change.before),
      after: block(change.after),
      unknown: block(change.after_unknown),
      written: written.get(withoutIndex(String(one.address))) ?? {},
      replacedBy: Array.isArray(change.replace_paths) ? change.replace_paths.map(pathText) : [],
      movedFrom: textOf(one.previous_address),
      isImported: change.importing !== undefined,
    },
  ];
};

const changedOutputs = (json: Attributes): readonly string[] =>
  Object.entries(block(json.output_changes))
    .filter(([, change]) => strings(block(change).actions).join() !== "no-op")
    .map(([name]) => name)
    .sort();

const accountIn = (json: Attributes): string | undefined =>
  blocks(block(block(block(json.prior_state).values).root_module).resources)
    .filter(({ type }) => type === "aws_caller_identity")
    .map(({ values }) => textOf(block(values).account_id))
    .find((one) => /^\d{12}$/.test(one ?? ""));

const maskAll = (json: Attributes): Attributes => ({
  ...json,
  resource_changes: blocks(json.resource_changes).map((one) => ({
    ...one,
    change: maskSensitive(block(one.change)),
  })),
});

/** Where the plan does not tell when it was made. */
const UNTOLD = new Date(0);

/**
 * @param stack the synthesized stack beside the plan: names constructs as they are, and shows what is known after the apply only
 * @throws InputError
 */
export const readPlan = (source: Source, stack?: Source): Plan => {
  const masked = maskAll(planIn(source));
  const synthesized = stack && stackIn(stack);
  if (stack !== undefined && synthesized !== undefined) checkSame(masked, synthesized, stack);
  const json = synthesized === undefined ? masked : fillFromStack(masked, synthesized);
  const written = expressionsOf(json);
  const at = new Date(textOf(json.timestamp) ?? Number.NaN);
  return {
    changes: blocks(json.resource_changes)
      .flatMap((one) => changesOf(one, written))
      .sort((one, other) => (one.address < other.address ? -1 : 1)),
    at: Number.isNaN(at.getTime()) ? UNTOLD : at,
    json,
    account: accountIn(json),
    outputs: changedOutputs(json),
    paths: synthesized === undefined ? new Map() : pathsIn(synthesized),
  };
};
