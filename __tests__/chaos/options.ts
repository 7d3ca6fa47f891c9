import { parseArgs } from "node:util";
import { natures, type Nature } from "./rules";

export const USAGE = `npm run test:chaos -- [--seed N] [--seeds A,B,C-D] [--draw N] [--jobs N] [--broken-jobs N]
                       [--nature NAME] [--json] [--log FILE] [--trace TEXT]

--seed         what chance begins with; the same seed gives the same run (default: one that is drawn)
--seeds        several, one after the other; 1-100 are a hundred
--draw         so many more that are drawn anew, and told before they run
--jobs         how many jobs (default: 2000)
--broken-jobs  how many in the broken nature (default: as --jobs)
--nature       faulty (default), broken, or both: what goes wrong stands in rules.ts
--json         prints one JSON object on the last line, one line for each seed and nature
--log          writes all that happens to a file, one line each
--trace        prints what happens to a job, a machine or a launch: every line with this text in it`;

/** One run. */
export interface Trial {
  readonly seed: number;
  readonly jobs: number;
  readonly nature: Nature;
}

export interface Options {
  readonly trials: readonly Trial[];
  readonly json: boolean;
  readonly log?: string;
  readonly trace?: string;
}

const wholeNumber = (text: string): number => {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new Error(`${text} is not a whole number: see --help.`);
};

const naturesOf = (text: string): Nature[] => {
  const all = Object.keys(natures) as Nature[];
  if (text === "both") return all;
  if (text in natures) return [text as Nature];
  throw new Error(`${text} is not one of ${[...all, "both"].join(", ")}: see --help.`);
};

const rangeOf = (text: string): number[] => {
  const [from = 0, to = from] = text.split("-").map(wholeNumber);
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
};

const draw = (count: number): number[] =>
  Array.from({ length: count }, () => Math.floor(Math.random() * 1e6));

/** Undefined: help is wanted. @throws when an argument is none of {@link USAGE} */
export const optionsOf = (args: readonly string[]): Options | undefined => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: "string" },
      seeds: { type: "string" },
      draw: { type: "string" },
      jobs: { type: "string", default: "2000" },
      "broken-jobs": { type: "string" },
      nature: { type: "string", default: "faulty" },
      json: { type: "boolean", default: false },
      log: { type: "string" },
      trace: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  const { seed, jobs, nature, json, log, trace, help } = values;
  if (help) return undefined;
  const named = (values.seeds?.split(",") ?? (seed === undefined ? [] : [seed])).flatMap(rangeOf);
  const drawn = draw(wholeNumber(values.draw ?? (named.length > 0 ? "0" : "1")));
  const counts: Readonly<Record<Nature, string>> = { faulty: jobs, broken: values["broken-jobs"] ?? jobs };
  const trials = naturesOf(nature).flatMap((one) =>
    [...named, ...drawn].map((each) => ({ seed: each, jobs: wholeNumber(counts[one]), nature: one })),
  );
  return { trials, json, log, trace };
};
