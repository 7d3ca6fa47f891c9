import type { CheckResult } from "./checkov";
import type { Suppression } from "./suppressions";

/** What was scanned: a stack, and the props that are set in it. */
export interface Variant {
  readonly name: string;
  /** Props by which {@link Suppression.unless} is decided. */
  readonly sets: readonly string[];
}

export interface Verdict {
  readonly variant: string;
  readonly passed: number;
  readonly suppressed: number;
  /** What failed with no suppression for it. */
  readonly failed: readonly CheckResult[];
}

const applies = (suppression: Suppression, variant: Variant): boolean =>
  suppression.unless === undefined || !variant.sets.includes(suppression.unless);

const covers = (suppression: Suppression, { check, resource }: CheckResult): boolean =>
  suppression.check === check && suppression.resources.test(resource);

/** What the checks of one variant come to. */
export const judge = (
  variant: Variant,
  results: readonly CheckResult[],
  suppressions: readonly Suppression[],
): Verdict => {
  const standing = suppressions.filter((suppression) => applies(suppression, variant));
  const failed = results.filter(({ passed }) => !passed);
  const open = failed.filter((result) => !standing.some((suppression) => covers(suppression, result)));
  return {
    variant: variant.name,
    passed: results.length - failed.length,
    suppressed: failed.length - open.length,
    failed: open,
  };
};

/** Suppressions that hide nothing any more, and so would hide what is broken tomorrow. */
export const idleSuppressions = (
  results: readonly CheckResult[],
  suppressions: readonly Suppression[],
): readonly Suppression[] =>
  suppressions.filter(
    (suppression) => !results.some((result) => !result.passed && covers(suppression, result)),
  );
