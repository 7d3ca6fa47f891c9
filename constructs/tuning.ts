import type { BundleName } from "./functions/bundled-function";

/** Chosen by figures: docs/scale.md shows them and says by what rules, and a test holds these to them. */

/** How the launch function reads the jobs queue. */
export const EVENT_SOURCE = {
  /** Messages that one invocation gets at most. */
  batchSize: 10,
  /** For how long messages are gathered for one invocation. AWS's default, so the mapping does not set it. */
  windowSeconds: 0,
} as const;

/** https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html */
const FIRST_READERS = 5;

/**
 * Invocations at a time: one for each fleet that may be launching, and one that writes down what comes meanwhile; or as
 * many as Lambda begins with.
 */
export const concurrencyFor = (fleets: number): number => Math.max(FIRST_READERS, fleets + 1);

/** Memory of each function; Lambda's share of a processor grows with it. */
export const MEMORY_MB: Readonly<Record<BundleName, number>> = {
  webhook: 1024,
  launch: 1024,
  sweep: 512,
  "rotate-tokens": 256,
  interruption: 256,
};
