import type { Node } from "../../constructs/schema/node";
import type { TerraformBackend, TerraformStack } from "cdktf";

/** One of the places that Terraform's state may have. */
export interface Backend {
  readonly keys: Readonly<Record<string, Node>>;
  readonly required?: readonly string[];
  /** Keys with secrets, each with what Terraform reads from the environment instead. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** What Terraform reads a password from that could stand in an address. */
  readonly passwordVariable?: string;
  readonly create: (stack: TerraformStack, given: never) => TerraformBackend;
}

export const TEXT = "a text";
export const TEXTS = "a list of texts";
export const TAGS = "an object of texts";
export const NUMBER = "a number";
export const FLAG = "true or false";
