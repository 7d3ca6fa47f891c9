import { InputError } from "../read-file";
import { textOf } from "./model";
import type { Attributes } from "./model";

/** https://developer.hashicorp.com/terraform/internals/json-format: another major version is to be refused. */
const FORMAT = /^[01]\./;

/**
 * @param path of the file, for the message
 * @throws InputError where the JSON says that it is of a format which is not known here
 */
export const checkFormat = ({ format_version }: Attributes, path: string): void => {
  if (format_version === undefined || FORMAT.test(textOf(format_version) ?? "")) return;
  throw new InputError(
    `${path} has the format version ${JSON.stringify(format_version)}, and only 0 and 1 are known here: update this package.`,
  );
};
