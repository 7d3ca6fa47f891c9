import { kindOf } from "../../summary";
import { listed } from "../phrase";
import { textDiff } from "../text-diff";
import { code, fenced, html, sentence } from "./escape";
import type { Difference } from "../differences";
import type { Action } from "../plan";
import type { Group, Review, ReviewedChange } from "../review";
import type { Section } from "./fit";

/** Of a text that is longer the beginning is shown. */
const MOST_DIFF_LINES = 120;

const VERBS: Readonly<Record<Action, string>> = {
  create: "created",
  update: "changed",
  replace: "replaced",
  delete: "destroyed",
  forget: "forgotten",
  none: "moved",
};

const ORDER: readonly Action[] = ["delete", "replace", "forget", "update", "create", "none"];

const diffBlock = (before: string, after: string): string => {
  const lines = textDiff(before, after) ?? ["the two texts have too little in common to be compared"];
  const shown = lines.slice(0, MOST_DIFF_LINES);
  const more = lines.length - shown.length;
  return fenced([...shown, ...(more > 0 ? [`… ${more} more lines`] : [])], "diff");
};

const indented = (text: string): string => text.replace(/^(?=.)/gm, "  ");

const differenceText = (one: Difference): string => {
  switch (one.form) {
    case "value":
      return `  - ${code(one.path)}: ${code(one.before)} → ${code(one.after)}`;
    case "later": {
      const from = one.from.length === 0 ? "" : `, from ${sentence(listed(one.from, 3))}`;
      return `  - ${code(one.path)}: known after the apply${from}`;
    }
    case "text":
      return `  - ${code(one.path)}:\n\n${indented(indented(diffBlock(one.before, one.after)))}`;
  }
};

const changeText = ({ change, place, differences }: ReviewedChange): string => {
  const { action, type, replacedBy, movedFrom } = change;
  const because =
    action === "replace" && replacedBy.length > 0 ? `, because of ${sentence(listed(replacedBy))}` : "";
  const moved = movedFrom === undefined ? "" : `, moved from ${code(movedFrom)}`;
  return [
    `- **${VERBS[action]}** ${code(place.name)} (${code(kindOf(type))})${because}${moved}`,
    ...differences.shown.map(differenceText),
  ].join("\n");
};

/** `2 changed, 1 created` */
const tally = (changes: readonly ReviewedChange[]): string =>
  ORDER.flatMap((action) => {
    const count = changes.filter((one) => one.change.action === action).length;
    return count === 0 ? [] : [`${count} ${VERBS[action]}`];
  }).join(", ");

const summary = ({ name, changes }: Group): string =>
  `<code>${html(name === "" ? "(the stack itself)" : name)}</code>: ${tally(changes)}`;

const inActionOrder = (changes: readonly ReviewedChange[]): readonly ReviewedChange[] =>
  ORDER.flatMap((action) => changes.filter((one) => one.change.action === action));

const section = (group: Group): Section => {
  const head = `<details><summary>${summary(group)}</summary>`;
  const changes = inActionOrder(group.changes).map(changeText);
  return {
    full: [head, "", changes.join("\n"), "", "</details>"].join("\n"),
    short: `- ${summary(group)}`,
  };
};

/** What only follows from the rest, in one folded line a resource. */
const noiseSection = (groups: readonly Group[]): readonly Section[] => {
  const noisy = groups
    .flatMap(({ changes }) => changes)
    .filter(({ differences }) => differences.noise.length > 0);
  if (noisy.length === 0) return [];
  const lines = noisy.map(
    ({ place, differences }) => `- ${code(place.name)}: ${sentence(listed(differences.noise, 12))}`,
  );
  const head = `<details><summary>Noise: attributes that only follow, of ${noisy.length} resources</summary>`;
  return [{ full: [head, "", ...lines, "", "</details>"].join("\n"), short: "" }];
};

export const changeSections = ({ groups }: Review): readonly Section[] =>
  groups.length === 0
    ? []
    : [
        { full: "### Changes, by construct", short: "### Changes, by construct" },
        ...groups.map(section),
        ...noiseSection(groups),
      ];
