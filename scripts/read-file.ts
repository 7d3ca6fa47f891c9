import { readFileSync } from "node:fs";
import { decodeText } from "./decode-text";
import type { Terminal } from "./terminal";

/** The input is nothing that can be used; the message says what to give instead. */
export class InputError extends Error {
  public constructor(message: string) {
    super(message);
    this.name = "InputError";
  }
}

/** Stands for standard input where a file is asked for. */
const STANDARD_INPUT = "-";

const PROBLEMS: Readonly<Record<string, (path: string) => string>> = {
  ENOENT: (path) => `There is no file ${path}.`,
  EISDIR: (path) => `${path} is a folder.`,
};

/**
 * The text of a file, or of standard input for `-`.
 *
 * @param wanted one sentence on what to give instead
 * @throws InputError
 */
export const readText = async (
  path: string,
  wanted: string,
  { input }: Pick<Terminal, "input">,
): Promise<string> => {
  try {
    const read = path === STANDARD_INPUT ? await input() : readFileSync(path);
    const text = typeof read === "string" ? read : decodeText(read);
    return text.replace(/^\uFEFF/, "");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const problem = PROBLEMS[code ?? ""]?.(path) ?? `${path} cannot be read (${code ?? String(error)}).`;
    throw new InputError(`${problem} ${wanted}`);
  }
};
