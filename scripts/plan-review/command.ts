import { Command, InvalidArgumentError } from "commander";
import { EXIT, exitCodesHelp } from "../exit-codes";
import { readText } from "../read-file";
import { stackFile } from "../stack-file";
import { reportMarkdown } from "./markdown/report";
import { MATTER_KINDS, MATTERS } from "./matters";
import { readPlan, WANTED_PLAN, WANTED_STACK } from "./read-plan";
import { reportJson } from "./report-json";
import { review } from "./review";
import type { Terminal } from "../terminal";
import type { MatterKind } from "./matters";
import type { Source } from "./read-plan";
import type { Review } from "./review";

interface Options {
  readonly stack?: string;
  readonly json?: boolean;
  readonly failOn?: readonly Refusal[];
  readonly limit?: number;
}

/** A kind of matter, or everything that is dangerous. */
type Refusal = MatterKind | "danger";

const REFUSALS: readonly Refusal[] = ["danger", ...MATTER_KINDS];

const refusals = (text: string): readonly Refusal[] =>
  text.split(",").map((word) => {
    const found = REFUSALS.find((one) => one === word.trim());
    if (found === undefined) throw new InvalidArgumentError(`Known are: ${REFUSALS.join(", ")}.`);
    return found;
  });

const limit = (text: string): number => {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("It is a number of characters; 0: no limit.");
  return Number(text);
};

const HELP = `
Writes Markdown: the verdict in the first line, then what matters, by kind, then all changes by construct, and what it
costs. What a plan marks as sensitive is never written. User data and policies are shown decoded, as diffs.

What matters, and the names for --fail-on ("danger" stands for all that is marked red):
${MATTER_KINDS.map((kind) => `  ${kind.padEnd(16)}${MATTERS[kind].title}`).join("\n")}

${exitCodesHelp({
  accepted: "the review was written, and holds nothing that --fail-on names",
  refused: "the review was written, and holds something that --fail-on names",
})}

Examples:
  terraform plan -out=plan.bin && terraform show -json plan.bin > plan.json
  ephemeral-runners plan-review plan.json --stack cdktf.out/stacks/ephemeral-runners/cdk.tf.json
  terraform show -json plan.bin | ephemeral-runners plan-review - --fail-on iam-widened,data-destroyed
`;

/** `plan-review <file>`: a plan as people review it. */
export const planReviewCommand = (terminal: Terminal): Command =>
  new Command("plan-review")
    .summary("review a plan: a comment for a pull request")
    .description(
      "Reviews a plan of Terraform: what matters in it, what changes, and what it costs, as Markdown.",
    )
    .argument("<file>", "the output of: terraform show -json plan.bin; - for standard input")
    .option(
      "--stack <file>",
      "the plan's cdk.tf.json: names constructs, shows what is known after the apply only",
    )
    .option("--json", "write one JSON object: verdict, level, counts, matters, changes, controls, cost")
    .option("--fail-on <kinds>", "end with 1 if there is any of these, separated by commas", refusals)
    .option(
      "--limit <characters>",
      "cut to so many characters (default: what GitHub takes; 0: no limit)",
      limit,
    )
    .addHelpText("after", HELP)
    .action((file: string, options: Options) => run(file, options, terminal));

const isRefused = ({ matters }: Review, refused: readonly Refusal[]): boolean =>
  matters.some(
    ({ kind, level }) => refused.includes(kind) || (level === "danger" && refused.includes("danger")),
  );

const stackIn = async (name: string, terminal: Terminal): Promise<Source> => ({
  name,
  text: await readText(name, WANTED_STACK, terminal),
});

const run = async (
  file: string,
  { stack, json, failOn = [], limit: most }: Options,
  terminal: Terminal,
): Promise<void> => {
  const source = { name: file, text: await readText(file, WANTED_PLAN, terminal) };
  const beside = stack === undefined ? undefined : await stackIn(stackFile(stack), terminal);
  const reviewed = review(readPlan(source, beside));
  terminal.out(json ? reportJson(reviewed) : reportMarkdown(reviewed, most));
  terminal.exit(isRefused(reviewed, failOn) ? EXIT.refused : EXIT.accepted);
};
