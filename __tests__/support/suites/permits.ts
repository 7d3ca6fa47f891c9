import fc from "fast-check";
import type { Permits } from "../../../functions/shared/permits";
import type { Around } from "../dynamodb";
import { permitsWorld, takeAll, total, type MakeClient } from "../permits-world";

const MINUTE = 60_000;
const PERMITS_A_MINUTE = 180;

/** What permits never do, on whatever holds the table. */
export const permitsSuite = (fresh: () => MakeClient | Promise<MakeClient>, numRuns: number): void => {
  const action = fc.record({
    pause: fc.nat(40_000),
    by: fc.constantFrom(0, 1),
    count: fc.integer({ min: 1, max: 250 }),
    unused: fc.nat(100),
  });
  /** The most that any minute saw. */
  const mostInAMinute = (used: readonly { at: number; count: number }[]): number =>
    Math.max(
      0,
      ...used.map(({ at }) =>
        total(
          used.filter((one) => one.at >= at && one.at < at + MINUTE).map((one) => ({ ...one, name: "" })),
        ),
      ),
    );

  it("never let more through in any minute than GitHub does", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 1, maxLength: 25 }), async (actions) => {
        const world = permitsWorld({ client: await fresh() });
        const instances = [world.instance(), world.instance()];
        const used: { at: number; count: number }[] = [];
        for (const { pause, by, count, unused } of actions) {
          world.time += pause;
          const { grants, next } = await instances[by]!.take(count);
          const granted = total(grants);
          const back = Math.min(unused, granted);
          if (back > 0) await instances[by]!.giveBack([{ name: "app", count: back }]);
          used.push({ at: world.time, count: granted - back });
          expect(granted === count).toBe(next === undefined);
          if (next !== undefined) expect(next).toBeGreaterThan(world.time);
        }

        expect(mostInAMinute(used)).toBeLessThanOrEqual(PERMITS_A_MINUTE);
      }),
      { numRuns },
    );
  });

  it("never do when their calls interleave, either", async () => {
    const counts = fc.array(fc.integer({ min: 1, max: 120 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.tuple(counts, counts), async (scheduler, takes) => {
        const world = permitsWorld({ client: await fresh() });
        const around: Around = async (call, run) => {
          await scheduler.schedule(Promise.resolve(), call);
          return run();
        };
        let granted = 0;
        const takeEach = async (permits: Permits, own: readonly number[]): Promise<void> => {
          for (const count of own) {
            const some = await takeAll(permits, count);
            granted += some;
          }
        };
        const all = takes.map((own) => takeEach(world.instance(around), own));
        await scheduler.waitFor(Promise.all(all));

        const asked = takes.flat().reduce((sum, count) => sum + count, 0);
        expect(granted).toBeLessThanOrEqual(PERMITS_A_MINUTE);
        expect(granted).toBe(Math.min(asked, PERMITS_A_MINUTE));
      }),
      { numRuns },
    );
  });
};
