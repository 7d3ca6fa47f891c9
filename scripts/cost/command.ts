import { Command } from "commander";
import { parseInput, WANTED } from "../audit/read-input";
import { exitCodesHelp } from "../exit-codes";
import { readText } from "../read-file";
import { stackFile } from "../stack-file";
import { stylesFor } from "../terminal";
import { assumptionsText, estimate, fleetName, regionText, usd } from "./estimate";
import { PRICES } from "./prices";
import type { Style, Terminal } from "../terminal";
import type { Estimate } from "./estimate";
import type { IdleItem } from "./idle";
import type { FleetCost } from "./jobs";

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
    .argument(
      "<file>",
      "cdk.tf.json, cdktf.out with one stack, or the output of: terraform show -json plan.bin; - for standard input",
    )
    .option("--json", "write one JSON object: idle, idleMonth, fleets, otherRegions")
    .addHelpText("after", HELP)
    .action(async (path: string, { json = false }: { readonly json?: boolean }) => {
      const file = stackFile(path);
      const estimated = estimate(parseInput(await readText(file, WANTED, terminal), file));
      terminal.out(
        json ? `${JSON.stringify(estimated, null, 2)}\n` : reportText(estimated, file, terminal.color),
      );
    });

const row = (name: string, amount: string, more = ""): string =>
  `  ${name.padEnd(34)}${amount.padStart(9)} USD${more === "" ? "" : `  ${more}`}`;

const idleRow = ({ installation, what, count, month }: IdleItem): string =>
  row(
    `${installation === undefined ? "" : `${installation}: `}${count > 1 ? `${count} ${what}` : what}`,
    usd(month),
  );

const fleetRows = (cost: FleetCost, all: readonly FleetCost[], dim: Style): readonly string[] => {
  const { markets, unpriced } = cost;
  const name = fleetName(cost, all);
  return [
    ...markets.map(({ market, expected, cheapest, dearest }) =>
      row(`${name}, ${market}`, usd(expected), dim(`${usd(cheapest)} to ${usd(dearest)}, by instance type`)),
    ),
    ...(markets.length + unpriced.length === 0
      ? [dim(`  ${name}: its instance types are known after the apply only`)]
      : []),
    ...(unpriced.length > 0 ? [dim(`  ${name}: no price is known for ${unpriced.join(", ")}`)] : []),
  ];
};

const reportText = (estimated: Estimate, file: string, color: boolean): string => {
  const { idle, idleMonth, fleets } = estimated;
  const { bold, dim, yellow } = stylesFor(color);
  const jobs = PRICES.assumptions.jobs.toLocaleString("en-US");
  const elsewhere = regionText(estimated, (region) => region);
  return [
    `${bold("cost")} of ${file}`,
    ...(elsewhere === undefined ? [] : [yellow(elsewhere)]),
    "",
    bold("idle, a month"),
    ...idle.map(idleRow),
    bold(row("all of it", usd(idleMonth))),
    "",
    bold(`${jobs} jobs`),
    ...(fleets.length === 0 ? [dim("  no fleet is visible here")] : []),
    ...fleets.flatMap((cost) => fleetRows(cost, fleets, dim)),
    "",
    dim(assumptionsText()),
    "",
  ].join("\n");
};
