#!/usr/bin/env node
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Command, CommanderError } from "commander";
import { auditCommand, EXIT } from "./audit/command";
import type { Terminal } from "./audit/command";

/** `ephemeral-runners`: the programs of the package, one command each. */
export const createProgram = (terminal: Terminal): Command => {
  const program = new Command("ephemeral-runners")
    .description("Programs around ephemeral GitHub Actions runners on AWS.")
    .version(terminal.version);
  for (const command of [auditCommand(terminal)]) program.addCommand(command);
  for (const command of [program, ...program.commands])
    command
      .exitOverride()
      .showHelpAfterError("(--help tells more)")
      .configureOutput({ writeOut: terminal.out, writeErr: terminal.error });
  return program;
};

/** Runs the program, and answers a mistake in the arguments with the code for what cannot be used. */
export const runProgram = (words: readonly string[], terminal: Terminal): void => {
  try {
    createProgram(terminal).parse(words, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    terminal.exit(error.exitCode === 0 ? EXIT.accepted : EXIT.unusable);
  }
};

/** The package is above this file, in the repository as in lib/. */
const packageVersion = (folder: string): string => {
  const path = join(folder, "package.json");
  if (!existsSync(path)) return packageVersion(dirname(folder));
  return (JSON.parse(readFileSync(path, "utf8")) as { version: string }).version;
};

/** https://no-color.org: any value but the empty one. */
export const wantsColor = ({ NO_COLOR }: NodeJS.ProcessEnv, isTerminal: boolean): boolean =>
  isTerminal && (NO_COLOR === undefined || NO_COLOR === "");

if (require.main === module)
  runProgram(process.argv.slice(2), {
    out: (text) => process.stdout.write(text),
    error: (text) => process.stderr.write(text),
    exit: (code) => {
      process.exitCode = code;
    },
    color: wantsColor(process.env, process.stdout.isTTY),
    version: packageVersion(__dirname),
  });
