/** A value with its spread: the median, and the quartiles around it. */
export interface Spread {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly samples: number;
}

/**
 * The value below which this share of the samples lies, between two of them in proportion.
 *
 * @param share 0 to 1
 * @throws RangeError when there are no samples
 */
export const quantile = (samples: readonly number[], share: number): number => {
  if (samples.length === 0) throw new RangeError("There are no samples: measure at least once.");
  const ordered = [...samples].sort((one, other) => one - other);
  const at = share * (ordered.length - 1);
  const below = ordered[Math.floor(at)] as number;
  const above = ordered[Math.ceil(at)] as number;
  return below + (above - below) * (at - Math.floor(at));
};

export const median = (samples: readonly number[]): number => quantile(samples, 0.5);

/** One sample is a count, or a time in a simulation: it has no spread. */
export const spreadOf = (samples: readonly number[]): Spread => ({
  value: round(median(samples)),
  low: round(quantile(samples, 0.25)),
  high: round(quantile(samples, 0.75)),
  samples: samples.length,
});

const DIGITS = 4;

/** To so many digits as a figure can mean, so that files of two runs can be read side by side. */
export const round = (value: number): number => Number(value.toPrecision(DIGITS));
