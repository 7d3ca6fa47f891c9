import { DescribeSubnetsCommand, type EC2Client } from "@aws-sdk/client-ec2";
import { logger } from "./logger";
import type { ZoneOf } from "./pools";

/** The zones of subnets, read once for the life of a sandbox: a subnet never leaves its zone. */
export interface SubnetZones {
  /**
   * Reads those that are not known yet, together with others who ask meanwhile. Never throws: a launch goes on without
   * them, and EC2 refuses it where two subnets are in one zone.
   */
  read(subnetIds: readonly string[]): Promise<void>;
  readonly of: ZoneOf;
}

/** The call takes some 100 ms. A launch waits for it in a new sandbox only, and no longer than this. */
const TIMEOUT_MS = 2000;
/** A call that failed, as for lack of a right, is made again after this, and not before each launch. */
const PAUSE_MS = 60_000;
/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSubnets.html */
const VALUES_A_FILTER = 200;

/** @param now epoch milliseconds */
export const subnetZones = (ec2: EC2Client, now: () => number): SubnetZones => {
  const zones = new Map<string, string>();
  let reading = Promise.resolve();
  let notBefore = 0;

  const readNow = async (subnetIds: readonly string[]): Promise<void> => {
    const unknown = subnetIds.filter((subnetId) => !zones.has(subnetId)).slice(0, VALUES_A_FILTER);
    if (unknown.length === 0 || now() < notBefore) return;
    try {
      // A filter, since an id that EC2 does not know would refuse the whole call.
      const { Subnets = [] } = await ec2.send(
        new DescribeSubnetsCommand({ Filters: [{ Name: "subnet-id", Values: unknown }] }),
        { abortSignal: AbortSignal.timeout(TIMEOUT_MS) },
      );
      for (const { SubnetId, AvailabilityZone } of Subnets)
        if (SubnetId && AvailabilityZone) zones.set(SubnetId, AvailabilityZone);
      // One that was made a moment ago may not show yet.
      if (!unknown.every((subnetId) => zones.has(subnetId))) notBefore = now() + PAUSE_MS;
    } catch (error) {
      notBefore = now() + PAUSE_MS;
      logger.warn("zones of subnets not read", { subnetIds: unknown, error });
    }
  };

  return {
    // One after the other: who asks while others read finds what they found.
    read: (subnetIds) => (reading = reading.then(() => readNow(subnetIds))),
    of: (subnetId) => zones.get(subnetId),
  };
};
