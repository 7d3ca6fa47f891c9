import fc from "fast-check";
import { runnerName } from "../../../functions/shared/contract";
import { ITEMS_A_TRANSACTION } from "../../../functions/shared/dynamo";
import { reconcile } from "../../../functions/shared/reconcile";
import { event, FLEET, fleetSettings, FleetWorld, INSTALLATION, START } from "../../support/fleet-world";
import type { Around } from "../../support/dynamodb";

const queued = (count: number, from = 1) =>
  Array.from({ length: count }, (_, i) => event("queued", from + i, from + i));
const MINUTE = 60_000;

const worldWith = async (jobs: number) => {
  const world = new FleetWorld();
  const parts = world.parts();
  if (jobs > 0) await parts.ledger.record(queued(jobs));
  const run = (settings = fleetSettings()) => reconcile(parts, FLEET, settings, world.time + 60_000);
  return { world, parts, run };
};

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
    await run();
    expect(world.machineStates()).toEqual({ starting: 5 });
  });

  it("ends a machine that gets no registration, and does not launch another in the same breath", async () => {
    const { world, parts, run } = await worldWith(2);
    world.refusesRegistrations = true;

    await run();

    expect(world.cloud.ended).toHaveLength(2);
    expect(world.cloud.launches).toHaveLength(1);
    expect(world.machineStates()).toEqual({});
    expect((await parts.ledger.read(FLEET)).waiting).toHaveLength(2);
    world.refusesRegistrations = false;
    await run();
    expect(world.machineStates()).toEqual({ starting: 2 });
  });

  it("does not try again and again what GitHub refuses, whoever leaves marks meanwhile", async () => {
    const { world, parts } = await worldWith(1);
    world.refusesRegistrations = true;
    let marks = 0;
    const marked = world.parts(async (call, run) => {
      if (call === "TerminateInstances" && marks++ < 3) await parts.ledger.mark(FLEET);
      return run();
    });

    await reconcile(marked, FLEET, fleetSettings(), world.time + MINUTE);

    expect(world.cloud.launches).toHaveLength(1);
    expect((await parts.ledger.read(FLEET)).lease.holder).toBeUndefined();
  });

  it("launches more than one call's worth in several rounds", async () => {
    const { world, run } = await worldWith(0);
    const parts = world.parts();
    for (let from = 1; from <= 230; from += 50) {
      await parts.ledger.record(queued(Math.min(50, 231 - from), from));
    }

    await run(fleetSettings({ maximumMachines: 500 }));

    expect(world.cloud.launches.map(({ count }) => count)).toEqual([100, 100, 30]);
    expect(world.machineStates()).toEqual({ starting: 230 });
    expect(ITEMS_A_TRANSACTION).toBe(100);
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
      { numRuns: 200 },
    );
  });
});

describe("reconcile, after a function that was stopped", () => {
  /** Stopped at a call: before it took effect or after, and for good. */
  const stoppedAt = (at: string, when: "before" | "after"): Around => {
    let stopped = false;
    return async (call, run) => {
      if (stopped) return new Promise(() => undefined);
      stopped = call === at;
      if (stopped && when === "before") return new Promise(() => undefined);
      const answer = await Promise.resolve().then(run);
      return stopped ? new Promise(() => undefined) : answer;
    };
  };
  const begin = (world: FleetWorld, around: Around) => {
    void reconcile(world.parts(around), FLEET, fleetSettings(), world.time + 60_000);
    return new Promise((done) => setTimeout(done, 20));
  };

  it.each([
    ["before CreateFleet took effect", "CreateFleet", "before", 2],
    ["after CreateFleet took effect", "CreateFleet", "after", 1],
    ["before its machines were recorded", "TransactWriteItems", "before", 1],
  ] as const)("%s: has its machines after the lease ran out, and no more", async (_, call, when, asked) => {
    const { world, run } = await worldWith(1);
    await begin(world, stoppedAt(call, when));

    await run();
    expect(world.machineStates()).toEqual({});
    world.time += 62_000;
    await run();

    expect(world.machineStates()).toEqual({ starting: 1 });
    expect(world.registrations()).toHaveLength(1);
    expect(world.cloud.machines.size).toBe(1);
    expect(world.cloud.launches).toHaveLength(asked === 2 ? 1 : asked);
    expect(new Set(world.cloud.launches.map(({ launchId }) => launchId)).size).toBe(1);
  });

  it("adopts machines one by one as they show, the last one too", async () => {
    const { world, run } = await worldWith(3);
    await begin(world, stoppedAt("CreateFleet", "after"));
    const [, second, third] = [...world.cloud.machines.keys()];
    for (const id of [second, third]) world.cloud.hidden.add(id ?? "");
    world.time += 62_000;

    await run();
    expect(world.machineStates()).toEqual({ starting: 1 });
    world.cloud.hidden.delete(second ?? "");
    await run();
    expect(world.machineStates()).toEqual({ starting: 2 });
    world.cloud.hidden.clear();
    await run();

    expect(world.machineStates()).toEqual({ starting: 3 });
    expect(world.cloud.machines.size).toBe(3);
  });

  it("gives up a launch that shows no machine after two minutes, and makes a new one", async () => {
    const { world, run } = await worldWith(1);
    await begin(world, stoppedAt("CreateFleet", "before"));

    world.time += 4 * MINUTE;
    await run();

    expect(world.machineStates()).toEqual({ starting: 1 });
    expect(world.cloud.launches).toHaveLength(1);
  });

  it("goes on where the other stopped, and leaves alone what is recorded or has ended since", async () => {
    const { world, parts, run } = await worldWith(60);
    const settings = fleetSettings({ maximumMachines: 100 });
    void reconcile(
      world.parts(stoppedAt("TransactWriteItems", "after")),
      FLEET,
      settings,
      world.time + MINUTE,
    );
    await new Promise((done) => setTimeout(done, 50));
    expect(world.machineStates()).toEqual({ starting: 49 });
    const [id] = world.cloud.machines.keys();
    await parts.ledger.record([
      event("completed", 1, 99, { runnerName: runnerName(INSTALLATION, FLEET, id ?? "") }),
    ]);

    world.time += 62_000;
    await run(settings);

    expect(world.machineStates()).toEqual({ ending: 1, starting: 59 });
    expect(world.cloud.launches).toHaveLength(1);
    expect(world.calls.filter((call) => call === "generate-jitconfig")).toHaveLength(60);
  });

  it("keeps the cap and loses nothing, whatever two launchers do and wherever they are stopped", async () => {
    const crash = fc.option(fc.record({ call: fc.nat(14), after: fc.boolean() }));
    const launcher = fc.record({ jobs: fc.integer({ min: 1, max: 6 }), crash });
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(launcher, { minLength: 2, maxLength: 3 }),
        fc.integer({ min: 1, max: 10 }),
        async (scheduler, launchers, maximumMachines) => {
          const world = new FleetWorld();
          const settings = fleetSettings({ maximumMachines });
          const failures: unknown[] = [];
          let from = 1;
          for (const { jobs, crash: stop } of launchers) {
            let calls = 0;
            const around: Around = async (call, run) => {
              const index = calls++;
              if (stop && (index > stop.call || (index === stop.call && !stop.after)))
                return new Promise(() => undefined);
              await scheduler.schedule(Promise.resolve(), call);
              const answer = await Promise.resolve().then(run);
              return stop && index === stop.call ? new Promise(() => undefined) : answer;
            };
            const parts = world.parts(around);
            const messages = queued(jobs, from);
            from += jobs;
            void parts.ledger
              .record(messages)
              .then(() => reconcile(parts, FLEET, settings, START + 60_000))
              .catch((error) => failures.push(error));
          }
          await scheduler.waitIdle();
          expect(failures).toEqual([]);

          const sweeper = world.parts();
          // What a stopped function had not written down comes again from the queue.
          await sweeper.ledger.record(queued(from - 1));
          for (let sweeps = 0; sweeps < 3; sweeps++) {
            world.time += 2 * MINUTE;
            await reconcile(sweeper, FLEET, settings, world.time + 60_000);
          }
          const wanted = Math.min(from - 1, maximumMachines);
          expect(world.cloud.most).toBe(wanted);
          expect(world.machineStates()).toEqual({ starting: wanted });
          expect(world.registrations()).toHaveLength(wanted);
          expect((await sweeper.ledger.read(FLEET)).lease.launches).toEqual([]);
        },
      ),
      { numRuns: 200 },
    );
  });
});
