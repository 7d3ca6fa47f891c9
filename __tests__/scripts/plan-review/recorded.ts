import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { readPlan } from "../../../scripts/plan-review/read-plan";
import { review } from "../../../scripts/plan-review/review";
import type { MatterKind } from "../../../scripts/plan-review/matters";
import type { Plan } from "../../../scripts/plan-review/plan";
import type { Review } from "../../../scripts/plan-review/review";

export const SCENARIOS = [
  "first-apply",
  "no-change",
  "user-data-change",
  "new-fleet",
  "removed-fleet",
  "hostile",
] as const;

/** Changes of an installation that stands, without their stacks: see record-second-day.ts. */
export const SECOND_DAY = [
  "ordinary-week",
  "another-cidr",
  "fewer-zones",
  "app-webhook",
  "key-taken-out",
  "lists-taken-out",
  "another-prefix",
  "another-organization",
  "another-region",
] as const;

export type Scenario = (typeof SCENARIOS)[number] | (typeof SECOND_DAY)[number];

/** A plan as the real `terraform` showed it, or the stack that it is of: see record-plans.ts. */
export const recorded = (name: string): string =>
  gunzipSync(readFileSync(join(__dirname, "plans", `${name}.json.gz`))).toString();

export const recordedPlan = (name: Scenario, withStack = false): Plan =>
  readPlan(
    { name: "plan.json", text: recorded(name) },
    withStack ? { name: "cdk.tf.json", text: recorded(`${name}.stack`) } : undefined,
  );

export const recordedReview = (name: Scenario, withStack = false): Review =>
  review(recordedPlan(name, withStack));

/** What the review tells of a change to what stands. */
export const SECOND_DAY_KINDS: readonly MatterKind[] = [
  "moved-away",
  "allow-list-lost",
  "public-access",
  "key-lost",
  "hook-left",
  "ground-taken",
  "jobs-stranded",
  "events-gap",
  "shared-zone",
];
