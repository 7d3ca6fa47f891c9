import fc from "fast-check";
import { runnerName } from "../../../functions/shared/contract";
import { ITEMS_A_TRANSACTION } from "../../../functions/shared/dynamo";
import { reconcile } from "../../../functions/shared/reconcile";
import type { Around } from "../../support/dynamodb";
import { event, FLEET, fleetSettings, FleetWorld, INSTALLATION, START } from "../../support/fleet-world";
import { MINUTE, queued, worldWith } from "../../support/reconcile-world";

describe("reconcile", () => {
  it("launches a machine for each job that waits, in one call, and hands each its registration", async () => {
    const { world, parts, run } = await worldWith(3);

    await run();

    expect(world.machineStates()).toEqual({ starting: 3 });
    expect(world.registrations()).toHaveLength(3);
    expect(world.cloud.launches).toMatchObject([{ market: "spot", count: 3 }]);
    expect((await parts.ledger.read(FLEET)).lease).toMatchObject({ launches: [] });
    expect((await parts.ledger.read(FLEET)).lease.holder).toBeUndefined();
  });

  it("launches nothing for what is there already", async () => {
    const { world, run } = await worldWith(2);

    await run();
    await run();

    expect(world.cloud.launches).toHaveLength(1);
  });

  it("launches the difference when another took the machine of a job that waits", async () => {
    const { world, parts, run } = await worldWith(1);
    await run();
    const [id] = world.cloud.machines.keys();

    await parts.ledger.record([
      event("in_progress", 99, 9, { runnerName: runnerName(INSTALLATION, FLEET, id ?? "") }),
    ]);
    await run();

    expect(world.machineStates()).toEqual({ busy: 1, starting: 1 });
  });

  it("lets jobs over the cap wait, and launches for them as places come free", async () => {
    const { world, parts, run } = await worldWith(5);
    const settings = fleetSettings({ maximumMachines: 3 });

    await run(settings);
    expect(world.machineStates()).toEqual({ starting: 3 });
    const [id] = world.cloud.machines.keys();
    await parts.ledger.record([
      event("completed", 1, 9, { runnerName: runnerName(INSTALLATION, FLEET, id ?? "") }),
    ]);
    await run(settings);

    expect(world.machineStates()).toEqual({ ending: 1, starting: 3 });
  });

  it("gives no machine to a job that has waited for a day: GitHub has failed it", async () => {
    const { world, run } = await worldWith(1);

    world.time += 24 * 60 * MINUTE + MINUTE;
    await run();

    expect(world.cloud.launches).toEqual([]);
  });

  it("goes on-demand for what spot cannot give, to the machine", async () => {
    const { world, run } = await worldWith(5);
    world.cloud.capacity.set("spot", { count: 2, code: "InsufficientInstanceCapacity" });

    await run();

    expect(world.cloud.launches).toMatchObject([
      { market: "spot", count: 5 },
      { market: "on-demand", count: 3 },
    ]);
    expect(world.machineStates()).toEqual({ starting: 5 });
  });

  it("tries no other market after a throttle, and the jobs wait on", async () => {
    const { world, parts, run } = await worldWith(5);
    world.cloud.capacity.set("spot", { count: 2, code: "RequestLimitExceeded" });

    await run();

    expect(world.cloud.launches).toHaveLength(1);
    expect((await parts.ledger.read(FLEET)).waiting).toHaveLength(5);
    world.cloud.capacity.clear();
    world.time += 5000;
    await run();
    expect(world.machineStates()).toEqual({ starting: 5 });
  });

  it("launches more than one call's worth side by side, all written down before the first, in several rounds", async () => {
    const { world, parts, run } = await worldWith(430, { rate: { permits: 500, windowMs: MINUTE } });
    const written: number[][] = [];
    let underWay = 0;
    let most = 0;
    const launching = world.parts(async (call, go) => {
      if (call !== "CreateFleet") return go();
      most = Math.max(most, ++underWay);
      const { launches } = (await parts.ledger.read(FLEET)).lease;
      written.push(launches.map(({ count }) => count));
      underWay--;
      return go();
    });

    await reconcile(launching, FLEET, fleetSettings({ maximumMachines: 500 }), world.time + MINUTE);

    expect(written).toEqual([...Array<number[]>(4).fill([100, 100, 100, 100]), [30]]);
    expect(most).toBe(4);
    expect(world.cloud.launches).toHaveLength(5);
    expect(world.machineStates()).toEqual({ starting: 430 });
    expect(ITEMS_A_TRANSACTION).toBe(100);
    await run(fleetSettings({ maximumMachines: 500 }));
    expect(world.cloud.machines.size).toBe(430);
  });

  it("goes round again for a job that came while it held the lease", async () => {
    const world = new FleetWorld();
    const other = world.parts();
    let told = false;
    const around: Around = async (call, run) => {
      const answer = await Promise.resolve().then(run);
      if (call === "CreateFleet" && !told) {
        told = true;
        await other.ledger.record(queued(1, 50));
        await reconcile(other, FLEET, fleetSettings(), world.time + 60_000);
      }
      return answer;
    };
    const parts = world.parts(around);
    await parts.ledger.record(queued(1));

    await reconcile(parts, FLEET, fleetSettings(), world.time + 60_000);

    expect(world.cloud.launches).toMatchObject([{ count: 1 }, { count: 1 }]);
    expect(world.machineStates()).toEqual({ starting: 2 });
  });

  it("counts machines that the last holder recorded, when a read does not show them yet", async () => {
    const { world, parts, run } = await worldWith(2);
    await run();
    const half = world.parts((call, run_) =>
      Promise.resolve()
        .then(run_)
        .then((answer) => {
          if (call !== "Query") return answer;
          const { Items } = answer as { Items: { item: string }[] };
          return { Items: Items.filter(({ item }) => !item.startsWith("machine#")) };
        }),
    );

    await reconcile(half, FLEET, fleetSettings(), world.time + 60_000);

    expect(world.cloud.launches).toHaveLength(1);
    expect((await parts.ledger.read(FLEET)).machines).toHaveLength(2);
  });
});

describe("reconcile, by several functions at once", () => {
  it("sees to every job without a sweep, however their calls interleave", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 2, maxLength: 4 }),
        async (scheduler, batches) => {
          const world = new FleetWorld();
          const failures: unknown[] = [];
          let from = 1;
          for (const jobs of batches) {
            const parts = world.parts(async (call, run) => {
              await scheduler.schedule(Promise.resolve(), call);
              return run();
            });
            const messages = queued(jobs, from);
            from += jobs;
            void parts.ledger
              .record(messages)
              .then(() => reconcile(parts, FLEET, fleetSettings(), START + MINUTE))
              .catch((error) => failures.push(error));
          }
          await scheduler.waitIdle();
          expect(failures).toEqual([]);

          expect(world.machineStates()).toEqual({ starting: from - 1 });
          expect(world.cloud.machines.size).toBe(from - 1);
          expect((await world.parts().ledger.read(FLEET)).lease.holder).toBeUndefined();
        },
      ),
      { numRuns: 60 },
    );
  });
});
