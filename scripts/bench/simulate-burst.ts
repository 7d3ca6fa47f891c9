import { calmRulesFor } from "../../__tests__/chaos/rules";
import { simulate } from "../../__tests__/chaos/simulate";
import { PLAIN, REPOSITORIES, type WantedJob } from "../../__tests__/chaos/workload";
import { HANDOFF_TABLE } from "../../__tests__/support/fleet-world";

export interface BurstOptions {
  readonly jobs: number;
  readonly apps: number;
  readonly seed: number;
}

export interface BurstOutcome {
  /** Simulated seconds after the jobs were queued, one for each machine. */
  readonly launched: readonly number[];
  /** Simulated seconds after the jobs were queued, one for each registration. */
  readonly registered: readonly number[];
  /** Jobs that ran to their end. */
  readonly done: number;
  /** By name, from the first job to the end of the last. */
  readonly calls: Readonly<Record<string, number>>;
}

const MINUTE_MS = 60_000;
const JOB_MS = 5 * MINUTE_MS;
const PATIENCE_MS = 4 * 60 * MINUTE_MS;

/** All jobs are queued at the same moment, in the calm world of `npm run test:chaos`. */
export const simulateBurst = ({ jobs, apps, seed }: BurstOptions): Promise<BurstOutcome> =>
  simulate({ seed, rules: calmRulesFor(jobs, apps) }, async (world, from) => {
    const since = (time: number): number => (time - from) / 1000;
    const registered: number[] = [];
    world.database.wrote = (table) => {
      if (table === HANDOFF_TABLE) registered.push(since(world.clock.now));
    };
    const before = new Map(world.wire.calls);
    world.actions.begin(Array.from({ length: jobs }, (_, index) => jobOf(index)));
    const fates = [...world.actions.fates.values()];
    let done = 0;
    await world.clock.runUntil(() => {
      while (fates[done]?.ranAt !== undefined) done++;
      return done === jobs || world.clock.now > from + PATIENCE_MS;
    });
    return {
      launched: [...world.ec2.instances.values()].map(({ launchedAt }) => since(launchedAt)),
      registered,
      done,
      calls: Object.fromEntries(
        [...world.wire.calls].map(([name, count]) => [name, count - (before.get(name) ?? 0)]),
      ),
    };
  });

const jobOf = (index: number): WantedJob => ({
  name: `job-${index + 1}`,
  at: 0,
  repository: REPOSITORIES[0],
  labels: PLAIN,
  duration: JOB_MS,
  fails: false,
  stranger: false,
});
