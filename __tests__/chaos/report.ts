import type { Figures } from "./figures";

type Name = {
  [Key in keyof Figures]: Figures[Key] extends number ? Key : never;
}[keyof Figures];

interface Row {
  readonly name: Name;
  readonly meaning: string;
  /** What the figure may be at most. */
  readonly bound?: number;
}

/** What each figure means, and how far it may go. */
export const rows: readonly Row[] = [
  { name: "jobs", meaning: "jobs that were wanted" },
  { name: "lost", meaning: "not cancelled, and neither the job nor a re-run of it ran to its end", bound: 0 },
  {
    name: "doubledClaims",
    meaning:
      "a job started twice without a re-run, a registration taken twice, a launch that brought too many",
    bound: 0,
  },
  {
    name: "busyKilled",
    meaning: "TerminateInstances for a machine whose job was running at GitHub",
    bound: 0,
  },
  {
    name: "surplusShare",
    meaning: "of the jobs: machines that never had one, less those that the next three explain",
    bound: 0.01,
  },
  {
    name: "unusedMachines",
    meaning: "never had a job, were not interrupted, and did not fail after their launch",
  },
  {
    name: "unusedExplained",
    meaning: "jobs cancelled before they began, or taken by a runner of somebody else",
  },
  { name: "orphans", meaning: "machines that live 15 minutes after the last job", bound: 0 },
  {
    name: "outlived",
    meaning: "machines that lived a minute longer than their job, or 21 minutes without one",
    bound: 0,
  },
  { name: "longestUnused", meaning: "seconds: the longest life of a machine that never had a job" },
  { name: "placesLeft", meaning: "places under a cap that are held then", bound: 0 },
  { name: "recordsLeft", meaning: "runner records at GitHub then", bound: 0 },
  { name: "registrationsLeft", meaning: "registrations in the handoff table then", bound: 0 },
  { name: "jobsLeftWaiting", meaning: "jobs that the ledger then takes for waiting", bound: 0 },
  { name: "tasksLeft", meaning: "tasks that are open then, as one that is tried again after half an hour" },
  { name: "waitP50", meaning: "seconds from queued (behind a gate: for the second time) to the first start" },
  { name: "waitP95", meaning: "" },
  { name: "waitP99", meaning: "" },
  { name: "machines", meaning: "launched in all" },
  { name: "relaunches", meaning: "machines beyond one for each job" },
  { name: "cancelled", meaning: "jobs, before or while they ran" },
  { name: "takenElsewhere", meaning: "jobs that somebody else's runner took" },
  {
    name: "ghosts",
    meaning: "runners that lost the job that they were given, and their registration with it",
  },
  { name: "longestGhost", meaning: "seconds: the longest that such a machine listened in vain" },
  { name: "lateFailures", meaning: "machines that failed after their launch had succeeded" },
  { name: "deadAtBoot", meaning: "machines that were launched in a spell in which all such die at boot" },
  {
    name: "deathsAnHour",
    meaning: "of them: the most of one spell in any hour after its first deaths are known",
    bound: 60,
  },
  { name: "deafSpells", meaning: "spells with five deaths or more of which nobody was told", bound: 0 },
  {
    name: "falseBootAlarms",
    meaning: "alarms that machines die at boot, of a fleet whose machines are well",
    bound: 0,
  },
  {
    name: "servedAgain",
    meaning: "seconds from a spell's end until its fleet began with a job that had waited",
    bound: 900,
  },
  { name: "notices", meaning: "spot interruptions that were announced" },
  { name: "interruptedAtWork", meaning: "jobs that lost their machine" },
  { name: "reruns", meaning: "jobs that were queued anew" },
  { name: "needlessReruns", meaning: "of jobs that had not lost their machine", bound: 0 },
  {
    name: "rerunsOfCancelled",
    meaning: "of jobs that were cancelled when their machine was about to be taken",
  },
  {
    name: "rerunsOfCancelledRuns",
    meaning: "of jobs that a person, a concurrency group or a failed job of their matrix had cancelled",
    bound: 0,
  },
  {
    name: "rerunsNotTold",
    meaning:
      "needless, of jobs that failed or were cancelled as a machine was lost: no times tell them apart",
  },
  {
    name: "cancelledByLoss",
    meaning: "jobs that GitHub cancelled since one of their matrix lost its machine",
  },
  { name: "givenUp", meaning: "jobs that the ledger gave up, whatever became of them" },
  {
    name: "deadLetters",
    meaning: "messages in the dead-letter queue, beside the poison, that nothing has made up for",
    bound: 0,
  },
  { name: "deadMadeUpFor", meaning: "those whose job the ledger has as far on as they would have moved it" },
  {
    name: "poison",
    meaning: "messages in the dead-letter queue that nobody could read and that were meant to end there",
  },
  { name: "killedFunctions", meaning: "invocations that died between two calls" },
  { name: "timedOutFunctions", meaning: "invocations that ran out of time" },
  { name: "revocations", meaning: "times that GitHub revoked the installation token" },
  { name: "seconds", meaning: "of simulated time, from the first job to the end of the last" },
];

export const brokenBounds = (figures: Figures): string[] =>
  rows.flatMap(({ name, bound = Infinity }) =>
    figures[name] > bound ? [`seed ${figures.seed}: ${name} is ${figures[name]}, and may be ${bound}`] : [],
  );

/** More columns do not fit beside each other. */
const MOST_COLUMNS = 10;

interface Column {
  readonly title: string;
  /** Of one figure's values, one for each seed. */
  readonly of: (values: readonly number[]) => number;
}

const columnsOf = (all: readonly Figures[]): readonly Column[] =>
  all.length <= MOST_COLUMNS
    ? all.map(({ seed }, index) => ({ title: String(seed), of: (values) => values[index] ?? 0 }))
    : [
        { title: "least", of: (values) => Math.min(...values) },
        { title: "median", of: (values) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0 },
        { title: "most", of: (values) => Math.max(...values) },
      ];

/** One column a seed, or what many of them come to; and below it what varies in kind. */
export const tableOf = (all: readonly Figures[]): string => {
  const columns = columnsOf(all);
  const cells = (values: readonly unknown[]): string =>
    values.map((value) => String(value).padStart(9)).join("");
  const line = (name: string, values: readonly number[], meaning: string): string =>
    `${name.padEnd(20)}${cells(columns.map(({ of }) => of(values)))}  ${meaning}`;
  const shownBound = ({ bound, meaning }: Row): string =>
    bound === undefined ? meaning : `${meaning} (at most ${bound})`;
  const head = `${"seed".padEnd(20)}${cells(columns.map(({ title }) => title))}  `;
  const figures = rows.map((row) =>
    line(
      row.name,
      all.map((one) => one[row.name]),
      shownBound(row),
    ),
  );
  const kinds = (["alarms", "events", "faults", "timedOut", "callsPerJob", "unusedBecause"] as const).flatMap(
    (group) => [
      "",
      titles[group],
      ...[...new Set(all.flatMap((one) => Object.keys(one[group])))].sort().map((kind) => {
        const values = all.map((one) => one[group][kind] ?? 0);
        return `  ${kind.padEnd(48)}${cells(columns.map(({ of }) => of(values)))}`;
      }),
    ],
  );
  return [head, ...figures, ...kinds].join("\n");
};

const titles = {
  alarms: "alarms, by what they say",
  events: "events of jobs",
  faults: "calls that failed, by kind",
  timedOut: "invocations that ran out of time",
  callsPerJob: "calls per job, repetitions by the SDK included",
  unusedBecause: "ends of machines that never had a job",
} as const;
