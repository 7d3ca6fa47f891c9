import { refusalOf, type AwsAnswer } from "./aws-refusals";

export interface BucketSize {
  readonly capacity: number;
  /** Tokens a second. */
  readonly refill: number;
}

export interface Limit {
  /** Calls that draw on one bucket together, named as in an IAM action. */
  readonly calls: readonly string[];
  readonly requests?: BucketSize;
  /** For what a call makes or ends, machine by machine. */
  readonly resources?: BucketSize;
}

/**
 * What AWS publishes, for an account and a region. `*` ends a name.
 *
 * EC2: https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html. CreateFleet's own bucket is not
 * published (low single digits a second are seen); its machines draw on the one of RunInstances.
 * Parameter Store: https://docs.aws.amazon.com/general/latest/gr/ssm.html
 */
export const awsLimits: readonly Limit[] = [
  {
    calls: ["ec2:RunInstances", "ec2:CreateFleet"],
    requests: { capacity: 5, refill: 2 },
    resources: { capacity: 1000, refill: 2 },
  },
  { calls: ["ec2:TerminateInstances"], requests: { capacity: 100, refill: 5 } },
  { calls: ["ec2:Describe*"], requests: { capacity: 100, refill: 20 } },
  {
    calls: ["ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath"],
    requests: { capacity: 40, refill: 40 },
  },
];

export class TokenBucket {
  private level: number;
  private filledAt: number;

  constructor(
    private readonly size: BucketSize,
    /** Epoch milliseconds */
    private readonly now: () => number,
  ) {
    this.level = size.capacity;
    this.filledAt = now();
  }

  /** Tokens that are there now. */
  get left(): number {
    const { capacity, refill } = this.size;
    this.level = Math.min(capacity, this.level + ((this.now() - this.filledAt) / 1000) * refill);
    this.filledAt = this.now();
    return this.level;
  }

  /** All or none. */
  take(count = 1): boolean {
    if (this.left < count) return false;
    this.level -= count;
    return true;
  }
}

/** Lets through what AWS would. */
export class AwsThrottle {
  private readonly limits: readonly { calls: readonly string[]; buckets: Record<string, TokenBucket> }[];

  constructor(now: () => number, limits: readonly Limit[] = awsLimits) {
    this.limits = limits.map(({ calls, requests, resources }) => ({
      calls,
      buckets: {
        ...(requests && { requests: new TokenBucket(requests, now) }),
        ...(resources && { resources: new TokenBucket(resources, now) }),
      },
    }));
  }

  /**
   * What the service answers to a call that is too much; undefined: it is let through. A refused call draws nothing.
   *
   * @param call as in an IAM action, e.g. `ec2:CreateFleet`
   * @param resources machines that the call makes or ends
   */
  refuse(call: string, resources = 1): AwsAnswer | undefined {
    const { requests, resources: machines } =
      this.limits.find(({ calls }) => calls.some((pattern) => matches(pattern, call)))?.buckets ?? {};
    const allowed = (requests?.left ?? 1) >= 1 && (machines?.left ?? resources) >= resources;
    if (!allowed) return refusalOf(call, "throttle");
    requests?.take();
    machines?.take(resources);
    return undefined;
  }
}

const matches = (pattern: string, call: string): boolean =>
  pattern.endsWith("*") ? call.startsWith(pattern.slice(0, -1)) : call === pattern;
