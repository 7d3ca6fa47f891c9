import { concurrencyFor } from "../../../constructs/tuning";
import type { RegistrationMode } from "../../../functions/shared/contract";
import type { Call } from "../../../__tests__/support/proxy";
import { atMost, figureOf, NONE, type Figure, type FigureOptions, type Part } from "../figure";
import { LaunchBench, type LaunchBenchOptions, type LaunchOutcome } from "../launch-bench";
import { nodeOf } from "../nodes";
import peers from "../peers.json";

interface Scenario {
  readonly jobs: number;
  readonly mode: RegistrationMode;
  /**
   * More than one where the permits of one would make the jobs wait, and for 1,000 one more than an installation has:
   * the wait is measured by the burst.
   */
  readonly apps: number;
  /** Times that it runs cold. */
  readonly runs: number;
  /** After each cold run, another that finds the function warm. */
  readonly warm: boolean;
}

const LATENCY_MS = 50;
const CONCURRENCY = concurrencyFor(1);

const modes: readonly RegistrationMode[] = ["jit", "token"];
const loads = [
  { jobs: 1, apps: 1, runs: 9, warm: true },
  { jobs: 10, apps: 1, runs: 7, warm: true },
  { jobs: 100, apps: 1, runs: 3, warm: false },
  { jobs: 1000, apps: 6, runs: 3, warm: false },
] as const;
const quickLoads = [
  { jobs: 1, apps: 1, runs: 2, warm: true },
  { jobs: 10, apps: 1, runs: 2, warm: true },
] as const;

/** The bundled launch function in real time, behind proxies that keep to the published limits. */
export const launch: Part = async ({ quick, tell }) => {
  const node = await nodeOf("22");
  const figures: Figure[] = [];
  for (const mode of modes) {
    for (const load of quick ? quickLoads : loads) {
      const scenario = { mode, ...load };
      tell(titleOf(scenario, "cold"));
      figures.push(...(await measure(scenario, node)));
    }
  }
  if (!quick) {
    tell("1000 jobs, nothing coalesced");
    figures.push(await measureUncoalesced(node));
  }
  return { figures };
};

type Temperature = "cold" | "warm";

const titleOf = ({ jobs, mode, apps }: Scenario, temperature: Temperature): string =>
  [
    jobs === 1 ? "1 job" : `${jobs} jobs`,
    mode === "jit" ? "JIT" : "token",
    ...(mode === "jit" && apps > 1 ? [`${apps} Apps`] : []),
    temperature,
  ].join(", ");

const measure = async (scenario: Scenario, node: string): Promise<Figure[]> => {
  const { jobs, runs, warm } = scenario;
  const options = { ...scenario, latency: LATENCY_MS, concurrency: CONCURRENCY, node };
  const cold: LaunchOutcome[] = [];
  const again: LaunchOutcome[] = [];
  // A world of its own for each run, unless that has to run warm: what one run used up of the limits, the next lacks.
  const worlds = warm ? 1 : runs;
  for (let world = 0; world < worlds; world++) {
    await withBench(options, async (bench) => {
      for (let run = 0; run < runs / worlds; run++) {
        bench.cold();
        cold.push(await bench.run(jobs));
        if (warm) again.push(await bench.run(jobs));
      }
    });
  }
  return [
    ...launchFigures(titleOf(scenario, "cold"), jobs, cold, targetsOf(jobs)),
    ...(warm ? launchFigures(titleOf(scenario, "warm"), jobs, again) : []),
  ];
};

const withBench = async (
  options: LaunchBenchOptions,
  work: (bench: LaunchBench) => Promise<void>,
): Promise<void> => {
  const bench = await LaunchBench.start(options);
  try {
    await work(bench);
  } finally {
    await bench.stop();
  }
};

type Measured = "asked" | "registered" | "own" | "calls" | "ec2Calls";

const targetsOf = (jobs: number): Partial<Record<Measured, FigureOptions>> =>
  ({
    1: {
      registered: { yardstick: { name: "peer, one job", value: peers.oneJob.ms } },
      own: { target: atMost(350, "ms") },
    },
    10: {
      asked: { target: atMost(600, "ms") },
      registered: {
        yardstick: { name: "peer, ten jobs, no latency", value: peers.tenJobs.ms },
        target: atMost(1200, "ms"),
      },
      calls: { yardstick: { name: "peer, ten jobs", value: peers.tenJobs.calls } },
    },
    1000: { ec2Calls: { target: atMost(0.05, "calls") } },
  })[jobs] ?? {};

export const launchFigures = (
  title: string,
  jobs: number,
  outcomes: readonly LaunchOutcome[],
  options: Partial<Record<Measured, FigureOptions>> = {},
): Figure[] => {
  const figure = (
    name: string,
    unit: string,
    read: (outcome: LaunchOutcome) => number,
    own?: FigureOptions,
  ): Figure => figureOf(`${title}: ${name}`, unit, outcomes.map(read), own);
  return [
    figure(
      "all machines asked for",
      "ms",
      ({ from, launched }) => Math.max(...launched) - from,
      options.asked,
    ),
    figure(
      "all registrations laid down",
      "ms",
      ({ from, registered }) => Math.max(...registered) - from,
      options.registered,
    ),
    figure("own time, without a call under way", "ms", idleOf, options.own),
    figure("calls", "calls", ({ calls }) => calls.length, options.calls),
    figure("EC2 calls a job", "calls", ({ calls }) => calls.filter(isOfEc2).length / jobs, options.ec2Calls),
    figure("GitHub calls a job", "calls", ({ calls }) => calls.filter(isOfGithub).length / jobs),
    figure("surplus machines", "machines", ({ launched }) => launched.length - jobs, {
      target: NONE,
    }),
  ];
};

const isOfEc2 = ({ name }: Call): boolean => name.startsWith("ec2:");
const isOfGithub = ({ caller }: Call): boolean => caller === "github";

/** What the function takes for itself: milliseconds up to the last registration in which it waits for no call. */
const idleOf = ({ from, registered, calls }: LaunchOutcome): number => {
  const to = Math.max(...registered);
  let [covered, until] = [0, from];
  for (const { time, end } of [...calls].sort((one, other) => one.time - other.time)) {
    const last = Math.min(end, to);
    if (last <= until) continue;
    covered += last - Math.max(time, until);
    until = last;
  }
  return to - from - covered;
};

/**
 * Each batch of ten is seen to before the next one is read: 100 launches are the least then. Without AWS's limits, which
 * would have batches wait, and so be launched together.
 */
const measureUncoalesced = async (node: string): Promise<Figure> => {
  const jobs = 1000;
  const outcomes: LaunchOutcome[] = [];
  await withBench({ mode: "token", apps: 1, latency: 0, limits: [], concurrency: 1, node }, async (bench) => {
    outcomes.push(await bench.run(jobs));
  });
  const samples = outcomes.map(({ calls }) => calls.filter(isOfEc2).length / jobs);
  return figureOf("1000 jobs, nothing coalesced: EC2 calls a job", "calls", samples, {
    target: atMost(0.12, "calls"),
  });
};
