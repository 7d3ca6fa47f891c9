import { burstBound } from "../bounds";
import { atMost, figureOf, type Figure, type Part, type Target, type Yardstick } from "../figure";
import { simulateBurst, type BurstOutcome } from "../simulate-burst";

/** So that runs can be compared: chance is the same in all of them. */
const SEED = 1;
const FULL_SIZE = 1000;
const OF_BOUND = 1.1;

/** Everything wants a machine at the same moment, in simulated time. */
export const burst: Part = async ({ quick, tell }) => {
  const jobs = quick ? 200 : FULL_SIZE;
  const figures: Figure[] = [];
  for (const apps of quick ? [1] : [1, 2, 6]) {
    tell(`${jobs} jobs at once, ${appsIn(apps)}`);
    figures.push(...figuresOf(await simulateBurst({ jobs, apps, seed: SEED }), jobs, apps));
  }
  return { figures };
};

const appsIn = (apps: number): string => (apps === 1 ? "1 App" : `${apps} Apps`);

const figuresOf = (outcome: BurstOutcome, jobs: number, apps: number): Figure[] => {
  const title = `${jobs} jobs, ${appsIn(apps)}`;
  const { ec2Seconds, registrationSeconds, seconds } = burstBound({ jobs, apps, mode: "jit" });
  const yardstick: Yardstick = {
    name: `bound by the limits: EC2 ${ec2Seconds} s, GitHub ${registrationSeconds} s`,
    value: seconds,
  };
  // Where the limits ask for no wait at all, what is left is the time that GitHub and EC2 take themselves.
  const target =
    seconds > 0 ? { words: `at most ${OF_BOUND} times the bound`, limit: seconds * OF_BOUND } : undefined;
  const moment = (name: string, times: readonly number[]): Figure =>
    figureOf(`${title}: ${name}`, "s", [Math.max(...times)], { yardstick, target });
  const count = (name: string, unit: string, value: number, limits?: Target): Figure =>
    figureOf(`${title}: ${name}`, unit, [value], { target: limits });
  const ec2 = ["CreateFleet", "DescribeInstances", "TerminateInstances"];
  return [
    moment("last machine launched", outcome.launched),
    moment("last registration ready", outcome.registered),
    count("surplus machines", "machines", outcome.launched.length - jobs, { words: "none", limit: 0 }),
    count("jobs not run", "jobs", jobs - outcome.done, { words: "none", limit: 0 }),
    count(
      "EC2 calls a job",
      "calls",
      callsOf(outcome, (name) => ec2.includes(name)) / jobs,
      // What a sweep asks is the same for fewer jobs.
      jobs === FULL_SIZE ? atMost(0.05, "calls") : undefined,
    ),
    count("GitHub calls a job", "calls", callsOf(outcome, (name) => name.startsWith("GitHub ")) / jobs),
  ];
};

const callsOf = ({ calls }: BurstOutcome, counts: (name: string) => boolean): number =>
  Object.entries(calls).reduce((sum, [name, count]) => (counts(name) ? sum + count : sum), 0);
