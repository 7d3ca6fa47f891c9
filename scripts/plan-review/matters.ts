import type { Phrase } from "./phrase";

/** How much of the reviewer's attention something asks for. */
export type Level = "danger" | "attention" | "notice";

interface Kind {
  /** Above what belongs to it. */
  readonly title: string;
  /** In the verdict: `3 rights widened`. */
  readonly one: string;
  readonly many: string;
}

/** What a review points at, in the order in which it matters. The names are those of `--fail-on`. */
export const MATTERS = {
  "moved-away": { title: "The installation moves", one: "move of the installation", many: "moves" },
  "iam-widened": { title: "IAM widened", one: "right widened", many: "rights widened" },
  "egress-opened": { title: "Egress opened", one: "way out opened", many: "ways out opened" },
  "ingress-opened": { title: "Ingress opened", one: "way in opened", many: "ways in opened" },
  "public-access": { title: "Open to the public", one: "door to the public", many: "doors to the public" },
  "allow-list-lost": { title: "Allow-lists lost", one: "allow-list lost", many: "allow-lists lost" },
  "command-run": { title: "Commands that the apply runs", one: "command run", many: "commands run" },
  "control-lost": { title: "Controls lost", one: "control lost", many: "controls lost" },
  "code-changed": { title: "Code changed", one: "code change", many: "code changes" },
  "data-destroyed": { title: "Data destroyed", one: "store destroyed", many: "stores destroyed" },
  "key-lost": { title: "Read by nobody", one: "key lost to its readers", many: "keys lost to their readers" },
  "hook-left": {
    title: "Left behind at GitHub",
    one: "resource left at GitHub",
    many: "resources left at GitHub",
  },
  "ground-taken": {
    title: "Machines lose their network",
    one: "network taken from machines",
    many: "networks taken from machines",
  },
  "jobs-stranded": {
    title: "Jobs that wait",
    one: "fleet that jobs may wait for",
    many: "fleets that jobs may wait for",
  },
  "events-gap": { title: "A gap without events", one: "gap without events", many: "gaps without events" },
  "protection-lost": { title: "Protection lost", one: "protection lost", many: "protections lost" },
  destroyed: { title: "Destroyed", one: "resource destroyed", many: "resources destroyed" },
  forgotten: { title: "Left to itself", one: "resource forgotten", many: "resources forgotten" },
  incomplete: { title: "Not all of the plan is here", one: "part missing", many: "parts missing" },
  replaced: { title: "Replaced", one: "resource replaced", many: "resources replaced" },
  "shared-zone": { title: "Two subnets in one zone", one: "zone shared", many: "zones shared" },
  imported: { title: "Imported", one: "resource imported", many: "resources imported" },
  unjudged: { title: "Judged by no rule", one: "change not judged", many: "changes not judged" },
  "iam-new": { title: "IAM, new", one: "new right", many: "new rights" },
  "not-visible": { title: "Not visible in this plan", one: "thing not visible", many: "things not visible" },
} as const satisfies Readonly<Record<string, Kind>>;

export type MatterKind = keyof typeof MATTERS;

export const MATTER_KINDS = Object.keys(MATTERS) as readonly MatterKind[];

export interface Matter {
  readonly kind: MatterKind;
  readonly level: Level;
  /** Of the resource; empty where the stack as a whole is meant. */
  readonly address: string;
  readonly text: Phrase;
}

export const LEVELS: readonly Level[] = ["danger", "attention", "notice"];

const rank = ({ kind, level }: Matter): number =>
  LEVELS.indexOf(level) * MATTER_KINDS.length + MATTER_KINDS.indexOf(kind);

/** What is dangerous first, then in the order of the table; the same plan always gives the same order. */
export const inOrder = (matters: readonly Matter[]): readonly Matter[] =>
  matters
    .map((matter, index) => ({ matter, index }))
    .sort((one, other) => rank(one.matter) - rank(other.matter) || one.index - other.index)
    .map(({ matter }) => matter);

export const worstOf = (matters: readonly Matter[]): Level | undefined =>
  LEVELS.find((level) => matters.some((one) => one.level === level));
