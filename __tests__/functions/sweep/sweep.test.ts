import type { FleetSettingsSource } from "../../../functions/shared/fleet-settings";
import { logger } from "../../../functions/shared/logger";
import { reconcile } from "../../../functions/shared/reconcile";
import { sweep } from "../../../functions/sweep/sweep";
import { event, FLEET, fleetSettings, FleetWorld } from "../../support/fleet-world";

const MINUTE = 60_000;
const settings = fleetSettings({ maximumMachines: 1 });
const fleetSettingsOf = (...fleets: string[]): FleetSettingsSource => ({
  load: () => Promise.resolve(new Map(fleets.map((fleet) => [fleet, settings]))),
  get: (fleet) =>
    fleets.includes(fleet) ? Promise.resolve(settings) : Promise.reject(new Error(`no ${fleet}`)),
});

/** A fleet whose one place is taken by a machine that just started, while another job waits. */
const fullFleet = async () => {
  const world = new FleetWorld();
  const parts = { ...world.parts(), fleetSettings: fleetSettingsOf(FLEET) };
  await parts.ledger.record([event("queued", 1, 1), event("queued", 2, 2)]);
  await reconcile(parts, FLEET, settings, world.time + MINUTE);
  const run = (fleets = [FLEET]) => sweep(parts, fleets, world.time + MINUTE);
  return { world, parts, run };
};

describe("the sweep", () => {
  beforeEach(() => {
    jest.spyOn(logger, "error").mockReturnValue();
    jest.spyOn(logger, "warn").mockReturnValue();
  });
  afterEach(() => jest.restoreAllMocks());

  it("gives the place of a machine that is gone to the next job", async () => {
    const { world, run } = await fullFleet();
    world.cloud.machines.clear();
    world.time += 3 * MINUTE;

    await run();

    expect(world.machineStates()).toEqual({ gone: 1, starting: 1 });
  });

  it("does not miss a machine that is too young to show", async () => {
    const { world, run } = await fullFleet();
    world.cloud.machines.clear();
    world.time += MINUTE;

    await run();

    expect(world.machineStates()).toEqual({ starting: 1 });
  });

  it("leaves machines alone that are there", async () => {
    const { world, run } = await fullFleet();
    world.time += 10 * MINUTE;

    await run();

    expect(world.machineStates()).toEqual({ starting: 1 });
    expect(world.cloud.ended).toEqual([]);
  });

  it("launches for a job that no event will come for any more", async () => {
    const world = new FleetWorld();
    const parts = { ...world.parts(), fleetSettings: fleetSettingsOf(FLEET) };
    await parts.ledger.record([event("queued", 1, 1)]);

    await sweep(parts, [FLEET], world.time + MINUTE);

    expect(world.machineStates()).toEqual({ starting: 1 });
  });

  it("sees to the other fleets when one fails, and rings the alarm", async () => {
    const { world, run } = await fullFleet();
    world.cloud.machines.clear();
    world.time += 3 * MINUTE;

    await run(["broken", FLEET]);

    expect(world.machineStates()).toEqual({ gone: 1, starting: 1 });
    expect(logger.error).toHaveBeenCalledWith(
      "sweep failed",
      expect.objectContaining({ fleet: "broken", Alarms: 1 }),
    );
  });
});
