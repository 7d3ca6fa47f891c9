import fc from "fast-check";
import { reconcile } from "../../../functions/shared/reconcile";
import type { Around } from "../../support/dynamodb";
import { FLEET, fleetSettings, FleetWorld, START } from "../../support/fleet-world";
import { MINUTE, queued } from "../../support/reconcile-world";

/** What befalls a launcher at one of its calls. */
const misfortune = fc.record({
  call: fc.nat(14),
  /** Stopped before the call or after it was done; or the call fails, done or not. */
  kind: fc.constantFrom("stopped before", "stopped after", "fails", "answer lost"),
});
const scenario = fc.record({
  launchers: fc.array(
    fc.record({
      jobs: fc.integer({ min: 1, max: 6 }),
      misfortune: fc.option(misfortune),
    }),
    { minLength: 2, maxLength: 3 },
  ),
  maximumMachines: fc.integer({ min: 1, max: 10 }),
  permits: fc.integer({ min: 1, max: 20 }),
  /** Seconds for which GitHub puts registrations off. */
  limited: fc.constantFrom(0, 0, 20, 150, 400),
  lost: fc.record({ count: fc.nat(2), made: fc.boolean() }),
  /** Spot machines that are left. */
  spot: fc.option(fc.nat(5)),
});
type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never;

const RATE_MS = MINUTE;
const never = (): Promise<never> => new Promise(() => undefined);

const worldOf = ({ permits, limited, lost, spot }: Scenario): FleetWorld => {
  const world = new FleetWorld();
  world.rate = { permits, windowMs: RATE_MS };
  if (limited > 0) world.limits.set("app", START + limited * 1000);
  Object.assign(world.cloud.lost, lost);
  if (spot !== null) world.cloud.capacity.set("spot", { count: spot, code: "UnfulfillableCapacity" });
  return world;
};

/** Lets calls happen in the scheduler's order, until the misfortune. */
const befallen = (
  scheduler: fc.Scheduler,
  misfortune: Scenario["launchers"][number]["misfortune"],
): Around => {
  let calls = 0;
  let stopped = false;
  return async (call, run) => {
    const kind = calls++ === misfortune?.call ? misfortune.kind : undefined;
    if (stopped || kind === "stopped before") {
      stopped = true;
      return never();
    }
    await scheduler.schedule(Promise.resolve(), call);
    if (stopped) return never();
    if (kind === "fails") throw new Error(`${call} failed`);
    const answer = await Promise.resolve().then(run);
    if (kind === "answer lost") throw new Error(`the answer of ${call} was lost`);
    stopped ||= kind === "stopped after";
    return stopped ? never() : answer;
  };
};

/** The most registrations that GitHub was asked for in any minute. */
const mostAsked = (asked: readonly number[]): number =>
  Math.max(0, ...asked.map((at) => asked.filter((one) => one >= at && one < at + RATE_MS).length));

/** Whoever is woken comes when it asked for it, and a sweep every two minutes. */
const letTimePass = async (world: FleetWorld, minutes: number, run: () => Promise<void>): Promise<void> => {
  const end = world.time + minutes * MINUTE;
  let sweepAt = world.time + 2 * MINUTE;
  while (world.time < end) {
    const { wakeAt } = (await world.parts().ledger.read(FLEET)).lease;
    world.time = Math.min(sweepAt, wakeAt > world.time ? wakeAt : sweepAt);
    if (world.time === sweepAt) sweepAt += 2 * MINUTE;
    await run();
  }
};

const registeredOf = (world: FleetWorld): number => {
  const { starting = 0 } = world.machineStates();
  return starting;
};

it("reconcile keeps cap and permits and loses nothing, whatever two launchers do and wherever they are stopped", async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), scenario, async (scheduler, told) => {
      const world = worldOf(told);
      const settings = fleetSettings({ maximumMachines: told.maximumMachines });
      let jobs = 0;
      for (const { jobs: count, misfortune: one } of told.launchers) {
        const parts = world.parts(befallen(scheduler, one));
        const messages = queued(count, jobs + 1);
        jobs += count;
        void parts.ledger
          .record(messages)
          .then(() => reconcile(parts, FLEET, settings, START + MINUTE))
          .catch(() => undefined);
      }
      await scheduler.waitIdle();

      const sweeper = world.parts();
      // What a stopped function had not written down comes again from the queue.
      await sweeper.ledger.record(queued(jobs));
      await letTimePass(world, 30, () => reconcile(sweeper, FLEET, settings, world.time + MINUTE));

      const wanted = Math.min(jobs, told.maximumMachines);
      const { lease } = await sweeper.ledger.read(FLEET);
      expect({
        machines: world.cloud.machines.size,
        registered: registeredOf(world),
        open: lease.launches,
        holder: lease.holder,
      }).toEqual({ machines: wanted, registered: wanted, open: [], holder: undefined });
      expect(world.cloud.most).toBeLessThanOrEqual(told.maximumMachines);
      expect(mostAsked(world.asked)).toBeLessThanOrEqual(told.permits);
    }),
    { numRuns: 60 },
  );
});
