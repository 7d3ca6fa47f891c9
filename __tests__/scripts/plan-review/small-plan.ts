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
}

const actionsOf = ({ before, after, actions }: Made): readonly string[] => {
  if (actions) return actions;
  if (!before) return ["create"];
  if (!after) return ["delete"];
  return [JSON.stringify(before) === JSON.stringify(after) ? "no-op" : "update"];
};

/** `terraform show -json` of a plan with these resources, by address. */
export const planText = (resources: Readonly<Record<string, Made>>): string =>
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
      },
    })),
    configuration: {
      root_module: {
        resources: Object.entries(resources).map(([address, { written = {} }]) => ({
          address: address.split("[")[0],
          expressions: written,
        })),
      },
    },
  });

export const smallPlan = (resources: Readonly<Record<string, Made>>): Plan =>
  readPlan({ name: "plan.json", text: planText(resources) });

export const smallReview = (resources: Readonly<Record<string, Made>>): Review =>
  review(smallPlan(resources));
