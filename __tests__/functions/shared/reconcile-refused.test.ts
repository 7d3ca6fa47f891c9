import { machineItem } from "../../../functions/shared/ledger-items";
import { logger } from "../../../functions/shared/logger";
import { reconcile } from "../../../functions/shared/reconcile";
import { event, FLEET, fleetSettings, START } from "../../support/fleet-world";
import { MINUTE, queued, worldWith } from "../../support/reconcile-world";

beforeEach(() => jest.spyOn(logger, "error").mockReturnValue());
afterEach(() => jest.restoreAllMocks());

describe("reconcile, when GitHub refuses registrations for good", () => {
  it("ends the machines, rings the alarm and loses no job", async () => {
    const { world, parts, run, lease } = await worldWith(2);
    world.refusesRegistrations = true;

    await run();

    expect(world.cloud.machines.size).toBe(0);
    expect(world.machineStates()).toEqual({ ending: 2 });
    expect((await parts.ledger.read(FLEET)).waiting).toHaveLength(2);
    const alarm = expect.objectContaining({ fleet: FLEET, Alarms: 1 }) as unknown;
    expect(logger.error).toHaveBeenCalledWith("registration failed", alarm);
    expect(await lease()).toMatchObject({ notBefore: START + MINUTE, setbacks: 1 });
    expect((await lease()).holder).toBeUndefined();
    world.refusesRegistrations = false;
    world.time += MINUTE;
    await run();

    expect(world.machineStates()).toEqual({ ending: 2, starting: 2 });
  });

  it("wastes a handful of machines at the most, however many events come", async () => {
    const { world, parts, run } = await worldWith(0);
    world.refusesRegistrations = true;

    for (let job = 1; job <= 100; job++) {
      await parts.ledger.record(queued(1, job));
      await run();
      world.time += 1000;
    }

    expect(world.cloud.ended.length).toBeLessThanOrEqual(3);
  });

  it("does not try again in the same breath, whoever leaves marks meanwhile", async () => {
    const { world, parts, lease } = await worldWith(1);
    world.refusesRegistrations = true;
    let marks = 0;
    const marked = world.parts(async (call, run) => {
      if (call === "TerminateInstances" && marks++ < 3) await parts.ledger.mark(FLEET);
      return run();
    });

    await reconcile(marked, FLEET, fleetSettings(), world.time + MINUTE);

    expect(world.cloud.launches).toHaveLength(1);
    expect(world.wakes).toHaveLength(1);
    expect((await lease()).holder).toBeUndefined();
  });

  it("has one on the record that cannot be ended now, for the sweep to see that it ends", async () => {
    const { world, run } = await worldWith(1);
    world.refusesRegistrations = true;
    const failing = world.parts((call, go) =>
      call === "TerminateInstances" ? Promise.reject(new Error("not now")) : Promise.resolve().then(go),
    );

    await reconcile(failing, FLEET, fleetSettings(), world.time + MINUTE);
    await run();

    expect(world.machineStates()).toEqual({ ending: 1 });
    expect(world.cloud.machines.size).toBe(1);
  });
});

describe("reconcile, when the end of a machine was announced", () => {
  const interrupted = async () => {
    const all = await worldWith(1);
    await all.run();
    const [id = ""] = all.world.cloud.machines.keys();
    await all.parts.ledger.note(FLEET, machineItem(id), { interruptedAt: new Date(START).toISOString() });
    return all;
  };

  it("launches another for the job that waits", async () => {
    const { world, run } = await interrupted();

    await run();

    expect(world.machineStates()).toEqual({ starting: 2 });
  });

  it("leaves it its place under the cap for as long as it is there", async () => {
    const { world, parts, run } = await interrupted();
    const settings = fleetSettings({ maximumMachines: 1 });
    const [instanceId = ""] = world.cloud.machines.keys();

    await run(settings);
    expect(world.machineStates()).toEqual({ starting: 1 });
    await parts.ledger.moveMachine(FLEET, "ending", { instanceId });
    await run(settings);

    expect(world.machineStates()).toEqual({ ending: 1, starting: 1 });
  });
});

it("reconcile launches for the oldest that wait when an event says that one is withdrawn", async () => {
  const { world, parts, run } = await worldWith(2);
  await parts.ledger.record([event("waiting", 1, 9)]);

  await run();

  expect(world.machineStates()).toEqual({ starting: 1 });
});

describe("reconcile, when GitHub has trouble", () => {
  it("tries with one machine at a time once the first were of no use, and then with all", async () => {
    const { world, parts, run, lease } = await worldWith(5);
    world.troubled = true;
    await run();
    expect(world.machineStates()).toEqual({ launching: 5 });

    for (const end = world.time + 30 * MINUTE; world.time < end;) {
      world.time = Math.max((await lease()).wakeAt, world.time + 1000);
      await run();
    }
    const launched = world.cloud.launches.map(({ count }) => count);
    expect(launched.slice(0, 3)).toEqual([5, 1, 1]);
    expect(launched.length).toBeLessThan(10);

    world.troubled = false;
    world.time = (await lease()).wakeAt;
    await run();
    await run();

    expect(world.machineStates()).toMatchObject({ starting: 5 });
    expect((await parts.ledger.read(FLEET)).waiting).toHaveLength(5);
  });
});
