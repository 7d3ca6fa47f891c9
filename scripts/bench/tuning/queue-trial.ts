import type { JobMessage } from "../../../functions/shared/contract";
import type { EventSource } from "../../../__tests__/chaos/queue";
import { calmRulesFor } from "../../../__tests__/chaos/rules";
import { furtherLabels } from "../../../__tests__/chaos/settings";
import { simulate } from "../../../__tests__/chaos/simulate";
import { REPOSITORIES, type WantedJob } from "../../../__tests__/chaos/workload";
import type { World } from "../../../__tests__/chaos/world";
import { HANDOFF_TABLE } from "../../../__tests__/support/fleet-world";
import { callsTo, EC2, limitedCalls } from "../simulate-jobs";
import { countCapacity, type Capacity } from "./capacity";

export interface Trial {
  /** When each job is queued: seconds after the beginning. */
  readonly queuedAt: readonly number[];
  /** GitHub Apps that share the load. */
  readonly apps: number;
  /** Fleets that the jobs are for, in turn; no machine fits the jobs of another. */
  readonly fleets: number;
  readonly source: EventSource;
  /** To the last registration, or until each job has run, and all its events were read. */
  readonly until: "registered" | "over";
}

export interface TrialOutcome {
  readonly jobs: number;
  /** Seconds from a job's message to a registration, each in their order. */
  readonly waits: readonly number[];
  /** Seconds from the first message to the last registration. */
  readonly seconds: number;
  readonly surplus: number;
  /** Calls that GitHub refused for a limit. */
  readonly limited: number;
  readonly invocations: number;
  /** Seconds of the launch function that are paid for. */
  readonly functionSeconds: number;
  readonly ec2Calls: number;
  readonly dynamoCalls: number;
  /** Marks left for whoever held the lease, and writes that were refused since another was quicker. */
  readonly collisions: number;
  readonly queueRequests: number;
  readonly capacity: Capacity;
}

/** So that trials can be compared: chance is the same in all of them. */
const SEED = 1;
const JOB_MS = 5 * 60_000;
const PATIENCE_MS = 12 * 60 * 60_000;
const DYNAMODB = ["UpdateItem", "TransactWriteItems", "Query", "BatchGetItem", "DeleteItem"] as const;

/** Jobs of five minutes on a calm day, with the queue read in one way or another. */
export const tryQueue = ({ queuedAt, apps, fleets, source, until }: Trial): Promise<TrialOutcome> => {
  const rules = { ...calmRulesFor(queuedAt.length, apps), source, furtherFleets: fleets };
  return simulate({ seed: SEED, rules }, async (world, from) => {
    const { actions, clock, database, ec2, functions, github, queue, wire } = world;
    const messages = watchMessages(world);
    const registered: number[] = [];
    const capacity = countCapacity(database);
    const counted = database.wrote;
    database.wrote = (table, item) => {
      counted(table, item);
      if (table === HANDOFF_TABLE) registered.push(clock.now);
    };
    const before = new Map(wire.calls);
    actions.begin(queuedAt.map((second, index) => jobOf(second, index, furtherLabels(index % fleets))));
    const fates = [...actions.fates.values()];
    let done = 0;
    const isOver = (): boolean => {
      if (until === "registered") return registered.length >= fates.length;
      while (fates[done]?.ranAt !== undefined) done++;
      return done === fates.length && queue.depth === 0;
    };
    await clock.runUntil(() => isOver() || clock.now > from + PATIENCE_MS);
    const calls = Object.fromEntries(
      [...wire.calls].map(([name, count]) => [name, count - (before.get(name) ?? 0)]),
    );
    const { launch } = functions;
    return {
      jobs: queuedAt.length,
      waits: messages.flatMap((time, index) =>
        registered[index] === undefined ? [] : [(registered[index] - time) / 1000],
      ),
      seconds: (Math.max(...registered) - Math.min(...messages)) / 1000,
      surplus: ec2.instances.size - queuedAt.length,
      limited: limitedCalls(github),
      invocations: launch.invoked,
      functionSeconds: launch.milliseconds / 1000,
      ec2Calls: callsTo({ calls }, EC2),
      dynamoCalls: callsTo({ calls }, DYNAMODB),
      collisions: capacity.marks + capacity.refused,
      queueRequests: queue.requests.receive + queue.requests.delete + callsTo({ calls }, ["SendMessage"]),
      capacity,
    };
  });
};

/** When the message of each job was sent, in milliseconds. */
const watchMessages = ({ clock, queue }: World): readonly number[] => {
  const times: number[] = [];
  const send = queue.send.bind(queue);
  queue.send = (body, delay) => {
    if ((JSON.parse(body) as Partial<JobMessage>).action === "queued") times.push(clock.now);
    send(body, delay);
  };
  return times;
};

const jobOf = (second: number, index: number, labels: readonly string[]): WantedJob => ({
  name: `job-${index + 1}`,
  at: second * 1000,
  repository: REPOSITORIES[0],
  labels,
  duration: JOB_MS,
  fails: false,
  stranger: false,
});
