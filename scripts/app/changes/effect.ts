/** What a change of a key asks of whoever applies it, from the least to the most: each with its meaning, for the page. */
export const EFFECTS = {
  nothing: "Neither a job nor a machine meets it.",
  "in place":
    "The functions know the new value some seconds after the apply. Jobs that wait and machines that run go on.",
  "new machines only":
    "The next launch uses the new value. Machines that run keep the old one, and end with their job.",
  "a gap":
    "For some seconds no event of GitHub is taken. The text says what becomes of the jobs of that time.",
  "two steps": "One apply is not enough, or something has to be done before it. The text says what.",
  "empty the fleets first":
    "The ground of machines that run is taken away. Wait until none runs, then apply.",
  "destroy first":
    "Terraform would leave the old installation standing, and know it no more. Destroy it with the old value, then apply the new one.",
} as const;

export type Effect = keyof typeof EFFECTS;

/** Headings of docs/changing.md with the steps of a change. */
export const STEPS = {
  empty: "Empty the fleets first",
  key: "Another KMS key",
  github: "Another webhook, App or credential",
  move: "Another region, account, organization or prefix",
} as const;

export type Steps = keyof typeof STEPS;

export interface Change {
  readonly effect: Effect;
  /** One to three short sentences. */
  readonly what: string;
  /** The part of docs/changing.md that has the steps. */
  readonly steps?: Steps;
}

export type Changes = Readonly<Record<string, Change>>;
