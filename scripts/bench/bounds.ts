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

/**
 * No program can be quicker: what the limits let through at once, and then as fast as they refill. Delays of GitHub and
 * EC2 themselves are not in it.
 */
export const burstBound = (burst: Burst): Bound => {
  const { capacity, refill } = machineBucket();
  const { size, seconds } = windowOf(burst);
  const ec2Seconds = Math.max(burst.jobs - capacity, 0) / refill;
  const registrationSeconds = Math.floor((Math.max(burst.jobs, 1) - 1) / size) * seconds;
  return { ec2Seconds, registrationSeconds, seconds: Math.max(ec2Seconds, registrationSeconds) };
};
