import { createWriteStream } from "node:fs";
import { parseArgs } from "node:util";
import { brokenBounds, tableOf } from "./report";
import { natures, type Nature } from "./rules";
import { runChaos } from "./run-chaos";
import type { Figures } from "./figures";

const USAGE = `npm run test:chaos -- [--seed N] [--seeds A,B,C] [--jobs N] [--nature NAME] [--json] [--log FILE] [--trace TEXT]

--seed   what chance begins with; the same seed gives the same run (default: drawn)
--seeds  several, one after the other
--jobs   how many jobs (default: 2000)
--nature faulty (default), or broken: what goes wrong stands in rules.ts
--json   prints one JSON object on the last line, one line for each seed
--log    writes all that happens to a file, one line each
--trace  prints what happens to a job, a machine or a launch: every line with this text in it`;

// It would be said of every client that is made.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    seeds: { type: "string" },
    jobs: { type: "string", default: "2000" },
    nature: { type: "string", default: "faulty" },
    json: { type: "boolean", default: false },
    log: { type: "string" },
    trace: { type: "string" },
    help: { type: "boolean", default: false },
  },
});

const wholeNumber = (text: string): number => {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new Error(`${text} is not a whole number: see --help.`);
};

const natureOf = (text: string): Nature => {
  if (text in natures) return text as Nature;
  throw new Error(`${text} is not one of ${Object.keys(natures).join(", ")}: see --help.`);
};

const seedsOf = (): number[] => {
  const named = values.seeds?.split(",") ?? (values.seed === undefined ? [] : [values.seed]);
  return named.length > 0 ? named.map(wholeNumber) : [Math.floor(Math.random() * 1e6)];
};

const main = async (): Promise<void> => {
  if (values.help) return console.log(USAGE);
  const jobs = wholeNumber(values.jobs);
  const nature = natureOf(values.nature);
  const log = values.log === undefined ? undefined : createWriteStream(values.log);
  const tell = (second: number, subject: string, what: string): void => {
    const line = `${second.toFixed(3).padStart(10)} ${subject}: ${what}`;
    log?.write(`${line}\n`);
    if (values.trace !== undefined && line.includes(values.trace)) console.log(line);
  };
  const all: Figures[] = [];
  for (const seed of seedsOf()) {
    console.log(`seed ${seed}, ${jobs} jobs, nature ${nature}`);
    const figures = await runChaos({
      seed,
      jobs,
      nature,
      tell: log || values.trace !== undefined ? tell : undefined,
    });
    all.push(figures);
    if (values.json) console.log(JSON.stringify(figures));
  }
  const broken = all.flatMap(brokenBounds);
  if (!values.json) console.log(tableOf(all));
  for (const one of broken) console.error(one);
  for (const { seed, lostJobs, needlessJobs, left } of all) {
    const names = [...lostJobs, ...needlessJobs, ...left];
    if (names.length > 0) console.error(`seed ${seed}, for --trace: ${names.join(", ")}`);
  }
  log?.end();
  process.exitCode = broken.length > 0 ? 1 : 0;
};

void main();
