import { findInstallations } from "../audit/installations";
import { idleItems } from "./idle";
import { fleetCosts } from "./jobs";
import { PRICES } from "./prices";
import type { IdleItem } from "./idle";
import type { FleetCost, MarketCost } from "./jobs";
import type { Stack } from "../audit/model";

/** In USD, at the list prices of prices.json, to a millionth. */
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

/** As the providers say, and as far as ARNs are known: a provider may take its region from the environment. */
const regionsOf = ({ resources, regions = [] }: Stack): readonly string[] => [
  ...new Set([
    ...regions.filter((region) => !region.includes("${")),
    ...resources.flatMap(({ attributes }) => REGION.exec(String(attributes.arn))?.[1] ?? []),
  ]),
];

/** Sums of binary fractions end in digits that nobody wrote: eleven alarms at 0.1 are 1.0999999999999999. */
const rounded = (amount: number): number => Number(amount.toFixed(6));

const roundedMarket = ({ market, expected, cheapest, dearest }: MarketCost): MarketCost => ({
  market,
  expected: rounded(expected),
  cheapest: rounded(cheapest),
  dearest: rounded(dearest),
});

export const estimate = (stack: Stack): Estimate => {
  const installations = findInstallations(stack);
  const idle = idleItems(stack, installations);
  return {
    idle: idle.map((item) => ({ ...item, month: rounded(item.month) })),
    idleMonth: rounded(idle.reduce((sum, { month }) => sum + month, 0)),
    fleets: fleetCosts(stack, installations).map((fleet) => ({
      ...fleet,
      markets: fleet.markets.map(roundedMarket),
    })),
    otherRegions: regionsOf(stack)
      .filter((region) => region !== PRICES.region)
      .sort(),
  };
};

/** What differs where a stack stands in another region than that of the prices; undefined where none does. */
export const regionText = (
  { otherRegions }: Estimate,
  shown: (region: string) => string,
): string | undefined =>
  otherRegions.length === 0
    ? undefined
    : `This stack stands in ${otherRegions.map(shown).join(", ")}, and these are the prices of ${PRICES.region}: elsewhere AWS mostly asks more.`;

/** `ci/linux-x64` where there are several installations, for two may have fleets of one name. */
export const fleetName = ({ fleet, installation }: FleetCost, fleets: readonly FleetCost[]): string =>
  fleets.every((other) => other.installation === installation) ? fleet : `${installation}/${fleet}`;

/** What the figures rest on, in one sentence. */
export const assumptionsText = (): string => {
  const { jobMinutes, bootMinutes, scheduledRunSeconds } = PRICES.assumptions;
  return (
    `List prices of ${PRICES.region} as of ${PRICES.date}, before taxes and free tiers. ` +
    `A job is ${jobMinutes} minutes, and ${bootMinutes} of boot; spot is taken at ${Math.round(PRICES.spotShare * 100)} % of on-demand; ` +
    `a scheduled function is taken to run for ${scheduledRunSeconds} s. Traffic, logs and the events of jobs are not counted.`
  );
};

export const usd = (amount: number): string => amount.toFixed(2);
