import { block, blocks, isFalse, isTrue, numberOf, strings, textOf } from "../audit/model";
import { viewOf } from "../audit/view";
import { machineHour, PRICES } from "./prices";
import type { Installation } from "../audit/installations";
import type { Attributes, Resource, Stack } from "../audit/model";
import type { Fleet, View } from "../audit/view";

/** What {@link PRICES.assumptions.jobs} jobs cost on a fleet, in USD. */
export interface FleetCost {
  /** Its prefix. */
  readonly installation: string;
  readonly fleet: string;
  /** Empty where the fleet's settings are known after the apply only. */
  readonly markets: readonly MarketCost[];
  /** Instance types without a price in the table: they count for nothing in the average. */
  readonly unpriced: readonly string[];
}

export interface MarketCost {
  readonly market: string;
  /** See {@link EXPECTED}. */
  readonly expected: number;
  readonly cheapest: number;
  readonly dearest: number;
}

const { assumptions } = PRICES;
const HOURS = (assumptions.jobs * (assumptions.jobMinutes + assumptions.bootMinutes)) / 60;

/** Of the on-demand price. */
const SHARE: Readonly<Record<string, number>> = { spot: PRICES.spotShare, "on-demand": 1 };

/** An hour of the disks that a machine boots with. */
const diskHour = ({ attributes }: Resource): number =>
  blocks(attributes.block_device_mappings)
    .map(({ ebs }) => block(ebs))
    .reduce((sum, { volume_size, volume_type }) => {
      const perGigabyte = (PRICES.diskGigabyteMonth as Readonly<Record<string, number>>)[
        textOf(volume_type) ?? "gp2"
      ];
      return sum + ((numberOf(volume_size) ?? 0) * (perGigabyte ?? 0)) / PRICES.hoursAMonth;
    }, 0);

/** A machine has an address of its own where the template or its subnets say so; in a team's own subnets that is not seen. */
const hasAddress = ({ attributes }: Resource, settings: Attributes, view: View): boolean => {
  const { associate_public_ip_address } = block(attributes.network_interfaces);
  if (isTrue(associate_public_ip_address) || isFalse(associate_public_ip_address))
    return isTrue(associate_public_ip_address);
  const subnets = strings(settings.subnetIds).map((text) => view.named(text, "aws_subnet"));
  return subnets.some((subnet) => isTrue(subnet?.attributes.map_public_ip_on_launch));
};

const average = (all: readonly number[]): number => all.reduce((sum, one) => sum + one, 0) / all.length;
const least = (all: readonly number[]): number => Math.min(...all);

/**
 * Over the types of the fleet: on-demand takes the cheapest that is to be had, spot the one with most to spare at a good price.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-fleet-allocation-strategy.html
 */
export const EXPECTED: Readonly<Record<string, (all: readonly number[]) => number>> = {
  spot: average,
  "on-demand": least,
};

const costOf = ({ resource, settings }: Fleet, view: View): FleetCost => {
  const fleet = (textOf(resource.attributes.name) ?? "").split("/").at(-1) ?? "";
  const named = { installation: view.name, fleet };
  if (settings === undefined) return { ...named, markets: [], unpriced: [] };
  const template = view.named(textOf(settings.launchTemplateId), "aws_launch_template");
  const types = strings(settings.instanceTypes);
  const hours = types.flatMap((type) => machineHour(type) ?? []);
  const beside =
    template === undefined
      ? 0
      : diskHour(template) + (hasAddress(template, settings, view) ? PRICES.publicAddressHour : 0);
  return {
    ...named,
    unpriced: types.filter((type) => machineHour(type) === undefined),
    markets: strings(settings.markets)
      .filter((market) => SHARE[market] !== undefined && hours.length > 0)
      .map((market) => {
        const all = hours.map((hour) => HOURS * (hour * SHARE[market]! + beside));
        const expected = EXPECTED[market]?.(all) ?? average(all);
        return { market, expected, cheapest: least(all), dearest: Math.max(...all) };
      }),
  };
};

/** Of every fleet whose settings stand in the stack. */
export const fleetCosts = (stack: Stack, installations: readonly Installation[]): readonly FleetCost[] =>
  installations
    .map((installation) => viewOf(installation, stack))
    .flatMap((view) => view.fleets.map((fleet) => costOf(fleet, view)));
