import { MATTER_KINDS, MATTERS } from "../matters";
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
  if (all.length === 0) return "";
  const lines = all.slice(0, MOST_OF_A_KIND).map(line);
  const more = all.length - lines.length;
  return [`**${MATTERS[kind].title}**\n`, ...lines, ...(more > 0 ? [`- and ${more} more`] : [])].join("\n");
};

/** What the reviewer should look at, by kind. A kind with nothing but notices comes after the others. */
export const matterSections = ({ matters }: Review): readonly Section[] => {
  const isQuiet = (kind: MatterKind): boolean =>
    matters.every((one) => one.kind !== kind || one.level === "notice");
  const kinds = [
    ...MATTER_KINDS.filter((kind) => !isQuiet(kind)),
    ...MATTER_KINDS.filter((kind) => isQuiet(kind)),
  ];
  return kinds
    .map((kind) => ofKind(matters, kind))
    .filter((text) => text !== "")
    .map((full) => ({ full, short: full }));
};
