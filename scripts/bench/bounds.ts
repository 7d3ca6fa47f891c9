import { REGISTRATION_RATES } from "../../functions/shared/permits";
import type { RegistrationMode } from "../../functions/shared/contract";
import { githubLimits } from "../../__tests__/support/github-limits";
import { awsLimits } from "../../__tests__/support/token-buckets";

export interface Burst {
  readonly jobs: number;
  /** GitHub Apps that share the load; in token mode they make no difference. */
  readonly apps: number;
  readonly mode: RegistrationMode;
}

/** Seconds from the first job to the last machine or registration, at the best that each limit allows. */
export interface Bound {
  readonly ec2Seconds: number;
  readonly registrationSeconds: number;
  /** What all limits together allow. */
  readonly seconds: number;
}

/** Registrations in one rolling window, and its length. */
const windowOf = ({
  mode,
  apps,
}: Omit<Burst, "jobs">): { readonly size: number; readonly seconds: number } => {
  const { windowMs, permits } = REGISTRATION_RATES[mode];
  const each = mode === "jit" ? githubLimits.pointsAMinute / githubLimits.points.write : permits;
  return { size: mode === "jit" ? each * apps : each, seconds: windowMs / 1000 };
};

/** The bucket of machines that RunInstances and CreateFleet draw on together. */
export const machineBucket = (): { readonly capacity: number; readonly refill: number } => {
  const bucket = awsLimits.find(({ calls }) => calls.includes("ec2:CreateFleet"))?.resources;
  if (!bucket)
    throw new Error("The bucket of CreateFleet's machines is gone from awsLimits: say where it is.");
  return bucket;
};

export const HOUR_S = 3600;

/** In JIT mode each registration is one of an App's requests, too, whose count begins anew an hour after the first. */
const registrationsAnHour = ({ mode, apps }: Burst): number =>
  mode === "jit" ? githubLimits.requestsAnHour * apps : Infinity;

/**
 * No program can be quicker: what the limits let through at once, and then as fast as they refill. Delays of GitHub and
 * EC2 themselves are not in it.
 */
export const burstBound = (burst: Burst): Bound => {
  const { capacity, refill } = machineBucket();
  const { size, seconds } = windowOf(burst);
  const before = Math.max(burst.jobs, 1) - 1;
  const anHour = registrationsAnHour(burst);
  const ec2Seconds = Math.max(burst.jobs - capacity, 0) / refill;
  const registrationSeconds =
    Math.floor(before / anHour) * HOUR_S + Math.floor((before % anHour) / size) * seconds;
  return { ec2Seconds, registrationSeconds, seconds: Math.max(ec2Seconds, registrationSeconds) };
};

/** What goes on in an hour without a job, and what each job adds. */
export interface Usage {
  readonly anHour: number;
  readonly aJob: number;
}

interface Point {
  readonly jobs: number;
  readonly calls: number;
}

/** Calls counted at two rates tell both. */
export const usageOf = (one: Point, other: Point): Usage => {
  const aJob = (other.calls - one.calls) / (other.jobs - one.jobs);
  return { aJob, anHour: Math.max(one.calls - aJob * one.jobs, 0) };
};

export interface Load {
  readonly github: Usage;
  readonly createFleet: Usage;
  readonly describe: Usage;
  readonly parameters: Usage;
}

export interface RateLimit {
  readonly name: string;
  readonly jobsAnHour: number;
}

const callsAnHour = (call: string): number => {
  const bucket = awsLimits.find(({ calls }) => calls.includes(call))?.requests;
  if (!bucket) throw new Error(`The bucket of ${call} is gone from awsLimits: say where it is.`);
  return bucket.refill * HOUR_S;
};

/** Jobs an hour that each limit allows for ever, the tightest first; in JIT mode. */
export const sustainedLimits = (load: Load, apps: number): readonly RateLimit[] => {
  const within = (limit: number, { anHour, aJob }: Usage): number => (limit - anHour) / aJob;
  const { size, seconds } = windowOf({ mode: "jit", apps });
  const limits: Readonly<Record<string, number>> = {
    "GitHub: requests an hour": within(githubLimits.requestsAnHour * apps, load.github),
    "GitHub: JIT configurations a minute": (size / seconds) * HOUR_S,
    "EC2: machines a second": machineBucket().refill * HOUR_S,
    "EC2: CreateFleet": within(callsAnHour("ec2:CreateFleet"), load.createFleet),
    "EC2: DescribeInstances": within(callsAnHour("ec2:Describe*"), load.describe),
    "SSM: GetParameters": within(callsAnHour("ssm:GetParameters"), load.parameters),
  };
  return Object.entries(limits)
    .map(([name, jobsAnHour]) => ({ name, jobsAnHour }))
    .sort((one, other) => one.jobsAnHour - other.jobsAnHour);
};
