import { readPlan } from "../../../scripts/plan-review/read-plan";
import { review } from "../../../scripts/plan-review/review";
import type { Plan } from "../../../scripts/plan-review/plan";
import type { Review } from "../../../scripts/plan-review/review";

type Values = Readonly<Record<string, unknown>>;

/** One resource of a plan that a test makes up: absent before, it is created; absent after, destroyed. */
export interface Made {
  readonly before?: Values | null;
  readonly after?: Values | null;
  readonly unknown?: Values;
  readonly sensitive?: Values;
  readonly written?: Values;
  readonly actions?: readonly string[];
  /** More of its change, such as `importing`. */
  readonly change?: Values;
  /** More of itself, such as `deposed`. */
  readonly more?: Values;
  /** More of what was written, such as `provisioners`. */
  readonly configured?: Values;
}

const actionsOf = ({ before, after, actions }: Made): readonly string[] => {
  if (actions) return actions;
  if (!before) return ["create"];
  if (!after) return ["delete"];
  return [JSON.stringify(before) === JSON.stringify(after) ? "no-op" : "update"];
};

type Resources = Readonly<Record<string, Made>>;

/**
 * `terraform show -json` of a plan with these resources, by address.
 *
 * @param more of the plan itself
 */
export const planText = (resources: Resources, more: Values = {}): string =>
  JSON.stringify({
    format_version: "1.2",
    timestamp: "2026-10-20T00:00:00Z",
    resource_changes: Object.entries(resources).map(([address, made]) => ({
      address,
      mode: "managed",
      type: address.split(".")[0],
      change: {
        actions: actionsOf(made),
        before: made.before ?? null,
        after: made.after ?? null,
        after_unknown: made.unknown ?? {},
        before_sensitive: made.sensitive ?? {},
        after_sensitive: made.sensitive ?? {},
        ...made.change,
      },
      ...made.more,
    })),
    configuration: {
      root_module: {
        resources: Object.entries(resources).map(([address, { written = {}, configured }]) => ({
          address: address.split("[")[0],
          expressions: written,
          ...configured,
        })),
      },
    },
    ...more,
  });

export const smallPlan = (resources: Resources, more?: Values): Plan =>
  readPlan({ name: "plan.json", text: planText(resources, more) });

export const smallReview = (resources: Resources, more?: Values): Review =>
  review(smallPlan(resources, more));
