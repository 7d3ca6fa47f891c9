import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { drawCharts } from "./charts";
import { compareText } from "./compare";
import type { Part } from "./figure";
import { updatePage } from "./page";
import { parts as allParts } from "./parts";
import { readResults, type Results } from "./results";
import { runParts } from "./run";
import { tableOf } from "./table";

const RESULTS = resolve(__dirname, "../../bench/results.json");
const PAGE = resolve(__dirname, "../../docs/scale.md");

interface Options {
  readonly only?: readonly string[];
  readonly quick: boolean;
  readonly out?: string;
  readonly compare?: string;
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
const fileOf = ({ only, quick, out }: Options): string | undefined =>
  out === undefined ? (only || quick ? undefined : RESULTS) : resolve(out);

const main = async (options: Options): Promise<void> => {
  const before = options.compare === undefined ? undefined : readResults(options.compare);
  const tell = (what: string): void => void process.stderr.write(`${what}\n`);
  const results = await runParts(partsOf(options), { quick: options.quick, tell });
  console.log(tableOf(results.parts));
  if (before) console.log(`\n${compareText(before, results)}`);
  const file = fileOf(options);
  if (file !== undefined) write(file, results);
};

/** The charts stand beside the results; what the page tells of them follows the results that are committed. */
const write = (file: string, results: Results): void => {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(results, undefined, 2)}\n`);
  for (const [name, svg] of drawCharts(results.parts)) writeFileSync(join(dirname(file), name), svg);
  if (file === RESULTS) writeFileSync(PAGE, updatePage(readFileSync(PAGE, "utf8"), results));
};

// It would be said of every client that is made.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";

void new Command("bench")
  .description("Measures what the docs say of speed, against targets and yardsticks.")
  .option("--only <parts>", `some parts only: ${Object.keys(allParts).join(",")}`, namesIn)
  .option("--quick", "fewer samples and smaller loads: shows that it works", false)
  .option("--out <file>", "where the results go (default: bench/results.json, if all was measured)")
  .option("--compare <file>", "says what became better or worse than in that file")
  .action(main)
  .parseAsync();
