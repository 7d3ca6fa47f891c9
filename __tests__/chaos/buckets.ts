interface Bucket {
  readonly size: number;
  /** A second. */
  readonly refill: number;
}

/**
 * https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html; CreateFleet's is not published: low single
 * digits a second.
 */
const buckets: Readonly<Record<string, Bucket>> = {
  CreateFleet: { size: 5, refill: 2 },
  TerminateInstances: { size: 100, refill: 5 },
  DescribeInstances: { size: 100, refill: 20 },
};

/** What AWS lets through. */
export class TokenBuckets {
  private readonly levels = new Map<string, { left: number; at: number }>();

  /** False: throttled. */
  take(call: string, now: number): boolean {
    const bucket = buckets[call];
    if (!bucket) return true;
    const level = this.levels.get(call) ?? { left: bucket.size, at: now };
    this.levels.set(call, level);
    level.left = Math.min(bucket.size, level.left + ((now - level.at) / 1000) * bucket.refill);
    level.at = now;
    if (level.left < 1) return false;
    level.left--;
    return true;
  }
}
