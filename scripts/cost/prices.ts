import prices from "./prices.json";

/** List prices and what is assumed beside them: people edit prices.json. */
export const PRICES = prices;

/** Sizes cost what they are large: `xlarge` is two `large`, `4xlarge` is eight. */
const SIZES: Readonly<Record<string, number>> = { medium: 0.5, large: 1, xlarge: 2 };

const sizeOf = (size: string): number | undefined => {
  const [, times] = /^(\d+)xlarge$/.exec(size) ?? [];
  return times === undefined ? SIZES[size] : Number(times) * 2;
};

/** On-demand price of an hour; undefined for a type whose family is not in the table. */
export const machineHour = (instanceType: string): number | undefined => {
  const [family = "", size = ""] = instanceType.split(".");
  const large = (PRICES.largeHour as Readonly<Record<string, number>>)[family];
  const times = sizeOf(size);
  return large === undefined || times === undefined ? undefined : large * times;
};

export const monthly = (anHour: number): number => anHour * PRICES.hoursAMonth;
