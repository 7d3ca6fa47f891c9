import { runnerName } from "../../../functions/shared/contract";
import { event, FLEET, INSTALLATION, START } from "../../support/fleet-world";
import { LedgerWorld } from "../../support/ledger-world";

describe("the ledger, told late of the job of a machine", () => {
  const MACHINES = ["i-00000001", "i-00000002", "i-00000003"] as const;
  const [ONE, TWO, NEW] = MACHINES;
  /** By the time of a mark of the sweep, the event that it was quicker than has been on its way. */
  const LATE = -1;

  const of = (action: "in_progress" | "completed", instanceId: string, jobId: number, second = LATE) =>
    event(action, jobId, second, {
      runnerName: runnerName(INSTALLATION, FLEET, instanceId),
      runId: jobId * 10,
      runAttempt: 2,
    });
  const ran = (jobId: number) => ({ jobId, runId: jobId * 10, runAttempt: 2, repository: "acme/app" });
  const marked = async (state: "busy" | "ending" | "gone", ...ids: string[]): Promise<LedgerWorld> => {
    const world = new LedgerWorld();
    for (const instanceId of ids) await world.ledger.moveMachine(FLEET, state, { instanceId });
    return world;
  };

  it.each([
    ["in_progress", "busy"],
    ["in_progress", "ending"],
    ["in_progress", "gone"],
    ["completed", "ending"],
    ["completed", "gone"],
  ] as const)("notes from %s what ran on one that is %s, and leaves its state", async (action, state) => {
    const world = await marked(state, ONE);
    const before = world.item(`machine#${ONE}`);

    await world.ledger.record([of(action, ONE, 5)]);

    expect(world.item(`machine#${ONE}`)).toEqual({ ...before, ...ran(5) });
  });

  it("notes it of each machine of a batch, beside machines that move on", async () => {
    const world = await marked("gone", ONE, TWO);

    await world.ledger.record([
      of("in_progress", ONE, 5),
      of("in_progress", NEW, 7),
      of("in_progress", TWO, 6),
    ]);

    expect(MACHINES.map((id) => world.item(`machine#${id}`))).toMatchObject([
      { state: "gone", ...ran(5) },
      { state: "gone", ...ran(6) },
      { state: "busy", ...ran(7) },
    ]);
  });

  it("notes it although the job itself was told of before", async () => {
    const world = await marked("gone", ONE);
    await world.ledger.moveJob(FLEET, "done", {
      jobId: 5,
      runAttempt: 2,
      createdAt: new Date(START).toISOString(),
    });

    const recorded = await world.ledger.record([of("completed", ONE, 5)]);

    expect(recorded).toEqual([{ outcome: "unchanged" }]);
    expect(world.item(`machine#${ONE}`)).toMatchObject(ran(5));
  });

  it.each([
    ["alone", []],
    ["in a batch", [of("in_progress", TWO, 7)]],
  ])("notes it once: another job's later event, %s, does not replace it", async (_, others) => {
    const world = await marked("ending", ONE, TWO);
    await world.ledger.record([of("in_progress", ONE, 5)]);

    await world.ledger.record([of("in_progress", ONE, 6, 60), ...others]);

    expect(world.item(`machine#${ONE}`)).toMatchObject({ state: "ending", ...ran(5) });
  });

  it("comes again when it cannot be noted", async () => {
    const world = await marked("gone", ONE);
    let writes = 0;
    // Together, then the job and its machine by themselves, then what is left to say.
    const { ledger } = world.parts((_, run) =>
      ++writes === 4 ? Promise.reject(new Error("throttled")) : Promise.resolve().then(run),
    );

    expect(await ledger.record([of("completed", ONE, 5)])).toMatchObject([{ outcome: "failed" }]);
    await ledger.record([of("completed", ONE, 5)]);

    expect(world.item(`machine#${ONE}`)).toMatchObject({ state: "gone", ...ran(5) });
  });
});
