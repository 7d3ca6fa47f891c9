import type { Figure } from "../../../scripts/bench/figure";
import { SCHEMA, type Results } from "../../../scripts/bench/results";

/** Results of one part, measured on a quiet machine. */
export const resultsOf = (figures: readonly Figure[], own: Partial<Results> = {}): Results => ({
  schema: SCHEMA,
  date: "2026-09-01T12:00:00.000Z",
  machine: { cores: 2, cpu: "a processor", memoryGb: 8, loadBefore: 0.1 },
  versions: { commit: "abc1234" },
  quick: false,
  parts: { cold: { figures } },
  ...own,
});
