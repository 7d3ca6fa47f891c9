import { calmRulesFor } from "./rules";
import { simulate } from "./simulate";
import { PLAIN, REPOSITORIES, type WantedJob } from "./workload";
import type { World } from "./world";

const MINUTE = 60_000;
/** What a person can be asked to wait for a job whose runner was lost. */
const LONGEST_WAIT_S = 7 * 60;

const jobAt = (name: string, at: number): WantedJob => ({
  name,
  at,
  repository: REPOSITORIES[0],
  labels: PLAIN,
  duration: MINUTE,
  fails: false,
  stranger: false,
});

/** Between two sweeps, so that the loss falls early and late. */
const SECONDS = [0, 30, 60, 90] as const;

/** One runner is given a job and loses it. Seconds for which each job waits that was not cancelled. */
const waitsAfterLoss = (second: number, happens: (world: World) => void): Promise<number[]> => {
  const calm = calmRulesFor(3);
  const actionsRules = { ...calm.actions, ghosts: 1 };
  const rules = { ...calm, actions: actionsRules };
  return simulate({ seed: 3, rules }, async (world, from) => {
    const { actions, clock, ec2 } = world;
    world.actions.begin([jobAt("first", second * 1000)]);
    await clock.runUntil(() =>
      [...ec2.instances.values()].some(({ ghostSince }) => ghostSince !== undefined),
    );
    actionsRules.ghosts = 0;
    happens(world);
    await clock.runUntil(() => clock.now > from + 30 * MINUTE);
    return [...actions.fates.values()]
      .filter(({ cancelledAt }) => cancelledAt === undefined)
      .map(({ queuedAt = 0, startedAt = Infinity }) => Math.round((startedAt - queuedAt) / 1000));
  });
};

describe("a runner that loses the job that it was given", () => {
  it.each(SECONDS)(
    "costs that job minutes, when GitHub offers it to another (at second %i)",
    async (second) => {
      const [wait] = await waitsAfterLoss(second, () => undefined);

      expect(wait).toBeLessThan(LONGEST_WAIT_S);
    },
  );

  it.each(SECONDS)(
    "costs the next job minutes, when the lost one was cancelled (at second %i)",
    async (second) => {
      const [wait] = await waitsAfterLoss(second, ({ actions, clock, github }) => {
        const [job] = [...github.state.actions.jobs.values()];
        const fate = actions.fates.get("first");
        if (!job || !fate) throw new Error("there is no job");
        fate.cancelledAt = clock.now;
        github.state.actions.cancel(job);
        actions.begin([jobAt("next", 5000)]);
      });

      expect(wait).toBeLessThan(LONGEST_WAIT_S);
    },
  );
});
