import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { drawCharts } from "./charts";
import { compareText } from "./compare";
import type { Part } from "./figure";
import { updatePage } from "./page";
import { parts as allParts } from "./parts";
import { isWhole, readResults, type Results } from "./results";
import { isFailed, runParts } from "./run";
import { tableOf } from "./table";

const RESULTS = resolve(__dirname, "../../bench/results.json");
const PAGE = resolve(__dirname, "../../docs/scale.md");

interface Options {
  readonly only?: readonly string[];
  readonly quick: boolean;
  readonly out?: string;
  readonly compare?: string;
  readonly redraw: boolean;
}

const namesIn = (text: string): readonly string[] => {
  const names = text.split(",");
  const unknown = names.find((name) => !(name in allParts));
  if (unknown === undefined) return names;
  throw new InvalidArgumentError(
    `There is no part ${unknown}: choose from ${Object.keys(allParts).join(", ")}.`,
  );
};

const partsOf = ({ only }: Options): Readonly<Record<string, Part>> =>
  only ? Object.fromEntries(only.map((name) => [name, allParts[name] as Part])) : allParts;

/** What is not whole does not take the place of what is. */
const fileOf = ({ only, out }: Options, results: Results): string | undefined =>
  out === undefined ? (only || !isWhole(results) ? undefined : RESULTS) : resolve(out);

const say = (what: string): void => void process.stderr.write(`${what}\n`);

const measure = async (options: Options): Promise<void> => {
  const before = options.compare === undefined ? undefined : readResults(options.compare);
  const results = await runParts(partsOf(options), { quick: options.quick, tell: say });
  console.log(tableOf(results.parts));
  if (before) console.log(`\n${compareText(before, results)}`);
  const file = fileOf(options, results);
  if (file === undefined)
    say("Not written down: this was no whole run. --out says where to, if it should be.");
  else write(file, results);
  if (Object.values(results.parts).some(isFailed)) process.exitCode = 1;
};

/** The charts stand beside the results; what the page tells of them follows the results that are committed. */
const write = (file: string, results: Results): void => {
  // First, since it says what is missing.
  const page = file === RESULTS ? updatePage(readFileSync(PAGE, "utf8"), results) : undefined;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(results, undefined, 2)}\n`);
  for (const [name, svg] of drawCharts(results.parts)) writeFileSync(join(dirname(file), name), svg);
  if (page !== undefined) writeFileSync(PAGE, page);
};

// It would be said of every client that is made.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";

void new Command("bench")
  .description("Measures what the docs say of speed, against targets and yardsticks.")
  .option("--only <parts>", `some parts only: ${Object.keys(allParts).join(",")}`, namesIn)
  .option("--quick", "fewer samples and smaller loads: shows that it works", false)
  .option("--out <file>", "where the results go (default: bench/results.json, if all was measured)")
  .option("--compare <file>", "says what became better or worse than in that file")
  .option("--redraw", "measures nothing: makes charts and page anew of bench/results.json", false)
  .action((options: Options) => (options.redraw ? write(RESULTS, readResults(RESULTS)) : measure(options)))
  .parseAsync()
  .catch((error: Error) => {
    say(`bench: ${error.message}`);
    process.exitCode = 1;
  });
