import { BACKENDS } from "./backend-tables";
import { noPassword } from "./rules";
import type { Backend } from "./backend-form";
import type { BackendType } from "./backend-tables";
import type { ObjectOf, Variants } from "../../constructs/schema/node";
import type { TerraformBackend, TerraformStack } from "cdktf";

/** Which backend, and its own keys. */
export interface BackendContext {
  readonly type: BackendType;
  readonly [key: string]: unknown;
}

const snakeCase = (key: string): string => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** By Terraform's names as well: who copies from its pages must not leave a secret here. */
const secretsOf = ({ secrets = {} }: Backend): ObjectOf["keys"] =>
  Object.fromEntries(
    Object.entries(secrets).flatMap(([key, secret]) =>
      [key, snakeCase(key)].map((name) => [name, { secret }] as const),
    ),
  );

const objectOf = (type: string, backend: Backend): ObjectOf => ({
  keys: { type: { oneOf: [type] }, ...backend.keys, ...secretsOf(backend) },
  required: ["type", ...(backend.required ?? [])],
  rules: [noPassword(backend.passwordVariable ?? "what Terraform reads instead")],
});

export const BACKEND: Variants = {
  by: "type",
  variants: Object.fromEntries(
    Object.entries(BACKENDS).map(([type, backend]) => [type, objectOf(type, backend)]),
  ),
};

export const createBackend = (
  stack: TerraformStack,
  { type, ...given }: BackendContext = { type: "local" },
): TerraformBackend => {
  // The keys were checked against the same table.
  const create = BACKENDS[type].create as (stack: TerraformStack, given: object) => TerraformBackend;
  return create(stack, given);
};
