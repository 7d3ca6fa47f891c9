import { burstBound } from "../bounds";
import { atMost, figureOf, NONE, type Figure, type Part, type Target, type Yardstick } from "../figure";
import { MOST_APPS } from "../scale";
import { callsTo, EC2, GITHUB, simulateJobs, type JobsOutcome } from "../simulate-jobs";

const FULL_SIZE = 1000;
const QUICK_SIZE = 200;
const OF_BOUND = 1.1;

/** Everything wants a machine at the same moment, in simulated time. */
export const burst: Part = async ({ quick, tell }) => {
  const jobs = quick ? QUICK_SIZE : FULL_SIZE;
  const queuedAt = Array.from({ length: jobs }, () => 0);
  const figures: Figure[] = [];
  for (const apps of quick ? [1] : [1, 2, MOST_APPS]) {
    tell(`${jobs} jobs at once, ${appsIn(apps)}`);
    figures.push(...figuresOf(await simulateJobs({ queuedAt, apps }), jobs, apps));
  }
  return { figures };
};

const appsIn = (apps: number): string => (apps === 1 ? "1 App" : `${apps} Apps`);

const figuresOf = (outcome: JobsOutcome, jobs: number, apps: number): Figure[] => {
  const title = `${jobs} jobs, ${appsIn(apps)}`;
  const { ec2Seconds, registrationSeconds, seconds } = burstBound({ jobs, apps, mode: "jit" });
  const yardstick: Yardstick = {
    name: `bound by the limits: EC2 ${ec2Seconds} s, GitHub ${registrationSeconds} s`,
    value: seconds,
  };
  // What GitHub and EC2 take themselves, and what a sweep asks, weighs more where there are fewer jobs.
  const forAll = (target: Target): Target | undefined => (jobs === FULL_SIZE ? target : undefined);
  const target = forAll({ words: `at most ${OF_BOUND} times the bound`, limit: seconds * OF_BOUND });
  const moment = (name: string, times: readonly number[]): Figure =>
    figureOf(`${title}: ${name}`, "s", [Math.max(...times)], { yardstick, target });
  const count = (name: string, unit: string, value: number, own?: Target): Figure =>
    figureOf(`${title}: ${name}`, unit, [value], { target: own });
  return [
    moment("last machine launched", outcome.launched),
    moment("last registration ready", outcome.registered),
    count("surplus machines", "machines", outcome.launched.length - jobs, NONE),
    count("jobs not run", "jobs", jobs - outcome.waits.length, NONE),
    count("calls that GitHub refused", "calls", outcome.limited, NONE),
    count("EC2 calls a job", "calls", callsTo(outcome, EC2) / jobs, forAll(atMost(0.05, "calls"))),
    count("GitHub calls a job", "calls", callsTo(outcome, GITHUB) / jobs),
  ];
};
