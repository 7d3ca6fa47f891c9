import { concurrencyFor, EVENT_SOURCE } from "../../constructs/tuning";
import type { BootTroubleRules } from "./boot-trouble";
import type { ActionsRules } from "./fate";
import type { CapacityRules } from "./capacity";
import type { Ec2Rules } from "./ec2";
import type { EventRules } from "./events";
import type { InstanceRules } from "./instance";
import type { LambdaRules } from "./lambda";
import type { EventSource } from "./queue";
import type { WireRules } from "./wire";
import type { WorkloadRules } from "./workload";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
/** Longer than any run. */
const NEVER = 365 * 24 * 60 * MINUTE;

export interface Rules {
  readonly jobs: number;
  /** Machines at a time, of each fleet. */
  readonly maximumMachines: number;
  /** GitHub Apps that share the load. */
  readonly apps: number;
  /** Beside the two that the workload is for. */
  readonly furtherFleets: number;
  readonly workload: WorkloadRules;
  readonly bootTrouble: BootTroubleRules;
  readonly actions: ActionsRules;
  readonly capacity: CapacityRules;
  readonly ec2: Ec2Rules;
  readonly events: EventRules;
  readonly instance: InstanceRules;
  readonly lambda: LambdaRules;
  readonly source: EventSource;
  readonly wire: WireRules;
  /** Milliseconds between two revocations of the installation token. */
  readonly revocations: readonly [from: number, to: number];
  /** Milliseconds by which GitHub's clock is ahead of AWS's, or behind: one of these holds for the run. */
  readonly clockSkews: readonly number[];
  readonly noticesDuplicated: number;
  /** Runners of others in the organization, none of them in the group of ours. */
  readonly foreignRunners: number;
  /** Messages on the jobs queue that nobody can read. */
  readonly poison: number;
}

/** How bad this world is: the shares of jobs, events, calls and machines that go wrong. */
export const rulesFor = (jobs: number): Rules => ({
  jobs,
  // So that jobs wait for a place in a burst, and that the whole takes two hours or less.
  maximumMachines: Math.max(Math.round(jobs / 25), 6),
  apps: 1,
  furtherFleets: 0,
  workload: {
    span: jobs * 2.7 * SECOND,
    cancelled: 0.03,
    gated: 0.05,
    failing: 0.05,
    strangers: 0.02,
    matrices: 0,
    cancelledRuns: 0,
  },
  bootTrouble: { fleetSpells: 0, spotSpells: 0, length: [0, 0] },
  actions: {
    takenElsewhere: 0.01,
    busyLag: [0, 60 * SECOND],
    orderlyEnds: 0.5,
    killedSteps: 0,
    cancelledTakesMatrix: 0,
    ghosts: 0,
    overlooked: 0,
  },
  capacity: { scarcity: { spot: 0.3, "on-demand": 0.05 }, spell: [2 * MINUTE, 8 * MINUTE], fullSubnets: 0 },
  ec2: { visibleAfter: [0, 8 * SECOND], forgetful: 0.3, pageSize: 50, doubledZones: 0 },
  events: { lost: 0.05, duplicated: 0.05, delay: [0.2 * SECOND, 3 * SECOND] },
  instance: {
    boot: [15 * SECOND, 40 * SECOND],
    lateFailures: 0.01,
    // A little more than the 2 % of jobs that lose their machine: on-demand machines are not.
    interruptions: 0.03,
    interruptedAtWork: 0.75,
  },
  lambda: { mortality: 0.04 },
  source: {
    batchSize: EVENT_SOURCE.batchSize,
    windowMs: EVENT_SOURCE.windowSeconds * SECOND,
    concurrency: concurrencyFor(2),
  },
  wire: { faults: 0.1 },
  revocations: [20 * MINUTE, 60 * MINUTE],
  clockSkews: [0],
  noticesDuplicated: 0.05,
  foreignRunners: 0,
  poison: Math.ceil(jobs / 500),
});

/** The same world on a good day: limits and latencies stay, nothing fails, and nobody interferes. */
export const calmRulesFor = (jobs: number, apps = 1): Rules => {
  const rules = rulesFor(jobs);
  return {
    ...rules,
    apps,
    // No job waits for a place.
    maximumMachines: jobs,
    workload: { ...rules.workload, cancelled: 0, gated: 0, failing: 0, strangers: 0 },
    actions: { ...rules.actions, takenElsewhere: 0 },
    capacity: { ...rules.capacity, scarcity: { spot: 0, "on-demand": 0 } },
    // https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-pagination.html
    ec2: { ...rules.ec2, forgetful: 0, pageSize: 1000 },
    events: { ...rules.events, lost: 0, duplicated: 0 },
    instance: { ...rules.instance, lateFailures: 0, interruptions: 0 },
    lambda: { mortality: 0 },
    wire: { faults: 0 },
    revocations: [NEVER, NEVER],
    clockSkews: [0],
    noticesDuplicated: 0,
    poison: 0,
  };
};

/** A world in which the machines, the neighbours and the clock are at fault: everything of `rulesFor`, and more. */
export const brokenRulesFor = (jobs: number): Rules => {
  const rules = rulesFor(jobs);
  return {
    ...rules,
    workload: { ...rules.workload, matrices: 0.6, cancelledRuns: 0.03 },
    // Longer than an hour and shorter: the bound is for any hour, and after the end the jobs have to be served.
    bootTrouble: { fleetSpells: 1, spotSpells: 1, length: [30 * MINUTE, 90 * MINUTE] },
    actions: {
      ...rules.actions,
      killedSteps: 0.1,
      cancelledTakesMatrix: 0.5,
      ghosts: 0.02,
      overlooked: 0.02,
    },
    foreignRunners: 3000,
    // As seen of Enterprise Servers whose clock nobody sets: either is more than GitHub takes of a JWT.
    clockSkews: [-31 * SECOND, 700 * SECOND],
    capacity: { ...rules.capacity, fullSubnets: 0.2 },
    ec2: { ...rules.ec2, doubledZones: 2 },
  };
};

/** The worlds that a run can be made in, by name. */
export const natures = { faulty: rulesFor, broken: brokenRulesFor } as const;

export type Nature = keyof typeof natures;
