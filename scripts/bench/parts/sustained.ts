import { githubLimits } from "../../../__tests__/support/github-limits";
import { HOUR_S, sustainedLimits, usageOf, type Load } from "../bounds";
import { figureOf, NONE, type Figure, type Part } from "../figure";
import { callsTo, GITHUB, simulateJobs, type JobsOutcome } from "../simulate-jobs";
import { quantile, round } from "../statistics";

/** Rates at which calls are counted: what an hour costs, and what a job adds, follow from both. */
const rates = [600, 2400] as const;
const quickRates = [300, 900] as const;
const COUNTED_HOURS = 1 / 3;
/** So close to the limit the hour is lived through, to see whether it holds. */
const SHARE = 0.95;

/** What one installation carries for ever, and what stops it there. */
export const sustained: Part = async ({ quick, tell }) => {
  const counted: { readonly jobs: number; readonly outcome: JobsOutcome }[] = [];
  for (const jobs of quick ? quickRates : rates) {
    tell(`${jobs} jobs an hour`);
    counted.push({ jobs, outcome: await simulateJobs({ queuedAt: evenly(jobs, COUNTED_HOURS), apps: 1 }) });
  }
  const load = loadOf(counted);
  const [binding] = sustainedLimits(load, 1);
  const figures: Figure[] = [
    ...[1, 2, 4].map((apps) => capacityFigure(load, apps)),
    figureOf("GitHub calls a job", "calls", [load.github.aJob]),
    figureOf("GitHub calls an hour beside those", "calls", [load.github.anHour]),
  ];
  if (quick || !binding) return { figures };
  const rate = Math.floor(binding.jobsAnHour * SHARE);
  tell(`an hour at ${rate} jobs`);
  return {
    figures: [...figures, ...hourFigures(await simulateJobs({ queuedAt: evenly(rate, 1), apps: 1 }), rate)],
  };
};

const evenly = (jobsAnHour: number, hours: number): number[] => {
  const count = Math.round(jobsAnHour * hours);
  return Array.from({ length: count }, (_, index) => (index * HOUR_S) / jobsAnHour);
};

type Counted = readonly { readonly jobs: number; readonly outcome: JobsOutcome }[];

const loadOf = (counted: Counted): Load => {
  const usage = (beginnings: readonly string[]) => {
    const [one, other] = counted.map(({ jobs, outcome }) => ({
      // The end of the last job is a part of the time in which calls were made.
      jobs: (jobs * COUNTED_HOURS * HOUR_S) / outcome.end,
      calls: (callsTo(outcome, beginnings) * HOUR_S) / outcome.end,
    }));
    if (!one || !other) throw new Error("Two rates are needed to tell a job's calls from an hour's.");
    return usageOf(one, other);
  };
  return {
    github: usage(GITHUB),
    createFleet: usage(["CreateFleet"]),
    describe: usage(["DescribeInstances"]),
    parameters: usage(["GetParameters"]),
  };
};

const capacityFigure = (load: Load, apps: number): Figure => {
  const [binding, next] = sustainedLimits(load, apps);
  if (!binding || !next) throw new Error("There is no limit left: sustainedLimits names them.");
  return figureOf(
    `${apps === 1 ? "1 App" : `${apps} Apps`}: bound by ${binding.name}`,
    "jobs an hour",
    [binding.jobsAnHour],
    { better: "higher", yardstick: { name: `next, ${next.name}`, value: round(next.jobsAnHour) } },
  );
};

const hourFigures = (outcome: JobsOutcome, rate: number): Figure[] => {
  const title = `an hour at ${SHARE * 100} % of it`;
  return [
    figureOf(`${title}: jobs`, "jobs", [rate], { better: "higher" }),
    figureOf(`${title}: P50 from queued to started`, "s", [quantile(outcome.waits, 0.5)]),
    figureOf(`${title}: P99 from queued to started`, "s", [quantile(outcome.waits, 0.99)]),
    figureOf(`${title}: GitHub calls, all in all`, "calls", [callsTo(outcome, GITHUB)], {
      yardstick: { name: "GitHub lets through", value: githubLimits.requestsAnHour },
    }),
    figureOf(`${title}: calls that GitHub refused`, "calls", [outcome.limited], {
      target: NONE,
    }),
    figureOf(`${title}: surplus machines`, "machines", [outcome.launched.length - rate], {
      target: NONE,
    }),
    figureOf(`${title}: jobs not run`, "jobs", [rate - outcome.waits.length], {
      target: NONE,
    }),
  ];
};
