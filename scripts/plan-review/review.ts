import { estimate } from "../cost/estimate";
import { readPlan as readAfter, readPriorState } from "../audit/read-plan";
import { placeOf, readable } from "./construct-paths";
import { differencesOf } from "./differences";
import { driftedIn } from "./drift";
import { rights } from "./iam/rights";
import { inOrder, MATTER_KINDS, MATTERS, worstOf } from "./matters";
import { quoted } from "./phrase";
import { code } from "./rules/code";
import { controlsLost, controlsOf } from "./rules/controls";
import { destroyed } from "./rules/destroyed";
import { network } from "./rules/network";
import { protections } from "./rules/protections";
import { unjudged } from "./rules/unjudged";
import { whole } from "./rules/whole";
import { secondDay } from "./second-day";
import type { Estimate } from "../cost/estimate";
import type { Place } from "./construct-paths";
import type { Differences } from "./differences";
import type { Level, Matter } from "./matters";
import type { Phrase } from "./phrase";
import type { Action, Change, Plan } from "./plan";
import type { Controls } from "./rules/controls";

/** A plan as people look at it. */
export interface Review {
  readonly verdict: string;
  readonly level: Level | "none";
  readonly counts: Readonly<Record<Action, number>>;
  readonly matters: readonly PlacedMatter[];
  readonly groups: readonly Group[];
  readonly controls: Controls;
  readonly cost: { readonly before: Estimate; readonly after: Estimate };
  readonly outputs: readonly string[];
  /** Addresses of what was changed outside of Terraform since its last run. */
  readonly drifted: readonly string[];
}

export interface PlacedMatter extends Matter {
  readonly place: Place;
}

/** The changes below one construct. */
export interface Group {
  readonly name: string;
  readonly changes: readonly ReviewedChange[];
}

export interface ReviewedChange {
  readonly change: Change;
  readonly place: Place;
  /** Of what stood before and stands afterwards. */
  readonly differences: Differences;
}

const NO_DIFFERENCES: Differences = { shown: [], noise: [] };

const ACTIONS: readonly Action[] = ["create", "update", "replace", "delete", "forget", "none"];

const countsOf = ({ changes }: Plan): Review["counts"] =>
  Object.fromEntries(
    ACTIONS.map((action) => [action, changes.filter((one) => one.action === action).length]),
  ) as Record<Action, number>;

const hasMoved = ({ movedFrom }: Change): boolean => movedFrom !== undefined;

const groupsOf = ({ changes, paths }: Plan): readonly Group[] => {
  const reviewed = changes
    .filter((change) => change.action !== "none" || hasMoved(change))
    .map((change) => ({
      change,
      place: placeOf(change.address, paths),
      differences:
        change.action === "update" || change.action === "replace"
          ? differencesOf(change, paths)
          : NO_DIFFERENCES,
    }));
  const names = [...new Set(reviewed.map(({ place }) => place.group))].sort();
  return names.map((name) => ({ name, changes: reviewed.filter(({ place }) => place.group === name) }));
};

const OPENINGS: Readonly<Record<Review["level"], string>> = {
  danger: "Stop and read",
  attention: "Read before you merge",
  notice: "Routine",
  none: "Nothing changes",
};

/** What leads the verdict: kinds that are worth a word, in their order. */
const summed = (matters: readonly Matter[]): readonly string[] =>
  MATTER_KINDS.flatMap((kind) => {
    const count = matters.filter((one) => one.kind === kind && one.level !== "notice").length;
    return count === 0 ? [] : [`${count} ${count === 1 ? MATTERS[kind].one : MATTERS[kind].many}`];
  });

const levelOf = (matters: readonly Matter[], plan: Plan): Review["level"] => {
  const changes = plan.changes.some((one) => one.action !== "none" || hasMoved(one));
  return worstOf(matters) ?? (changes || plan.outputs.length > 0 ? "notice" : "none");
};

const VERBS: readonly (readonly [Action, string])[] = [
  ["create", "to create"],
  ["update", "to change"],
  ["replace", "to replace"],
  ["delete", "to destroy"],
  ["forget", "to forget"],
];

/** `3 to create, 1 to destroy` */
export const countsText = (counts: Review["counts"]): string =>
  VERBS.filter(([action]) => counts[action] > 0)
    .map(([action, words]) => `${counts[action]} ${words}`)
    .join(", ");

const stayText = (count: number): string =>
  count === 1 ? "1 resource stays as it is" : `${count} resources stay as they are`;

const verdictOf = (level: Review["level"], matters: readonly Matter[], counts: Review["counts"]): string => {
  if (level === "none") return `${OPENINGS.none}: ${stayText(counts.none)}.`;
  const words = summed(matters);
  const told = countsText(counts) || "no resource changes";
  return `${OPENINGS[level]}: ${words.length > 0 ? `${words.join(", ")}; ` : ""}${told}.`;
};

const readablePhrase = (text: Phrase, { paths }: Plan): Phrase =>
  text.map((part) => (typeof part === "string" ? part : quoted(readable(part.quoted, paths))));

/** Everything that a report of any form tells. */
export const review = (plan: Plan): Review => {
  const controls = controlsOf(plan);
  const found = [
    ...rights(plan),
    ...network(plan),
    ...protections(plan),
    ...controlsLost(controls),
    ...code(plan),
    ...destroyed(plan),
    ...whole(plan),
    ...secondDay(plan),
  ];
  const matters = inOrder([...found, ...unjudged(plan, found)]);
  const counts = countsOf(plan);
  const level = levelOf(matters, plan);
  return {
    verdict: verdictOf(level, matters, counts),
    level,
    counts,
    matters: matters.map((matter) => ({
      ...matter,
      place: placeOf(matter.address, plan.paths),
      text: readablePhrase(matter.text, plan),
    })),
    groups: groupsOf(plan),
    controls,
    cost: { before: estimate(readPriorState(plan.json)), after: estimate(readAfter(plan.json)) },
    outputs: plan.outputs,
    drifted: driftedIn(plan),
  };
};
