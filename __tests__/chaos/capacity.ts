import type { Market } from "../../functions/shared/contract";
import type { Clock } from "./clock";
import type { Random } from "./random";

export interface PoolName {
  readonly type: string;
  readonly zone: string;
  readonly market: Market;
}

export interface CapacityRules {
  /** Share of the time in which a pool has little or nothing. */
  readonly scarcity: Readonly<Record<Market, number>>;
  /** Milliseconds between two changes of one pool. */
  readonly spell: readonly [from: number, to: number];
  /** Share of the time in which a subnet has no free address. */
  readonly fullSubnets: number;
}

/** What a pool that has nothing says. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html */
const reasons: Readonly<Record<Market, readonly string[]>> = {
  spot: [
    "InsufficientInstanceCapacity",
    "InsufficientInstanceCapacity",
    "UnfulfillableCapacity",
    "SpotMaxPriceTooLow",
  ],
  "on-demand": ["InsufficientInstanceCapacity", "InsufficientInstanceCapacity", "Unsupported"],
};

interface Pool {
  left: number;
  until: number;
  reason: string;
}

/** What EC2 has, per type, zone and market: it comes and goes. */
export class Capacity {
  private readonly pools = new Map<string, Pool>();
  private readonly subnets = new Map<string, { readonly full: boolean; readonly until: number }>();

  constructor(
    private readonly clock: Clock,
    private readonly random: Random,
    private readonly rules: CapacityRules,
  ) {}

  /** Machines that the pool yields, and the error that says why it yields no more. */
  take(name: PoolName, wanted: number): { readonly count: number; readonly error?: string } {
    const pool = this.pool(name);
    const count = Math.min(pool.left, wanted);
    pool.left -= count;
    return count === wanted ? { count } : { count, error: pool.reason };
  }

  /** Whether the subnet has no free address, which is no matter of its zone. */
  isFull(subnetId: string): boolean {
    // No chance is drawn where nothing is at stake, so that other worlds stay as they are.
    if (this.rules.fullSubnets === 0) return false;
    const known = this.subnets.get(subnetId);
    if (known && known.until > this.clock.now) return known.full;
    const full = this.random.chance(this.rules.fullSubnets);
    this.subnets.set(subnetId, { full, until: this.clock.now + this.random.between(this.rules.spell) });
    return full;
  }

  private pool({ type, zone, market }: PoolName): Pool {
    const key = `${type}/${zone}/${market}`;
    const known = this.pools.get(key);
    if (known && known.until > this.clock.now) return known;
    const scarce = this.random.chance(this.rules.scarcity[market]);
    const pool = {
      left: scarce ? this.random.whole(0, 3) : Infinity,
      until: this.clock.now + this.random.between(this.rules.spell),
      reason: this.random.pick(reasons[market]),
    };
    this.pools.set(key, pool);
    return pool;
  }
}
