import { GithubError } from "../../../functions/shared/github";
import { jobItem, machineItem, type Job, type Machine } from "../../../functions/shared/ledger-items";
import { logger } from "../../../functions/shared/logger";
import { eachInSweepWorld, MINUTE, type SweepWorld } from "./sweep-world";

const JOB = /\/actions\/jobs\/\d+$/;

describe("the sweep's jobs", () => {
  let world: SweepWorld;
  eachInSweepWorld((fresh) => (world = fresh));

  const job = (id: number) => world.github.state.actions.jobs.get(id)!;
  const inLedger = (id: number) => world.item<Job>(jobItem(id));
  /** One job that waits, and an idle machine that it does not get. */
  const served = async (): Promise<string> => {
    const [id = ""] = await world.launch(1);
    world.online(id);
    return id;
  };

  it("asks GitHub about a job only when it has waited too long with a machine for it", async () => {
    await served();
    await world.sweeps(2);
    expect(world.requests("GET", JOB)).toBe(0);

    await world.sweeps(1);

    expect(world.requests("GET", JOB)).toBe(1);
  });

  it("asks about none that no machine was free for", async () => {
    world.fleet = { ...world.fleet, maximumMachines: 0 };
    await world.launch(1, 2);

    await world.sweeps(6);

    expect(world.requests("GET", JOB)).toBe(0);
  });

  it("asks again about a job that is still queued, not at every sweep", async () => {
    await served();

    await world.sweeps(5);

    expect(world.requests("GET", JOB)).toBe(2);
    expect(inLedger(1)?.state).toBe("waiting");
  });

  it.each([
    ["completed", "done", () => world.github.state.actions.cancel(job(1))],
    ["behind a gate", "withdrawn", () => world.github.state.actions.move(job(1), "waiting")],
  ])("writes down that a job is %s, and launches nothing more for it", async (_, state, happens) => {
    await served();
    happens();

    await world.sweeps(7);

    expect(inLedger(1)?.state).toBe(state);
    expect(world.cloud.launches).toHaveLength(1);
    expect(world.cloud.machines.size).toBe(0);
  });

  it("launches nothing for a job whose start was not told", async () => {
    const id = await served();
    await world.launch(2);
    world.fleet = { ...world.fleet, maximumMachines: 10 };
    await world.start(id, job(1), false);

    await world.sweeps(1);

    expect(inLedger(1)?.state).toBe("running");
    expect(world.item<Machine>(machineItem(id))).toMatchObject({ state: "busy", jobId: 1, runId: 1 });
    expect(world.cloud.launches).toHaveLength(2);
  });

  it("launches nothing for a job of which neither start nor end was told", async () => {
    const id = await served();
    await world.sweeps(1);
    await world.start(id, job(1), false);
    world.github.state.actions.complete(job(1));
    world.cloud.stop(id, "Client.InstanceInitiatedShutdown");

    await world.sweeps(1);

    expect(inLedger(1)?.state).toBe("done");
    expect(world.cloud.launches).toHaveLength(1);
  });

  it("launches nothing for one whose machine came and went between two sweeps in token mode", async () => {
    world.set({ registration: "token" });
    const [id = ""] = await world.launch(1);
    world.github.state.actions.complete(job(1));
    world.cloud.stop(id, "Client.InstanceInitiatedShutdown");

    await world.sweeps(1);

    expect(inLedger(1)?.state).toBe("done");
    expect(world.cloud.launches).toHaveLength(1);
  });

  it("looks no further than for as many jobs as machines were taken", async () => {
    const [id = ""] = await world.launch(...Array.from({ length: 15 }, (_, index) => index + 1));
    await world.start(id, job(1), false);

    await world.sweep();

    expect(world.requests("GET", JOB)).toBeLessThanOrEqual(10);
  });

  it("does not undo an event that came while it looked", async () => {
    await served();
    await world.sweeps(2);
    world.github.state.actions.move(job(1), "waiting");
    const { access } = world.sweepParts();
    world.replaced.access = {
      ...access,
      call: async (run) => {
        const answer = await access.call(run);
        if (world.requests("GET", JOB) === 1) {
          world.time += 1000;
          await world.tell("queued", job(1));
          world.time += 1000;
        }
        return answer;
      },
    };

    await world.sweeps(1);

    expect(world.requests("GET", JOB)).toBe(1);
    expect(inLedger(1)?.state).toBe("waiting");
  });

  it("gives up a job that GitHub does not know, and says why", async () => {
    await served();
    world.github.state.actions.jobs.clear();

    await world.sweeps(3);

    expect(inLedger(1)).toMatchObject({
      state: "givenUp",
      reason: expect.stringContaining("GitHub shows no such job") as unknown,
    });
    expect(logger.error).toHaveBeenCalledWith(
      "jobs given up",
      expect.objectContaining({
        jobs: [{ jobId: 1, runId: 1, repository: "acme/app" }],
        reason: expect.stringContaining("GitHub shows no such job") as unknown,
        Alarms: 1,
      }),
    );
  });

  it("does not give up a job because GitHub does not answer", async () => {
    await served();
    world.github.inject({ route: "GET /repos/{owner}/{repo}/actions/jobs/{job_id}", status: 503 });

    await world.sweeps(3);

    expect(inLedger(1)?.state).toBe("waiting");
    expect(logger.warn).toHaveBeenCalledWith(
      "sweep met trouble",
      expect.objectContaining({ part: "check jobs", error: expect.any(GithubError) as unknown }),
    );
    expect(logger.error).not.toHaveBeenCalled();
  });

  it("gives up jobs that waited longer than GitHub lets a job wait, all in one alarm", async () => {
    world.fleet = { ...world.fleet, maximumMachines: 0 };
    await world.launch(1, 2);
    world.time += 24 * 60 * MINUTE;

    await world.sweep();

    expect([inLedger(1)?.state, inLedger(2)?.state]).toEqual(["givenUp", "givenUp"]);
    const alarms = jest.mocked(logger.error).mock.calls.filter(([text]) => text === "jobs given up");
    expect(alarms).toHaveLength(1);
  });

  it("rings once for a job that idle machines do not get, and does not give it up", async () => {
    const [id = ""] = await world.launch(1);
    world.online(id);
    world.set({ idleLimitSeconds: 3600 });

    await world.sweeps(12);

    const alarms = jest
      .mocked(logger.error)
      .mock.calls.filter(([text]) => text === "job not given to idle machines");
    expect(alarms).toHaveLength(1);
    expect(inLedger(1)?.state).toBe("waiting");
  });

  it("rings, and spends few machines, on a job that GitHub gives to none of them", async () => {
    await world.launch(1);

    for (let sweep = 0; sweep < 4 * 30; sweep++) {
      for (const runner of world.records()) runner.status = "online";
      await world.sweeps(1);
    }

    const alarms = jest
      .mocked(logger.error)
      .mock.calls.filter(([text]) => text === "job not given to idle machines");
    expect(alarms).toHaveLength(1);
    expect(world.cloud.launches.length).toBeLessThan(10);
    expect(inLedger(1)?.state).toBe("waiting");
  });

  it("has a job wait again that was let through its gate before that was told", async () => {
    await world.launch(1);
    world.time += 1000;
    await world.tell("waiting", job(1));
    expect(inLedger(1)?.state).toBe("withdrawn");

    await world.sweeps(2);

    expect(inLedger(1)?.state).toBe("waiting");
  });

  it("asks once for a job behind a gate, and again only after hours", async () => {
    await world.launch(1);
    world.github.state.actions.move(job(1), "waiting");
    world.time += 1000;
    await world.tell("waiting", job(1));

    await world.sweeps(10);
    expect(world.requests("GET", JOB)).toBe(1);
    world.time += 6 * 60 * MINUTE;
    await world.sweeps(1);

    expect(world.requests("GET", JOB)).toBe(2);
    expect(inLedger(1)?.state).toBe("withdrawn");
  });

  it("does not ring for one while its machine boots", async () => {
    await world.launch(1);

    await world.sweeps(9);

    expect(world.requests("GET", JOB)).toBeGreaterThanOrEqual(3);
    expect(logger.error).not.toHaveBeenCalled();
  });

  it("does not ring for one while the machines are taken", async () => {
    world.fleet = { ...world.fleet, maximumMachines: 1 };
    const [id = ""] = await world.launch(1);
    await world.launch(2);
    await world.sweeps(1);
    await world.start(id, job(1));

    await world.sweeps(12);

    expect(logger.error).not.toHaveBeenCalled();
  });
});
