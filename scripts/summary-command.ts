import { Command } from "commander";
import { exitCodesHelp } from "./exit-codes";
import { InputError } from "./read-file";
import { summarize } from "./summary";
import type { Terminal } from "./terminal";

const HELP = `
${exitCodesHelp({ accepted: "the summary was written", refused: null })}

Examples:
  ephemeral-runners summary
  ephemeral-runners summary build/cdktf.out
`;

/** `summary [folder]`: what a synth made, and which command comes next. */
export const summaryCommand = (terminal: Terminal): Command =>
  new Command("summary")
    .summary("tell what a synth made, and which command comes next")
    .description("Counts the resources of every synthesized stack, by construct, and names the next command.")
    .argument("[folder]", "what CDKTF wrote (default: CDKTF_OUTDIR, else cdktf.out)")
    .addHelpText("after", HELP)
    .action((folder: string | undefined) =>
      terminal.out(`${text(folder ?? terminal.environment.CDKTF_OUTDIR ?? "cdktf.out", terminal.color)}\n`),
    );

const text = (outDir: string, color: boolean): string => {
  try {
    return summarize({ outDir, color });
  } catch (error) {
    throw new InputError(error instanceof Error ? error.message : String(error));
  }
};
