import type { Spell } from "./boot-trouble";
import type { Fate } from "./fate";
import type { Instance } from "./instance";
import type { World } from "./world";

export interface TroubleFigures {
  readonly deadAtBoot: number;
  readonly deathsAnHour: number;
  readonly deafSpells: number;
  readonly falseBootAlarms: number;
  readonly servedAgain: number;
}

const HOUR_MS = 60 * 60_000;

/** So long before a spell's end its deaths must have been told; and so many of them are more than a sweep can miss. */
const TOLD_WITHIN_MS = 15 * 60_000;
const DEATHS_TO_TELL = 5;

export const troubleFiguresOf = ({ trouble, ec2 }: World, fates: readonly Fate[]): TroubleFigures => {
  const machines = [...ec2.instances.values()];
  const dead = machines.filter(({ spell }) => spell !== undefined);
  const ofSpell = (spell: Spell): Instance[] => dead.filter((machine) => machine.spell === spell);
  return {
    deadAtBoot: dead.length,
    deathsAnHour: Math.max(0, ...trouble.spells.map((spell) => mostInAnHour(spell, ofSpell(spell)))),
    deafSpells: trouble.spells.filter((spell) => spell.toldAt.length === 0 && isLoud(spell, ofSpell(spell)))
      .length,
    falseBootAlarms: trouble.falseAlarms,
    servedAgain: Math.max(0, ...trouble.spells.map((spell) => servedAgain(spell, fates, ec2.instances))),
  };
};

/** Machines of the spell, after the first deaths are known: the first wave is as large as the jobs that waited. */
const mostInAnHour = ({ knownAt = Infinity }: Spell, machines: readonly Instance[]): number => {
  const times = machines.map(({ launchedAt }) => launchedAt).filter((at) => at >= knownAt);
  return Math.max(0, ...times.map((from) => times.filter((at) => at >= from && at < from + HOUR_MS).length));
};

const isLoud = ({ to }: Spell, machines: readonly Instance[]): boolean =>
  machines.filter(({ endedAt = Infinity }) => endedAt < to - TOLD_WITHIN_MS).length >= DEATHS_TO_TELL;

/** Seconds from the spell's end until a machine of the fleet began with a job that had waited for it. */
const servedAgain = (
  { fleet, market, to }: Spell,
  fates: readonly Fate[],
  instances: ReadonlyMap<string, Instance>,
): number => {
  if (market) return 0;
  const starts = fates.flatMap(({ queuedAt = Infinity, startedAt = 0, machines: [first = ""] }) =>
    queuedAt < to && startedAt > to && instances.get(first)?.launched.fleet === fleet ? [startedAt] : [],
  );
  return starts.length > 0 ? Math.round((Math.min(...starts) - to) / 1000) : 0;
};
