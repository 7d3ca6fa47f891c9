import { idleItems } from "./idle";
import { fleetCosts } from "./jobs";
import { PRICES } from "./prices";
import type { IdleItem } from "./idle";
import type { FleetCost } from "./jobs";
import type { Stack } from "../audit/model";

/** In USD, at the list prices of prices.json. */
export interface Estimate {
  readonly idle: readonly IdleItem[];
  /** A month of all that. */
  readonly idleMonth: number;
  readonly fleets: readonly FleetCost[];
  /** Regions that resources stand in, other than the one of the prices. */
  readonly otherRegions: readonly string[];
}

/** `arn:aws:sqs:eu-central-1:123456789012:jobs` */
const REGION = /^arn:[^:]*:[^:]*:([a-z]{2}(?:-[a-z]+)+-\d):/;

const regionsOf = ({ resources }: Stack): readonly string[] => [
  ...new Set(resources.flatMap(({ attributes }) => REGION.exec(String(attributes.arn))?.[1] ?? [])),
];

export const estimate = (stack: Stack): Estimate => {
  const idle = idleItems(stack);
  return {
    idle,
    idleMonth: idle.reduce((sum, { month }) => sum + month, 0),
    fleets: fleetCosts(stack),
    otherRegions: regionsOf(stack)
      .filter((region) => region !== PRICES.region)
      .sort(),
  };
};

/** What the figures rest on, in one sentence. */
export const assumptionsText = (): string => {
  const { jobMinutes, bootMinutes, scheduledRunSeconds } = PRICES.assumptions;
  return (
    `List prices of ${PRICES.region} as of ${PRICES.date}, before taxes and free tiers. ` +
    `A job is ${jobMinutes} minutes, and ${bootMinutes} of boot; spot is taken at ${PRICES.spotShare * 100} % of on-demand; ` +
    `a scheduled function is taken to run for ${scheduledRunSeconds} s. Traffic, logs and the events of jobs are not counted.`
  );
};

export const usd = (amount: number): string => amount.toFixed(2);
