import { InputError } from "../read-file";
import { jsonOutput } from "../terraform-output";
import { isObject } from "./model";
import { checkFormat } from "./plan-format";
import { readPlan } from "./read-plan";
import { readStack } from "./read-stack";
import type { Attributes, Stack } from "./model";

export const WANTED =
  'Give a synthesized stack (cdktf.out/stacks/<stack>/cdk.tf.json), or a plan as JSON: "terraform plan -out=plan.bin", then "terraform show -json plan.bin".';

/** @throws InputError */
export const parseInput = (text: string, path: string): Stack => {
  const json = jsonOutput(text);
  if (json === undefined) throw new InputError(`${path} is not JSON. ${WANTED}`);
  if (!isObject(json)) throw new InputError(`${path} is JSON, but neither a stack nor a plan. ${WANTED}`);
  const stack = read(json, path);
  if (stack.resources.length === 0) throw new InputError(`${path} holds no resources. ${WANTED}`);
  return stack;
};

const read = (json: Attributes, path: string): Stack => {
  checkFormat(json, path);
  if (json.errored === true)
    throw new InputError(`${path} is of a plan that failed, and not the whole: plan again. ${WANTED}`);
  // What a plan with -target leaves out, or puts off, may be what is broken.
  if (json.complete === false)
    throw new InputError(`${path} is of a plan of a part only: plan the whole, without -target. ${WANTED}`);
  if (Array.isArray(json.resource_changes)) return readPlan(json);
  if ("format_version" in json)
    throw new InputError(
      "values" in json
        ? `${path} is a state, and not a plan. ${WANTED}`
        : `${path} is a plan without resources. ${WANTED}`,
    );
  if ("resource" in json) return readStack(json);
  throw new InputError(`${path} is JSON, but neither a stack nor a plan. ${WANTED}`);
};
