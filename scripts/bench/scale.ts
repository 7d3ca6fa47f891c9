import { MAXIMUM_FURTHER_APPS } from "../../constructs/github-checks";
import { DEFAULT_INSTANCE_TYPES } from "../../constructs/instance-types";
import { EXPECTED } from "../cost/jobs";
import { machineHour, PRICES } from "../cost/prices";
import { burstBound, machineBucket, HOUR_S, type Usage } from "./bounds";
import { githubLimits } from "../../__tests__/support/github-limits";
import { quotas, ROOT_VOLUME_GB, type Quota } from "./quotas";

/** Minutes for which a job has its machine: ten of its own, and boot and shutdown. */
export const MACHINE_MINUTES = 11.5;
/** GitHub Apps that one installation can have. */
export const MOST_APPS = 1 + MAXIMUM_FURTHER_APPS;
/** Share of a day's jobs in its busiest hour: an assumption; a day without nights would have 0.042. */
export const BUSIEST_HOUR = 0.12;

type Market = "spot" | "on-demand";

const HOURS = DEFAULT_INSTANCE_TYPES.x64.flatMap((type) => machineHour(type) ?? []);
const SHARE: Readonly<Record<Market, number>> = { spot: PRICES.spotShare, "on-demand": 1 };

/** USD for the machine of one job, its volume and its address, by the prices of `ephemeral-runners cost`. */
export const jobCost = (market: Market): number => {
  const machine = EXPECTED[market]!(HOURS) * SHARE[market];
  const volume = (ROOT_VOLUME_GB * PRICES.diskGigabyteMonth.gp3) / PRICES.hoursAMonth;
  return (MACHINE_MINUTES / 60) * (machine + volume + PRICES.publicAddressHour);
};

export interface Day {
  readonly jobs: number;
  /** In the busiest hour. */
  readonly jobsAnHour: number;
  readonly machines: number;
  readonly apps: number;
  /** Regions, at the rate at which EC2 lets machines be launched unless asked for more. */
  readonly regions: number;
  readonly cost: Readonly<Record<Market, number>>;
}

/** @param github calls to GitHub, as they were measured */
export const planDay = (jobs: number, github: Usage): Day => {
  const jobsAnHour = jobs * BUSIEST_HOUR;
  const calls = jobsAnHour * github.aJob + github.anHour;
  const jitAnHour = (githubLimits.pointsAMinute / githubLimits.points.write) * 60;
  return {
    jobs,
    jobsAnHour,
    // Little's law.
    machines: Math.ceil((jobsAnHour * MACHINE_MINUTES) / 60),
    apps: Math.ceil(Math.max(calls / githubLimits.requestsAnHour, jobsAnHour / jitAnHour)),
    regions: Math.ceil(jobsAnHour / (machineBucket().refill * HOUR_S)),
    cost: { spot: jobs * jobCost("spot"), "on-demand": jobs * jobCost("on-demand") },
  };
};

export interface AtOnce {
  readonly regions: number;
  readonly apps: number;
  readonly ec2Seconds: number;
  readonly registrationSeconds: number;
  readonly seconds: number;
}

/** So many jobs at the same moment, in regions with an installation and Apps of their own. */
export const planAtOnce = (jobs: number, regions: number, apps: number): AtOnce => ({
  regions,
  apps,
  ...burstBound({ jobs: Math.ceil(jobs / regions), apps, mode: "jit" }),
});

export interface QuotaNeed extends Quota {
  readonly needed: number;
  readonly enough: boolean;
}

/** What so many machines in one region take of each quota. */
export const quotasFor = (machines: number): readonly QuotaNeed[] =>
  quotas.map((quota) => {
    const needed = Math.ceil(machines * quota.aMachine);
    return { ...quota, needed, enough: needed <= quota.initially };
  });
