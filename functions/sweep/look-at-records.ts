import { GithubError } from "../shared/github";
import { listRunners, runnerList, RUNNERS_A_PAGE, type RunnerPage } from "../shared/runner-records";
import { asksOf, ask } from "./ask";
import { attempt, eachInOrder, type Part } from "./attempt";
import type { Scene } from "./look";
import { inTurn } from "./notes";
import { within, type Sweep } from "./parts";
import { Records } from "./records";
import { haveTurn, missTurn } from "./turns";

/** As much of the sweep's time as the look at GitHub may take: the rest is for what follows from it. */
const LOOK_MS = 12_000;

const PART: Part = { part: "list runners" };

/** Fleets whose runners stand in one list. */
interface List {
  /** As `listRunners` has it. */
  readonly group: string | undefined;
  readonly scenes: readonly Scene[];
}

/**
 * What GitHub says of our runners. The list is read whole when that takes no more calls than to ask for each machine
 * of which it matters now. Where it is longer, since others stand in it, each such machine is asked for, and one page is
 * read in each sweep: so records of ours that nobody knows are found there, too, and what others have costs one call.
 */
export const lookAtRecords = async (sweep: Sweep, scenes: readonly Scene[]): Promise<Records> => {
  const { parts, settings } = sweep;
  const records = new Records(parts.installation);
  if (!sweep.hasTime()) missTurn(sweep, PART);
  else {
    const limited = within(sweep, LOOK_MS);
    const isAtRest =
      settings.fleets.every((fleet) => scenes.some((scene) => scene.fleet === fleet)) &&
      scenes.every(isEmpty);
    const lists = listsOf(sweep, scenes);
    await Promise.all(lists.map((list) => look(limited, list, records, isAtRest)));
    // Of a group that no fleet uses any more, and that may be gone.
    const unlisted = scenes.filter((scene) => !lists.some((list) => list.scenes.includes(scene)));
    await ask(
      limited,
      unlisted.flatMap((scene) => asksOf(sweep, scene, records)),
      records,
    );
  }
  return records;
};

const listsOf = ({ settings }: Sweep, scenes: readonly Scene[]): List[] => {
  const lists = new Map<string | undefined, Scene[]>();
  const ordered = [...scenes.filter(({ former }) => !former), ...scenes.filter(({ former }) => former)];
  for (const scene of ordered) {
    const group = runnerList(settings.github, scene.settings);
    if (scene.former && !lists.has(group)) continue;
    lists.set(group, [...(lists.get(group) ?? []), scene]);
  }
  return [...lists].map(([group, of]) => ({ group, scenes: of }));
};

/** Nothing of the fleet is anywhere. */
const isEmpty = ({ there, view: { machines, unseen, lease } }: Scene): boolean =>
  there?.size === 0 && machines.length === 0 && unseen.length === 0 && lease.launches.length === 0;

const look = async (sweep: Sweep, list: List, records: Records, isAtRest: boolean): Promise<void> => {
  const { access, notes } = sweep.parts;
  const { group } = list;
  const rest = restOf(sweep, list);
  if (isAtRest && rest.isOver()) return haveTurn(sweep, PART);
  const name = `page/${group ?? ""}`;
  const once = (page: number): Promise<RunnerPage> =>
    access.call((octokit) => listRunners(octokit, sweep.settings.github, { group, page }));
  // Much depends on it: one answer that is lost would make the whole sweep blind.
  const read = (page: number): Promise<RunnerPage> =>
    once(page).catch((error: unknown) => {
      if (error instanceof GithubError && error.unclear && sweep.hasTime()) return once(page);
      throw error;
    });
  let page = Math.max(notes.get(name), 1);
  let first = await attempt(sweep, PART, () => read(page));
  // The list has become shorter.
  if (first && page > pagesOf(first)) first = await attempt(sweep, PART, () => read((page = 1)));
  if (!first) return missTurn(sweep, PART);
  haveTurn(sweep, PART);

  const pages = pagesOf(first);
  let ours = records.add(first.runners);
  let seen = 1;
  const numbers = Array.from({ length: pages }, (_, index) => index + 1);
  const others = inTurn(numbers, page).filter((one) => one !== page);
  const asks = list.scenes.flatMap((scene) => asksOf(sweep, scene, records));
  if (others.length <= asks.length) {
    const { results: done } = await eachInOrder(sweep, PART, others, async (one) => {
      ours += records.add((await read(one)).runners);
      return one;
    });
    seen += done.length;
    const next = others.find((one) => !done.includes(one));
    if (next === undefined) records.isAllOf(list.scenes.map(({ fleet }) => fleet));
    notes.set(name, next ?? 0);
  } else {
    notes.set(name, pages === 1 ? 0 : (page % pages) + 1);
    await ask(sweep, asks, records);
  }
  rest.saw({ pages, seen: isAtRest && ours === 0 ? seen : 0 });
};

const pagesOf = ({ total }: RunnerPage): number => Math.max(Math.ceil(total / RUNNERS_A_PAGE), 1);

/**
 * While there is no machine, all that a list can show is a record of ours that somebody forgot. Once all of its pages
 * have been seen without one, nothing is asked until something is launched: each launch moves the lease on.
 */
const restOf = ({ parts: { notes } }: Sweep, { group, scenes }: List) => {
  const turns = scenes.reduce((sum, { view }) => sum + view.lease.turn, 0);
  const over = `over/${group ?? ""}`;
  const clean = `clean/${group ?? ""}`;
  return {
    isOver: (): boolean => notes.get(over) === turns,
    saw: ({ pages, seen }: { readonly pages: number; readonly seen: number }): void => {
      const sum = seen === 0 ? 0 : notes.get(clean) + seen;
      if (sum >= pages) notes.set(over, turns);
      notes.set(clean, sum >= pages ? 0 : sum);
    },
  };
};
