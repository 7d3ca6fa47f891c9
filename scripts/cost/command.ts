import { Command } from "commander";
import { parseInput, WANTED } from "../audit/read-input";
import { exitCodesHelp } from "../exit-codes";
import { readText } from "../read-file";
import { stylesFor } from "../terminal";
import { assumptionsText, estimate, usd } from "./estimate";
import { PRICES } from "./prices";
import type { Terminal } from "../terminal";
import type { Estimate } from "./estimate";

const HELP = `
${exitCodesHelp({ accepted: "the estimate was written", refused: null })}

Examples:
  ephemeral-runners cost cdktf.out/stacks/ephemeral-runners/cdk.tf.json
  terraform show -json plan.bin | ephemeral-runners cost - --json
`;

/** `cost <file>`: what stands idle, and what jobs cost on each fleet. */
export const costCommand = (terminal: Terminal): Command =>
  new Command("cost")
    .summary("estimate what stands idle and what jobs cost")
    .description("Estimates a month of what stands idle, and 1,000 jobs on each fleet, at list prices.")
    .argument("<file>", "cdk.tf.json, or the output of: terraform show -json plan.bin; - for standard input")
    .option("--json", "write one JSON object: idle, idleMonth, fleets, otherRegions")
    .addHelpText("after", HELP)
    .action(async (file: string, { json = false }: { readonly json?: boolean }) => {
      const estimated = estimate(parseInput(await readText(file, WANTED, terminal), file));
      terminal.out(
        json ? `${JSON.stringify(estimated, null, 2)}\n` : reportText(estimated, file, terminal.color),
      );
    });

const row = (name: string, amount: string, more = ""): string =>
  `  ${name.padEnd(34)}${amount.padStart(9)} USD${more === "" ? "" : `  ${more}`}`;

const reportText = (
  { idle, idleMonth, fleets, otherRegions }: Estimate,
  file: string,
  color: boolean,
): string => {
  const { bold, dim } = stylesFor(color);
  const jobs = PRICES.assumptions.jobs.toLocaleString("en-US");
  return [
    `${bold("cost")} of ${file}`,
    "",
    bold("idle, a month"),
    ...idle.map(({ what, count, month }) => row(count > 1 ? `${count} ${what}` : what, usd(month))),
    bold(row("all of it", usd(idleMonth))),
    "",
    bold(`${jobs} jobs`),
    ...(fleets.length === 0 ? [dim("  no fleet is visible here")] : []),
    ...fleets.flatMap(({ fleet, markets, unpriced }) => [
      ...markets.map(({ market, expected, cheapest, dearest }) =>
        row(
          `${fleet}, ${market}`,
          usd(expected),
          dim(`${usd(cheapest)} to ${usd(dearest)}, by instance type`),
        ),
      ),
      ...(markets.length + unpriced.length === 0
        ? [dim(`  ${fleet}: its instance types are known after the apply only`)]
        : []),
      ...(unpriced.length > 0 ? [dim(`  ${fleet}: no price is known for ${unpriced.join(", ")}`)] : []),
    ]),
    "",
    dim(assumptionsText()),
    ...(otherRegions.length > 0
      ? [dim(`This stack stands in ${otherRegions.join(", ")}, where prices differ.`)]
      : []),
    "",
  ].join("\n");
};
