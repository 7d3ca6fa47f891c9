import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { createApp } from "../../../main";

/** How plans of the reference app are made and kept for the tests of the plan review. */

export type Json = Record<string, unknown>;

const root = resolve(__dirname, "../../..");
export const STACK = "cdk.tf.json";

/** The folder of the reference app's stack, with other settings: of its runners, and `more` beside them. */
export const synthesize = (work: string, name: string, runners: Json, more: Json = {}): string => {
  const { context } = JSON.parse(readFileSync(join(root, "cdktf.json"), "utf8")) as {
    context: { runners: Json };
  };
  const outdir = join(work, name);
  createApp({ ...context, ...more, runners: { ...context.runners, ...runners } }, outdir).synth();
  return join(outdir, "stacks", "ephemeral-runners");
};

interface Plan {
  readonly prior_state?: State;
}
interface State {
  readonly values?: { readonly root_module: { readonly resources?: readonly { readonly mode: string }[] } };
}

/**
 * Managed resources stand in a plan three times: what they are before and after is in the changes, so that of the state
 * only what data sources said is kept, and of the values after nothing.
 */
export const essential = (text: string): string => {
  const plan = JSON.parse(text) as Plan;
  const resources = plan.prior_state?.values?.root_module.resources?.filter(({ mode }) => mode === "data");
  const prior_state = { values: { root_module: { resources } } };
  return JSON.stringify({ ...plan, prior_state, planned_values: undefined });
};

export const keep = (name: string, text: string): void =>
  writeFileSync(join(__dirname, "plans", `${name}.json.gz`), gzipSync(text, { level: 9 }));
