import { writeFileSync } from "node:fs";
import { relative } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { EXIT, exitCodesHelp } from "../exit-codes";
import { InputError, readText } from "../read-file";
import { stackFile } from "../stack-file";
import { audit } from "./audit";
import { parseInput, WANTED } from "./read-input";
import { reportJson } from "./report-json";
import { reportSarif } from "./report-sarif";
import { reportText } from "./report-text";
import { isAccepted, parseThreshold } from "./threshold";
import type { Terminal } from "../terminal";
import type { Audit } from "./audit";
import type { Threshold } from "./threshold";

interface Options {
  readonly json?: boolean;
  readonly sarif?: string;
  readonly threshold?: Threshold;
  readonly resources?: boolean;
  readonly now?: Date;
}

const threshold = (text: string): Threshold => {
  const parsed = parseThreshold(text);
  if (parsed === undefined)
    throw new InvalidArgumentError('It is a number such as 20, or a share such as "95%".');
  return parsed;
};

const date = (text: string): Date => {
  const parsed = new Date(text);
  if (Number.isNaN(parsed.getTime())) throw new InvalidArgumentError("It is a date such as 2026-09-30.");
  return parsed;
};

const HELP = `
Every control is graded "pass", "fail" or "not visible here"; the score counts what passes of what is visible. A control
that an own setting loosened fails, too: the reason names the setting. Where run time alone proves a control, the test
that does is named.

${exitCodesHelp({
  accepted: "every visible control passes, or the score reaches the threshold",
  refused: "a visible control fails, or the score is below the threshold",
})}

Examples:
  ephemeral-runners audit cdktf.out/stacks/ephemeral-runners/cdk.tf.json
  terraform show -json plan.bin | ephemeral-runners audit - --sarif audit.sarif --threshold 95%
`;

/** `audit <file>`: the security controls, graded on a synthesized stack or a plan. */
export const auditCommand = (terminal: Terminal): Command =>
  new Command("audit")
    .summary("grade the security controls of a stack")
    .description("Grades the security controls on a synthesized stack (cdk.tf.json) or on a plan as JSON.")
    .argument(
      "<file>",
      "cdk.tf.json, cdktf.out with one stack, or the output of: terraform show -json plan.bin; - for standard input",
    )
    .option("--json", "write one JSON object: score, of, controls")
    .option("--sarif <file>", "write the failures to a file as SARIF 2.1.0, for code scanning")
    .option("--threshold <score>", "accept this score and above: controls, or a share such as 95%", threshold)
    .option("--resources", "list what was taken for the installation, and why")
    .option("--now <date>", "the day that the runner's age is counted to (default: today)", date)
    .addHelpText("after", HELP)
    .action((file: string, options: Options) => run(file, options, terminal));

const run = async (path: string, options: Options, terminal: Terminal): Promise<void> => {
  const file = stackFile(path);
  const text = await readText(file, WANTED, terminal);
  const audited = audit(parseInput(text, file), { now: options.now ?? new Date() });
  const { json = false, resources = false, sarif } = options;
  if (sarif !== undefined) writeSarif(sarif, file, text, audited, terminal.version);
  terminal.out(json ? reportJson(audited) : reportText(audited, { file, resources, color: terminal.color }));
  terminal.exit(isAccepted(audited, options.threshold) ? EXIT.accepted : EXIT.refused);
};

const writeSarif = (path: string, file: string, text: string, audited: Audit, version: string): void => {
  const report = reportSarif(audited, { file: relative(process.cwd(), file), text, version });
  try {
    writeFileSync(path, report);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new InputError(
      `${path} cannot be written (${code ?? String(error)}): name another file for --sarif.`,
    );
  }
};
