import { spreadOf, type Spread } from "./statistics";

export interface Yardstick {
  readonly name: string;
  readonly value: number;
}

/** What a figure has to keep to, in words, and the number that follows from them in this run. */
export interface Target {
  readonly words: string;
  readonly limit: number;
}

export interface Figure extends Spread {
  /** Unique within its part. */
  readonly name: string;
  readonly unit: string;
  readonly better: Better;
  readonly yardstick?: Yardstick;
  readonly target?: Target;
  /** Present with a target. */
  readonly reached?: boolean;
}

export type Better = "lower" | "higher";

export interface FigureOptions {
  /** Default: lower */
  readonly better?: Better;
  readonly yardstick?: Yardstick;
  readonly target?: Target;
}

export const figureOf = (
  name: string,
  unit: string,
  samples: readonly number[],
  { better = "lower", yardstick, target }: FigureOptions = {},
): Figure => {
  const spread = spreadOf(samples);
  return {
    name,
    unit,
    ...spread,
    better,
    ...(yardstick && { yardstick }),
    ...(target && { target, reached: isReached(spread.value, target, better) }),
  };
};

const isReached = (value: number, { limit }: Target, better: Better): boolean =>
  better === "lower" ? value <= limit : value >= limit;

export const atMost = (limit: number, unit: string): Target => ({ limit, words: `at most ${limit} ${unit}` });

/** Of what there should be nothing. */
export const NONE: Target = { words: "none", limit: 0 };

/** What a part of the program found out. */
export type Findings = { readonly figures: readonly Figure[] } | { readonly skipped: string };

export interface PartOptions {
  /** Fewer samples and smaller loads: to see that it works, not to compare. */
  readonly quick: boolean;
  /** Tells whoever waits what is being done. */
  readonly tell: (what: string) => void;
}

export type Part = (options: PartOptions) => Promise<Findings>;
