import { isOver } from "./fate";
import { figuresOf, type Figures } from "./figures";
import { natures, type Nature } from "./rules";
import { simulate, type SimulationOptions } from "./simulate";
import { lotOf, makeRuns } from "./workload";

export interface ChaosOptions extends Omit<SimulationOptions, "rules"> {
  readonly jobs: number;
  /** Default: `faulty`. */
  readonly nature?: Nature;
}

const MINUTE = 60_000;
/** After the last job, nothing has a reason to be there any more. */
const AFTERWARDS_MS = 15 * MINUTE;
/** A job that has not run by then never will. */
const PATIENCE_MS = 4 * 60 * MINUTE;

/** Runs the functions in a world that goes wrong, from the first job until long after the last. */
export const runChaos = ({ seed, jobs, nature = "faulty", tell }: ChaosOptions): Promise<Figures> => {
  const rules = natures[nature](jobs);
  return simulate({ seed, tell, rules }, async (world, from) => {
    const lots = world.random.of("lots");
    for (const run of makeRuns(world.random.of("workload"), jobs, rules.workload)) {
      world.actions.begin(run, lotOf(lots, run, rules.workload));
    }
    const wanted = [...world.actions.fates.values()].filter((fate) => !fate.wanted.stranger);
    const last = from + rules.workload.span + PATIENCE_MS;
    await world.clock.runUntil(() => world.clock.now > last || wanted.every(isOver));
    const doneAt = world.clock.now;
    await world.clock.runUntil(() => world.clock.now > doneAt + AFTERWARDS_MS);
    return figuresOf(world, seed, from, doneAt);
  });
};
