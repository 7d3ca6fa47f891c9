import { calmRulesFor } from "../../__tests__/chaos/rules";
import { simulate } from "../../__tests__/chaos/simulate";
import { callTable } from "../../__tests__/chaos/wire-tables";
import { PLAIN, REPOSITORIES, type WantedJob } from "../../__tests__/chaos/workload";
import type { World } from "../../__tests__/chaos/world";
import { HANDOFF_TABLE } from "../../__tests__/support/fleet-world";

export interface JobsOptions {
  /** When each job is queued: seconds after the beginning. */
  readonly queuedAt: readonly number[];
  /** GitHub Apps that share the load. */
  readonly apps: number;
}

/** Simulated seconds after the beginning. */
export interface JobsOutcome {
  readonly launched: readonly number[];
  readonly registered: readonly number[];
  /** Of each job that ran: seconds from queued to started. */
  readonly waits: readonly number[];
  /** By name, from the first job to the end of the last. */
  readonly calls: Readonly<Record<string, number>>;
  /** Calls that GitHub refused for a limit. */
  readonly limited: number;
  /** When the last job ended. */
  readonly end: number;
}

/** So that runs can be compared: chance is the same in all of them. */
const SEED = 1;
const MINUTE_MS = 60_000;
const JOB_MS = 5 * MINUTE_MS;
const PATIENCE_MS = 4 * 60 * MINUTE_MS;
/** https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api */
const LIMITED = [403, 429];

/** Jobs of five minutes in the world of `npm run test:chaos`, on a day on which nothing fails. */
export const simulateJobs = ({ queuedAt, apps }: JobsOptions): Promise<JobsOutcome> =>
  simulate({ seed: SEED, rules: calmRulesFor(queuedAt.length, apps) }, async (world, from) => {
    const { actions, clock, database, ec2, github, wire } = world;
    const since = (time: number): number => (time - from) / 1000;
    const registered: number[] = [];
    database.wrote = (table) => {
      if (table === HANDOFF_TABLE) registered.push(since(clock.now));
    };
    const before = new Map(wire.calls);
    actions.begin(queuedAt.map(jobAt));
    const fates = [...actions.fates.values()];
    let done = 0;
    await clock.runUntil(() => {
      while (fates[done]?.ranAt !== undefined) done++;
      return done === fates.length || clock.now > from + PATIENCE_MS;
    });
    return {
      launched: [...ec2.instances.values()].map(({ launchedAt }) => since(launchedAt)),
      registered,
      waits: fates.flatMap(({ queuedAt = 0, startedAt, ranAt }) =>
        startedAt !== undefined && ranAt !== undefined ? [(startedAt - queuedAt) / 1000] : [],
      ),
      calls: Object.fromEntries(
        [...wire.calls].map(([name, count]) => [name, count - (before.get(name) ?? 0)]),
      ),
      limited: limitedCalls(github),
      end: since(clock.now),
    };
  });

/** Calls that GitHub has refused for a limit. */
export const limitedCalls = ({ requests }: World["github"]): number =>
  requests.filter(({ status }) => LIMITED.includes(status)).length;

const jobAt = (second: number, index: number): WantedJob => ({
  name: `job-${index + 1}`,
  at: second * 1000,
  repository: REPOSITORIES[0],
  labels: PLAIN,
  duration: JOB_MS,
  fails: false,
  stranger: false,
});

/** Calls to a service, by how their names begin. */
export const callsTo = ({ calls }: Pick<JobsOutcome, "calls">, beginnings: readonly string[]): number =>
  Object.entries(calls)
    .filter(([name]) => beginnings.some((beginning) => name.startsWith(beginning)))
    .reduce((sum, [, count]) => sum + count, 0);

export const GITHUB = ["GitHub "] as const;
export const EC2: readonly string[] = Object.entries(callTable).flatMap(([name, { service }]) =>
  service === "ec2" ? name : [],
);
