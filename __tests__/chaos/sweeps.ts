import { calmRulesFor } from "./rules";
import { simulate } from "./simulate";
import { PLAIN, REPOSITORIES, type WantedJob } from "./workload";

export interface SweepsOptions {
  /** Runners of others in the organization. */
  readonly foreign: number;
  /** Machines of ours that are at work. */
  readonly machines: number;
  /** Milliseconds that GitHub takes longer for a page of runners. Default: 0 */
  readonly latePages?: number;
  /** The others are in the group that our runners are in. Default: they are in GitHub's default group. */
  readonly shared?: boolean;
}

export interface SweepsOutcome {
  readonly sweeps: number;
  /** Calls to GitHub, of all sweeps. */
  readonly calls: number;
  /** Of one sweep on average, in simulated seconds. */
  readonly seconds: number;
  readonly timedOut: number;
}

const MINUTE_MS = 60_000;
/** For the jobs to be at work, and for what begins with them to be over. */
const SETTLED_MS = 8 * MINUTE_MS;
/** Ten sweeps. */
const WATCHED_MS = 20 * MINUTE_MS;
/** Whichever list is asked for. */
const LISTS = [
  "GET /orgs/{org}/actions/runners",
  "GET /orgs/{org}/actions/runner-groups/{runner_group_id}/runners",
];

/** What the sweep costs while all is quiet: jobs run, nothing fails, and nobody but the sweep calls GitHub. */
export const watchSweeps = ({
  foreign,
  machines,
  latePages = 0,
  shared,
}: SweepsOptions): Promise<SweepsOutcome> => {
  const rules = { ...calmRulesFor(Math.max(machines, 1)), foreignRunners: foreign };
  return simulate({ seed: 1, rules }, async ({ actions, clock, functions, github }, from) => {
    for (const route of LISTS) if (latePages > 0) github.inject({ route, latency: latePages });
    if (shared)
      for (const runner of github.state.runnersOf(actions.scope))
        Object.assign(runner, { runner_group_id: 3 });
    if (machines > 0) actions.begin(Array.from({ length: machines }, (_, index) => jobAt(index)));
    await clock.runUntil(() => clock.now > from + SETTLED_MS);
    const { sweep } = functions;
    const before = {
      calls: github.requests.length,
      sweeps: sweep.invoked,
      ms: sweep.milliseconds,
      out: sweep.timedOut,
    };
    await clock.runUntil(() => clock.now > from + SETTLED_MS + WATCHED_MS);
    const sweeps = sweep.invoked - before.sweeps;
    return {
      sweeps,
      calls: github.requests.length - before.calls,
      seconds: (sweep.milliseconds - before.ms) / sweeps / 1000,
      timedOut: sweep.timedOut - before.out,
    };
  });
};

const jobAt = (index: number): WantedJob => ({
  name: `job-${index + 1}`,
  at: index * 100,
  repository: REPOSITORIES[0],
  labels: PLAIN,
  duration: 60 * MINUTE_MS,
  fails: false,
  stranger: false,
});
