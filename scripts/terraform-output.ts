import { jsonIn } from "./audit/model";

/**
 * What the wrapper of `hashicorp/setup-terraform` (older versions, unless `terraform_wrapper: false`) writes around the output of a command: the
 * command before it, workflow commands behind it. https://github.com/hashicorp/setup-terraform/issues/20
 */
const WRAPPER_LINE = /^(?:\[command\]|::[\w-]+(?: [^:]*)?::)/;

/** Each line of the wrapper is left empty, so that the others keep their numbers. */
const withoutWrapper = (text: string): string =>
  text
    .split("\n")
    .map((line) => (WRAPPER_LINE.test(line) ? "" : line))
    .join("\n");

/** The JSON that a command of Terraform wrote; undefined where the text holds none. */
export const jsonOutput = (text: string): unknown => jsonIn(text) ?? jsonIn(withoutWrapper(text));
