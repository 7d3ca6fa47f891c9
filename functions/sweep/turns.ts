import { ringAlarm } from "../shared/alarm";
import { attempt, type Part } from "./attempt";
import { inTurn } from "./notes";
import type { Sweep } from "./parts";

/** For so long a part of the sweep may go without a turn before somebody is told. */
const PATIENCE_MS = 15 * 60_000;

/** A part of the sweep, by its name in the log. */
export type Step<Subject> = readonly [name: string, run: (sweep: Sweep, subject: Subject) => Promise<void>];

/**
 * Runs steps one after the other, for as long as there is time. The next sweep begins with the first that had no turn, or
 * with the one after that which met GitHub's limit, since the limit holds for what follows: so neither who takes all the
 * time nor who makes all the calls is in the way of the others for longer than a sweep.
 */
export const takeTurns = async <Subject>(
  sweep: Sweep,
  of: Pick<Part, "fleet">,
  steps: readonly Step<Subject>[],
  subject: Subject,
): Promise<void> => {
  const { notes } = sweep.parts;
  const place = `steps/${of.fleet ?? ""}`;
  const first = notes.get(place) % steps.length;
  let next: number | undefined;
  for (const [index, [part, run]] of inTurn(steps, first).entries()) {
    if (!sweep.hasTime()) {
      missTurn(sweep, { ...of, part });
      next ??= index;
      continue;
    }
    const one: Sweep = { ...sweep, limits: { met: 0 } };
    await attempt(one, { ...of, part }, () => run(one, subject));
    haveTurn(sweep, { ...of, part });
    if (one.limits.met > 0) {
      sweep.limits.met++;
      next ??= index + 1;
    }
  }
  notes.set(place, next === undefined ? 0 : (first + next) % steps.length);
};

const nameOf = ({ part, fleet = "" }: Part): string => `missed/${part}/${fleet}`;

export const haveTurn = ({ parts }: Sweep, part: Part): void => parts.notes.set(nameOf(part), 0);

/** Tells of a part that has had no turn for too long, in every sweep until it has one. */
export const missTurn = ({ parts }: Sweep, part: Part): void => {
  const { installation, notes, now } = parts;
  const since = notes.get(nameOf(part)) || now();
  notes.set(nameOf(part), since);
  if (now() - since <= PATIENCE_MS) return;
  ringAlarm(installation, "sweep has no time", {
    ...part,
    since: new Date(since).toISOString(),
    remedy: "See in this log what took the time, or which limit of GitHub was met.",
  });
};
