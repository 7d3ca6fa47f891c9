import { jobItem, machineItem, type Job } from "../../../functions/shared/ledger-items";
import { logger } from "../../../functions/shared/logger";
import { FLEET, fleetSettings, LEDGER_TABLE } from "../../support/fleet-world";
import { eachInSweepWorld, MINUTE, type SweepWorld } from "./sweep-world";

const OTHER = "linux-large";
const LABELS = fleetSettings().labels;
const HOUR = 60 * MINUTE;
const JOBS = Array.from({ length: 20 }, (_, index) => index + 1);
const OLD = false;
const GET_JOB = /\/actions\/jobs\/\d+$/;

describe("jobs whose fleet has changed", () => {
  let world: SweepWorld;
  eachInSweepWorld((fresh) => (world = fresh));

  const rows = (jobId: number): Job[] =>
    world.database.items(LEDGER_TABLE).filter(({ item }) => item === jobItem(jobId)) as unknown as Job[];
  const states = (jobId: number) =>
    Object.fromEntries(
      rows(jobId).map(({ state, ...job }) => [(job as unknown as { fleet: string }).fleet, state]),
    );
  const rung = (what: string): Record<string, unknown>[] =>
    (logger.error as jest.Mock).mock.calls.flatMap(([said, fields]: [string, Record<string, unknown>]) =>
      said === what ? [fields] : [],
    );
  /** Twenty jobs wait, since the fleet is full. The sweep has seen the fleet. */
  const waiting = async (): Promise<void> => {
    world.configure({ [FLEET]: fleetSettings({ maximumMachines: 0 }) });
    await world.tell("queued", ...JOBS.map((id) => world.job(id)));
    await world.sweeps(1);
    expect(world.cloud.launches).toHaveLength(0);
  };
  /** As many machines as jobs were launched, in calls of this fleet. */
  const launchedFor = (fleet: string): number =>
    [...world.cloud.fleets.values()].filter((one) => one === fleet).length;

  it("get machines of the fleet that has their labels now, when theirs was renamed", async () => {
    await waiting();
    world.configure({ renamed: fleetSettings() });

    await world.sweeps(OLD ? 720 : 1);

    expect(launchedFor("renamed")).toBe(20);
    expect(states(1)).toEqual({ [FLEET]: "moved", renamed: "waiting" });
  });
});
void [OTHER, LABELS, HOUR, GET_JOB, machineItem];
