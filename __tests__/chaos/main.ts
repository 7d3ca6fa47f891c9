import { createWriteStream } from "node:fs";
import type { Figures } from "./figures";
import { optionsOf, USAGE, type Options, type Trial } from "./options";
import { brokenBounds, tableOf } from "./report";
import { natures } from "./rules";
import { runChaos } from "./run-chaos";

// It would be said of every client that is made.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";

interface Result {
  readonly trial: Trial;
  readonly figures: Figures;
}

/** Told of all that happens. */
type Tell = (second: number, subject: string, what: string) => void;

const tellerOf = ({ log, trace }: Options): { readonly tell?: Tell; readonly close: () => void } => {
  const file = log === undefined ? undefined : createWriteStream(log);
  const tell: Tell = (second, subject, what) => {
    const line = `${second.toFixed(3).padStart(10)} ${subject}: ${what}`;
    file?.write(`${line}\n`);
    if (trace !== undefined && line.includes(trace)) console.log(line);
  };
  return { tell: file || trace !== undefined ? tell : undefined, close: () => file?.end() };
};

const nameOf = ({ seed, jobs, nature }: Trial): string => `--seed ${seed} --jobs ${jobs} --nature ${nature}`;

const runAll = async ({ trials, json }: Options, tell: Tell | undefined): Promise<Result[]> => {
  const results: Result[] = [];
  for (const trial of trials) {
    const start = performance.now();
    const figures = await runChaos({ ...trial, tell });
    const broken = brokenBounds(figures).length > 0 ? ", BROKEN" : "";
    console.log(`${nameOf(trial)}: ${((performance.now() - start) / 1000).toFixed(0)} s${broken}`);
    results.push({ trial, figures });
    if (json) console.log(JSON.stringify(figures));
  }
  return results;
};

const report = (results: readonly Result[], json: boolean): boolean => {
  for (const nature of Object.keys(natures)) {
    const figures = results.flatMap((one) => (one.trial.nature === nature ? [one.figures] : []));
    if (figures.length > 0 && !json) console.log(`\nnature ${nature}\n${tableOf(figures)}`);
  }
  const broken = results.filter(({ figures }) => brokenBounds(figures).length > 0);
  for (const { trial, figures } of broken) {
    const { lostJobs, needlessJobs, left } = figures;
    for (const one of brokenBounds(figures)) console.error(one);
    console.error(`  again: npm run test:chaos -- ${nameOf(trial)}`);
    const names = [...lostJobs, ...needlessJobs, ...left];
    if (names.length > 0) console.error(`  for --trace: ${names.join(", ")}`);
  }
  return broken.length === 0;
};

const main = async (): Promise<void> => {
  const options = optionsOf(process.argv.slice(2));
  if (!options) return console.log(USAGE);
  const seeds = [...new Set(options.trials.map(({ seed }) => seed))];
  console.log(`seeds ${seeds.join(", ")}`);
  const { tell, close } = tellerOf(options);
  const results = await runAll(options, tell);
  const holds = report(results, options.json);
  close();
  process.exitCode = holds ? 0 : 1;
};

void main();
