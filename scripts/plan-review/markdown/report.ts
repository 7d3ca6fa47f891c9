import { changeSections } from "./changes";
import { costSections } from "./cost";
import { listed } from "../phrase";
import { code, sentence } from "./escape";
import { fit } from "./fit";
import { matterSections } from "./matters";
import type { Review } from "../review";
import type { Section } from "./fit";

const SIGNS: Readonly<Record<Review["level"], string>> = {
  danger: "🔴",
  attention: "🟡",
  notice: "🟢",
  none: "🟢",
};

const always = (text: string): Section => ({ full: text, short: text });

/** Those that the plan loses are told above. */
const failingText = ({ before, after }: Review["controls"]): string => {
  const failing = (after?.controls ?? []).filter(
    ({ result }, index) => result === "fail" && (before?.controls[index]?.result ?? "fail") === "fail",
  );
  const named = failing.map(({ id, title }) => `${id} (${title})`).join(", ");
  return failing.length === 0 ? "" : ` Failing${before === undefined ? "" : " as before"}: ${named}.`;
};

const controlsSection = ({ controls }: Review): readonly Section[] => {
  const { before, after } = controls;
  if (after === undefined) return [];
  const was = before === undefined ? "" : ` (before: ${before.score} of ${before.of})`;
  const { length } = after.controls;
  return [
    always(
      `Audit: ${after.score} of ${after.of} visible controls pass${was}; ${length - after.of} of ${length} are not visible in a plan.${failingText(controls)}`,
    ),
  ];
};

const outputsSection = ({ outputs }: Review): readonly Section[] =>
  outputs.length === 0 ? [] : [always(`Outputs that change: ${outputs.map(code).join(", ")}.`)];

const driftSection = ({ drifted }: Review): readonly Section[] =>
  drifted.length === 0
    ? []
    : [
        always(
          `Changed outside of Terraform since its last run: ${sentence(listed(drifted, MOST_DRIFTED))}.`,
        ),
      ];

/** More are counted only. */
const MOST_DRIFTED = 12;

/**
 * The review as a comment of a pull request: the verdict in its first line, then what matters, then the rest.
 *
 * @param limit characters; 0: no limit; default: what GitHub takes
 */
export const reportMarkdown = (review: Review, limit?: number): string =>
  fit(
    [
      always(`## ${SIGNS[review.level]} ${review.verdict}`),
      ...matterSections(review),
      ...controlsSection(review),
      ...changeSections(review),
      ...outputsSection(review),
      ...driftSection(review),
      ...costSections(review),
    ],
    limit,
  );
