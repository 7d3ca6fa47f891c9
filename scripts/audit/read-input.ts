import { readFileSync } from "node:fs";
import { isObject, jsonIn } from "./model";
import { readPlan } from "./read-plan";
import { readStack } from "./read-stack";
import type { Attributes, Stack } from "./model";

/** The input is nothing that can be audited; the message says what to give instead. */
export class InputError extends Error {
  public constructor(message: string) {
    super(message);
    this.name = "InputError";
  }
}

const WANTED =
  'Give a synthesized stack (cdktf.out/stacks/<stack>/cdk.tf.json), or a plan as JSON: "terraform plan -out=plan.bin", then "terraform show -json plan.bin".';

/** @throws InputError */
export const readInput = (path: string): Stack => parseInput(readText(path), path);

const readText = (path: string): string => {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") throw new InputError(`There is no file ${path}. ${WANTED}`);
    if (code === "EISDIR") throw new InputError(`${path} is a folder. ${WANTED}`);
    throw new InputError(`${path} cannot be read (${code ?? String(error)}). ${WANTED}`);
  }
};

/** @throws InputError */
export const parseInput = (text: string, path: string): Stack => {
  const json = jsonIn(text.replace(/^\uFEFF/, ""));
  if (json === undefined) throw new InputError(`${path} is not JSON. ${WANTED}`);
  if (!isObject(json)) throw new InputError(`${path} is JSON, but neither a stack nor a plan. ${WANTED}`);
  const stack = read(json, path);
  if (stack.resources.length === 0) throw new InputError(`${path} holds no resources. ${WANTED}`);
  return stack;
};

const read = (json: Attributes, path: string): Stack => {
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
