import { runProgram } from "../../scripts/cli";
import type { Terminal } from "../../scripts/terminal";

export interface Answer {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

/** A pipe that nobody reads. */
export const QUIET: Terminal = {
  out: () => {},
  error: () => {},
  exit: () => {},
  input: () => "",
  color: false,
  version: "1.2.3",
  environment: {},
};

/** Runs `ephemeral-runners` with these words, as from a pipe. */
export const run = async (words: readonly string[], given: Partial<Terminal> = {}): Promise<Answer> => {
  // As a process that sets no exit code ends.
  const answer = { code: 0, out: "", error: "" };
  await runProgram(words, {
    ...QUIET,
    out: (text) => (answer.out += text),
    error: (text) => (answer.error += text),
    exit: (code) => (answer.code = code),
    ...given,
  });
  return answer;
};
