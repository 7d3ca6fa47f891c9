/** `npm run bench:boot`: a table for people on standard error, and one JSON object on standard output. */
import { Command, InvalidArgumentError } from "commander";
import { measureBoot } from "./measure";
import type { BootFigures } from "./measure";

const whole =
  (least: number) =>
  (text: string): number => {
    const number = Number(text);
    if (!Number.isInteger(number) || number < least)
      throw new InvalidArgumentError(`It must be a whole number, ${least} or more.`);
    return number;
  };

const table = ({ cases }: BootFigures): string =>
  Object.entries(cases)
    .flatMap(([name, figures]) => [
      `\n${name.padEnd(32)}  median     least      most   ms`,
      ...Object.entries(figures).map(
        ([part, { median, least, most }]) =>
          `  ${part.padEnd(28)}${[median, least, most].map((value) => value.toFixed(0).padStart(10)).join("")}`,
      ),
    ])
    .join("\n");

const say = (text: string): void => void process.stderr.write(`${text}\n`);

const program = new Command("bench:boot")
  .description("Times the boot of a machine, from its user data to its runner, step by step.")
  .option("--runs <n>", "boots of each case", whole(1), 5)
  .option("--copies <n>", "of Node in the archive that is downloaded: 40 MB each", whole(0), 4)
  .action(async ({ runs, copies }: { runs: number; copies: number }) => {
    const figures = await measureBoot({ runs, copies, progress: say });
    say(table(figures));
    process.stdout.write(`${JSON.stringify(figures)}\n`);
  });

program.parseAsync().catch((error: Error) => {
  say(`bench:boot: ${error.message}`);
  process.exitCode = 1;
});
