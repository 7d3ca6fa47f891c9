import { machineItem, taskItem } from "../../../functions/shared/ledger-items";
import { logger } from "../../../functions/shared/logger";
import { FLEET } from "../../support/fleet-world";
import { eachInSweepWorld, MINUTE, type SweepWorld } from "./sweep-world";

const RERUN_JOB = /\/jobs\/\d+\/rerun$/;
const RERUN_FAILED = /\/runs\/\d+\/rerun-failed-jobs$/;
const TAKEN = "Server.SpotInstanceTermination";
const ROUTE = "POST /repos/{owner}/{repo}/actions/runs/{run_id}/rerun-failed-jobs";

describe("a matrix with fail-fast whose job lost its machine", () => {
  let world: SweepWorld;
  eachInSweepWorld((fresh) => {
    world = fresh;
    world.matrix = "test";
  });

  const actions = () => world.github.state.actions;
  const run = () => actions().runs.get(1)!;
  const job = (id: number) => actions().jobs.get(id)!;
  const isOver = (instanceId: string): boolean =>
    world.item<{ open?: string }>(taskItem({ kind: "rerun-job", instanceId }))?.open === undefined;
  const again = (): string[] =>
    [...actions().jobs.values()].flatMap((one) => (one.run_attempt > 1 ? [one.name] : [])).sort();
  const reruns = () => ({
    job: world.requests("POST", RERUN_JOB),
    failed: world.requests("POST", RERUN_FAILED),
  });

  /** A machine for each job, which starts on it; and a notice for the machine of the first, two minutes ago. */
  const interrupted = async (...ids: number[]): Promise<string[]> => {
    const machines = await world.launch(...ids);
    for (const [index, id] of ids.entries()) await world.start(machines[index]!, job(id));
    world.time += 5 * MINUTE;
    await notice(machines[0]!);
    world.time += 2 * MINUTE;
    return machines;
  };
  const notice = async (instanceId: string): Promise<void> => {
    const interruptedAt = new Date(world.time).toISOString();
    const { ledger } = world.sweepParts();
    await ledger.addTask(FLEET, { kind: "rerun-job", instanceId, createdAt: interruptedAt, interruptedAt });
    await ledger.note(FLEET, machineItem(instanceId), { interruptedAt });
  };
  /** The runner was heard of no more, or could still say that it is shut down. */
  const lose = (instanceId: string, jobId: number, how: "lost" | "shut down" = "lost"): void => {
    world.cloud.stop(instanceId, TAKEN);
    if (how === "lost") actions().lose(job(jobId));
    else actions().cancel(job(jobId));
  };

  it("runs again with the siblings that GitHub cancelled for it, running or waiting, in one attempt", async () => {
    const waiting = world.job(3);
    const [id = ""] = await interrupted(1, 2);
    lose(id, 1);
    expect([job(2), waiting].map(({ conclusion }) => conclusion)).toEqual(["cancelled", "cancelled"]);

    await world.sweep();

    expect(again()).toEqual(["job-1", "job-2", "job-3"]);
    expect(reruns()).toEqual({ job: 0, failed: 1 });
    expect(isOver(id)).toBe(true);
    await world.sweeps(10);
    expect(run().run_attempt).toBe(2);
  });

  it("does so when its runner could still say that it is shut down, and leaves what succeeded", async () => {
    const [id = ""] = await interrupted(1, 2, 3);
    actions().complete(job(3));
    lose(id, 1, "shut down");
    world.time += 12_000;
    actions().failFast(job(1));
    expect(actions().statusOf(run()).conclusion).toBe("cancelled");

    await world.sweep();

    expect(again()).toEqual(["job-1", "job-2"]);
  });

  it("runs again alone when no sibling ended with it", async () => {
    const [id = ""] = await interrupted(1, 2);
    actions().complete(job(2));
    lose(id, 1);

    await world.sweep();

    expect(again()).toEqual(["job-1"]);
    expect(reruns()).toEqual({ job: 1, failed: 0 });
  });

  it("runs again though a later job of the run has the same name", async () => {
    const [id = ""] = await interrupted(1);
    lose(id, 1);
    world.matrix = undefined;
    world.time += 5000;
    const [other = ""] = await world.launch(9);
    Object.assign(job(9), { name: job(1).name });
    await world.start(other, job(9));
    actions().complete(job(9));

    await world.sweep();

    expect(reruns().job).toBe(1);
  });

  it("runs again alone when a job of the run failed by itself", async () => {
    world.matrix = undefined;
    world.job(9);
    world.matrix = "test";
    const [id = ""] = await interrupted(1, 2);
    lose(id, 1);
    actions().complete(job(9), "failure");

    await world.sweep();

    expect(again()).toEqual(["job-1"]);
    expect(job(2).conclusion).toBe("cancelled");
  });

  it("is no matter of a job that depends on it, and failed for its sake", async () => {
    const [id = ""] = await interrupted(1, 2);
    lose(id, 1);
    world.matrix = undefined;
    world.time += 5000;
    const gate = world.job(9);
    world.time += 5000;
    actions().complete(gate, "failure");

    await world.sweep();

    expect(again()).toEqual(["job-1", "job-2", "job-9"]);
  });

  it.each([0, 700_000])(
    "runs again with others that lost their machine, GitHub %d ms ahead",
    async (skew) => {
      world.skew = skew;
      world.matrix = undefined;
      const [first = "", second = ""] = await interrupted(1, 2);
      await notice(second);
      lose(first, 1);
      world.time += 2 * MINUTE;
      lose(second, 2, "shut down");

      await world.sweeps(5);

      expect(again()).toEqual(["job-1", "job-2"]);
      for (const one of actions().jobsOf(run())) actions().complete(one);
      await world.sweeps(5);

      expect(run().run_attempt).toBe(2);
      expect([first, second].map(isOver)).toEqual([true, true]);
    },
  );

  describe("stays cancelled", () => {
    afterEach(() => {
      expect(again()).toEqual([]);
      expect(reruns()).toEqual({ job: 0, failed: 0 });
    });

    it.each(["lost", "shut down"] as const)(
      "with its whole run when a person cancels that after the job was %s",
      async (how) => {
        world.matrix = undefined;
        const [id = ""] = await interrupted(1, 2);
        lose(id, 1, how);
        await world.sweeps(2);
        actions().cancelRun(run());
        expect(job(2).conclusion).toBe("cancelled");

        await world.sweeps(10);

        expect(isOver(id)).toBe(true);
      },
    );

    it("when a newer run of its concurrency group replaces it, though a job had failed within seconds", async () => {
      world.matrix = undefined;
      const [id = ""] = await interrupted(1, 2);
      lose(id, 1);
      world.time += 10_000;
      actions().cancelRun(run());
      expect(actions().statusOf(run()).conclusion).toBe("cancelled");

      await world.sweeps(10);

      expect(isOver(id)).toBe(true);
    });

    it("when its run was cancelled while the machine still ran", async () => {
      const [id = ""] = await interrupted(1, 2);
      world.time -= MINUTE;
      actions().cancelRun(run());
      world.time += MINUTE;
      world.cloud.stop(id, "Client.InstanceInitiatedShutdown");

      await world.sweeps(10);

      expect(isOver(id)).toBe(true);
    });
  });

  it("runs again alone when a sibling was cancelled long before, as one that ran out of time is", async () => {
    const machines = await world.launch(1, 2);
    for (const [index, id] of [1, 2].entries()) await world.start(machines[index]!, job(id));
    actions().cancel(job(2));
    world.time += 10 * MINUTE;
    await notice(machines[0]!);
    world.time += 2 * MINUTE;
    lose(machines[0]!, 1, "shut down");

    await world.sweep();

    expect(again()).toEqual(["job-1"]);
  });

  it("runs again alone when GitHub refuses the others", async () => {
    const [id = ""] = await interrupted(1, 2);
    lose(id, 1);
    const message = "This workflow run cannot be retried: it has no failed jobs";
    world.github.inject({ route: ROUTE, status: 403, message });

    await world.sweep();

    expect(again()).toEqual(["job-1"]);
    expect(logger.error).not.toHaveBeenCalled();
  });

  it("rings once when the App may not", async () => {
    const [id = ""] = await interrupted(1, 2);
    lose(id, 1);
    world.github.inject({ route: ROUTE, status: 403, message: "Resource not accessible by integration" });

    await world.sweeps(10);

    expect(jest.mocked(logger.error).mock.calls.map(([text]) => text)).toEqual([
      "interrupted job not run again",
    ]);
    expect(isOver(id)).toBe(true);
  });
});

describe("a job that loses its spot machine for the second time", () => {
  let world: SweepWorld;
  eachInSweepWorld((fresh) => (world = fresh));

  const actions = () => world.github.state.actions;
  /** The job in its latest attempt. */
  const latest = () => actions().jobsOf(actions().runs.get(1)!)[0]!;
  const markets = () => world.cloud.launches.map(({ market, count }) => [market, count]);

  /** The job runs, and its machine is taken; then it waits again, and gets another machine. */
  const loseMachine = async (instanceId: string): Promise<string> => {
    const job = latest();
    const before = new Set(world.cloud.machines.keys());
    await world.start(instanceId, job);
    const interruptedAt = new Date(world.time).toISOString();
    const { ledger } = world.sweepParts();
    await ledger.addTask(FLEET, { kind: "rerun-job", instanceId, createdAt: interruptedAt, interruptedAt });
    await ledger.note(FLEET, machineItem(instanceId), { interruptedAt });
    world.time += 2 * MINUTE;
    world.cloud.stop(instanceId, TAKEN);
    actions().cancel(job);
    await world.tell("completed", job);
    await world.sweep();
    await world.tell("queued", latest());
    await world.sweep();
    return [...world.cloud.machines.keys()].find((id) => !before.has(id)) ?? "";
  };

  const loseTwice = async (): Promise<string> => {
    const [first = ""] = await world.launch(1);
    return loseMachine(await loseMachine(first));
  };

  it.each([0, -31_000, 700_000])("gets an on-demand machine then, once: GitHub %d ms ahead", async (skew) => {
    world.skew = skew;
    await loseTwice();
    expect(actions().runs.get(1)?.run_attempt).toBe(3);
    expect(markets()).toEqual([
      ["spot", 1],
      ["spot", 1],
      ["on-demand", 1],
    ]);

    await world.launch(2, 3);

    expect(markets().slice(3)).toEqual([["spot", 2]]);
  });

  it.each([
    ["it is not wanted", () => world.set({ onDemandAfterInterruptions: false })],
    ["its fleet has spot only", () => (world.fleet = { ...world.fleet, markets: ["spot"] })],
  ])("gets a spot machine again when %s", async (_, arrange) => {
    arrange();

    await loseTwice();

    expect(markets()).toEqual([
      ["spot", 1],
      ["spot", 1],
      ["spot", 1],
    ]);
  });

  it("is forgotten when no launch comes within an hour", async () => {
    const { ledger } = world.sweepParts();
    const createdAt = new Date(world.time).toISOString();
    await ledger.addTask(FLEET, { kind: "launch-on-demand", instanceId: "i-0", createdAt });
    await world.sweeps(29);
    expect((await ledger.read(FLEET)).tasks).toHaveLength(1);

    await world.sweeps(35);

    expect((await ledger.read(FLEET)).tasks).toEqual([]);
  });
});

describe("a job whose spot machine had its notice and that fails by itself", () => {
  let world: SweepWorld;
  eachInSweepWorld((fresh) => (world = fresh));
  const job = () => world.github.state.actions.jobs.get(1)!;

  const noticed = async (known: boolean): Promise<string> => {
    const [id = ""] = await world.launch(1);
    await world.start(id, job());
    world.time += 5 * MINUTE;
    const { ledger } = world.sweepParts();
    const interruptedAt = new Date(world.time).toISOString();
    await ledger.addTask(FLEET, {
      kind: "rerun-job",
      instanceId: id,
      createdAt: interruptedAt,
      ...(known && { interruptedAt }),
    });
    return id;
  };
  const attempts = () => world.github.state.actions.runs.get(1)?.run_attempt;

  it("is not run again when its machine powered off, even if the notice was not written down", async () => {
    const id = await noticed(false);
    world.time += MINUTE;
    world.github.state.actions.complete(job(), "failure");
    world.cloud.stop(id, "Client.InstanceInitiatedShutdown");

    await world.sweeps(10);

    expect(attempts()).toBe(1);
  });

  it.each([
    [119_000, 1],
    [120_000, 2],
  ])(
    "has %i ms after the notice to do so before its machine is taken: attempt %i",
    async (after, attempt) => {
      const id = await noticed(true);
      world.time += after;
      world.github.state.actions.complete(job(), "failure");
      world.cloud.stop(id, TAKEN);

      await world.sweeps(10);

      expect(attempts()).toBe(attempt);
    },
  );

  it("waits until it is known why the machine ended", async () => {
    const id = await noticed(true);
    world.time += 2 * MINUTE;
    world.github.state.actions.lose(job());
    await world.sweeps(1);
    expect(attempts()).toBe(1);
    world.cloud.stop(id, TAKEN);

    await world.sweeps(2);

    expect(attempts()).toBe(2);
  });
});
