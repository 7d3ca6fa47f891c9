import { LEVELS, MATTER_KINDS, MATTERS, worstOf } from "../matters";
import { code, sentence } from "./escape";
import type { Level, MatterKind } from "../matters";
import type { PlacedMatter, Review } from "../review";
import type { Section } from "./fit";

/** More of one kind are counted only. */
const MOST_OF_A_KIND = 25;

const MARKS: Readonly<Record<Level, string>> = { danger: "🔴", attention: "🟡", notice: "⚪" };

const pathOf = ({ place, address }: PlacedMatter): string =>
  address === "" ? "" : `${code([place.group, place.name].filter((one) => one !== "").join("/"))} `;

const line = (matter: PlacedMatter): string =>
  `- ${MARKS[matter.level]} ${pathOf(matter)}${sentence(matter.text)}`;

const ofKind = (matters: readonly PlacedMatter[], kind: MatterKind): string => {
  const all = matters.filter((one) => one.kind === kind);
  const lines = all.slice(0, MOST_OF_A_KIND).map(line);
  const more = all.length - lines.length;
  return [`**${MATTERS[kind].title}**\n`, ...lines, ...(more > 0 ? [`- and ${more} more`] : [])].join("\n");
};

/** The most dangerous kinds first, then in the order of the table. */
const kindsInOrder = (matters: readonly PlacedMatter[]): readonly MatterKind[] =>
  LEVELS.flatMap((level) =>
    MATTER_KINDS.filter((kind) => worstOf(matters.filter((one) => one.kind === kind)) === level),
  );

/** What the reviewer should look at, by kind. */
export const matterSections = ({ matters }: Review): readonly Section[] =>
  kindsInOrder(matters).map((kind) => {
    const text = ofKind(matters, kind);
    return { full: text, short: text };
  });
