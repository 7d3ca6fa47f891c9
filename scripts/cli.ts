#!/usr/bin/env node
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { buffer } from "node:stream/consumers";
import { isatty } from "node:tty";
import { Command, CommanderError } from "commander";
import { auditCommand } from "./audit/command";
import { costCommand } from "./cost/command";
import { EXIT, exitCodesHelp } from "./exit-codes";
import { planReviewCommand } from "./plan-review/command";
import { postCommentCommand } from "./post-comment/command";
import { InputError } from "./read-file";
import { summaryCommand } from "./summary-command";
import type { Terminal } from "./terminal";

const HELP = `
${exitCodesHelp()}

Colours and tables are for terminals; NO_COLOR=1 switches the colours off. A file may be "-": standard input.

Examples:
  ephemeral-runners summary
  ephemeral-runners audit cdktf.out/stacks/ephemeral-runners/cdk.tf.json
  terraform show -json plan.bin | ephemeral-runners plan-review -
  ephemeral-runners help plan-review
`;

const COMMANDS = [summaryCommand, auditCommand, planReviewCommand, costCommand, postCommentCommand];

/** `ephemeral-runners`: the programs of the package, one command each. */
export const createProgram = (terminal: Terminal): Command => {
  const program = new Command("ephemeral-runners")
    .description("Programs around ephemeral GitHub Actions runners on AWS.")
    .version(terminal.version)
    .addHelpText("after", HELP);
  for (const create of COMMANDS) program.addCommand(create(terminal));
  for (const command of [program, ...program.commands])
    command
      .exitOverride()
      .showHelpAfterError("(--help tells more)")
      .configureOutput({ writeOut: terminal.out, writeErr: terminal.error });
  return program;
};

/** Runs the program; what the user can mend ends with one line and the code for what cannot be used. */
export const runProgram = async (words: readonly string[], terminal: Terminal): Promise<void> => {
  try {
    await createProgram(terminal).parseAsync(words, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError)
      return terminal.exit(error.exitCode === 0 ? EXIT.accepted : EXIT.unusable);
    if (error instanceof InputError) {
      terminal.error(`${error.message}\n`);
      return terminal.exit(EXIT.unusable);
    }
    terminal.error(`${error instanceof Error ? error.stack : String(error)}\n`);
    terminal.exit(EXIT.broken);
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

const STANDARD_INPUT = 0;

/** As a stream, since a pipe whose writer is slow has nothing to read yet. */
const readStandardInput = async (): Promise<Uint8Array> => {
  if (isatty(STANDARD_INPUT)) process.stderr.write("Reading standard input; end it with Ctrl-D.\n");
  return buffer(process.stdin);
};

const processTerminal = (): Terminal => ({
  out: (words) => process.stdout.write(words),
  error: (words) => process.stderr.write(words),
  exit: (code) => {
    process.exitCode = code;
  },
  input: readStandardInput,
  color: wantsColor(process.env, process.stdout.isTTY),
  version: packageVersion(__dirname),
  environment: process.env,
});

if (require.main === module) {
  // A reader that has seen enough, such as `head`, closes the pipe: that is no failure.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit();
  });
  void runProgram(process.argv.slice(2), processTerminal());
}
