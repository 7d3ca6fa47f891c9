import { LimitedError } from "../../../functions/shared/github-access";
import { jobItem, machineItem, taskItem, type Task } from "../../../functions/shared/ledger-items";
import { logger } from "../../../functions/shared/logger";
import { FLEET } from "../../support/fleet-world";
import type { Conclusion } from "../../support/github-actions";
import { eachInSweepWorld, MINUTE, type SweepWorld } from "./sweep-world";

const RERUN = /\/rerun$/;
const DAY = 24 * 60 * MINUTE;

describe("the sweep's tasks", () => {
  let world: SweepWorld;
  eachInSweepWorld((fresh) => (world = fresh));

  const actions = () => world.github.state.actions;
  const job = (id: number) => actions().jobs.get(id)!;
  const task = (kind: Task["kind"], id: string) =>
    world.item<Task & { open?: string }>(taskItem({ kind, instanceId: id }));
  const isOver = (kind: Task["kind"], id: string): boolean => task(kind, id)?.open === undefined;
  const add = (kind: Task["kind"], instanceId: string) =>
    world
      .sweepParts()
      .ledger.addTask(FLEET, { kind, instanceId, createdAt: new Date(world.time).toISOString() });

  /** The machine gets its notice, as the interruption function writes it down. */
  const interrupt = async (id: string): Promise<void> => {
    const interruptedAt = new Date(world.time).toISOString();
    await world.sweepParts().ledger.note(FLEET, machineItem(id), { interruptedAt });
    await add("rerun-job", id);
  };
  /** Two minutes later it is taken, and its job ends. */
  const take = async (id: string, jobId: number, conclusion: Conclusion = "failure"): Promise<void> => {
    world.time += 2 * MINUTE;
    world.cloud.stop(id, "Server.SpotInstanceTermination");
    actions().complete(job(jobId), conclusion);
    await world.tell("completed", job(jobId));
  };
  const interrupted = async (conclusion?: Conclusion): Promise<string> => {
    const [id = ""] = await world.launch(1);
    await world.start(id, job(1));
    world.time += 5 * MINUTE;
    await interrupt(id);
    await take(id, 1, conclusion);
    return id;
  };

  describe("remove-runner", () => {
    it("removes the record of a runner that is free", async () => {
      const [id = ""] = await world.launch(1);
      world.online(id);
      await add("remove-runner", id);

      await world.sweep();

      expect(world.recordOf(id)).toBeUndefined();
      expect(isOver("remove-runner", id)).toBe(true);
    });

    it("waits longer each time while the runner is busy", async () => {
      const [id = ""] = await world.launch(1);
      await world.start(id, job(1));
      await add("remove-runner", id);

      await world.sweeps(8);

      // At once, and after 2, 4 and 8 minutes more.
      expect(world.requests("DELETE", /\/runners\/\d+$/)).toBe(4);
      expect(isOver("remove-runner", id)).toBe(false);
      expect(world.recordOf(id)).toBeDefined();
    });

    it("never waits longer than eight minutes, however long the job goes on", async () => {
      const [id = ""] = await world.launch(1);
      await world.start(id, job(1));
      await add("remove-runner", id);

      await world.sweeps(20);

      const asked = world.github.requests.filter(({ method }) => method === "DELETE").map(({ time }) => time);
      const pauses = asked.slice(1).map((time, index) => (time - asked[index]!) / MINUTE);
      expect(pauses).toEqual([2, 4, 8, 8, 8, 8]);
    });

    it("is over when there is no record any more", async () => {
      const [id = ""] = await world.launch(1);
      world.github.state.deregister(world.recordOf(id)!);
      await add("remove-runner", id);

      await world.sweep();

      expect(isOver("remove-runner", id)).toBe(true);
    });
  });

  describe("rerun-job", () => {
    it.each(["failure", "cancelled"] as const)("runs a job again that ended as %s", async (conclusion) => {
      const id = await interrupted(conclusion);

      await world.sweep();

      expect(actions().runs.get(1)?.run_attempt).toBe(2);
      expect(isOver("rerun-job", id)).toBe(true);
      await world.sweeps(10);
      expect(world.requests("POST", RERUN)).toBe(1);
    });

    it.each([-31_000, 700_000])(
      "runs it again though GitHub's clock is %d ms ahead of ours",
      async (skew) => {
        world.skew = skew;
        await interrupted("cancelled");

        await world.sweep();

        expect(world.requests("POST", RERUN)).toBe(1);
      },
    );

    it("does not when it failed by itself, though GitHub's clock is 700 seconds ahead", async () => {
      world.skew = 700_000;
      const failedAt = world.time + 6 * MINUTE + world.skew;
      await interrupted();
      const step = { conclusion: "failure", completed_at: new Date(failedAt).toISOString() };
      Object.assign(job(1), { steps: [step] });

      await world.sweep();

      expect(world.requests("POST", RERUN)).toBe(0);
    });

    it("does not when it is switched off", async () => {
      world.set({ rerunInterrupted: false });
      const id = await interrupted();

      await world.sweep();

      expect(world.requests("POST", RERUN)).toBe(0);
      expect(isOver("rerun-job", id)).toBe(true);
    });

    it("does not when the job made it in time", async () => {
      const id = await interrupted("success");

      await world.sweep();

      expect(world.requests("POST", RERUN)).toBe(0);
      expect(isOver("rerun-job", id)).toBe(true);
    });

    it("does not when the job had ended before", async () => {
      const [id = ""] = await world.launch(1);
      await world.start(id, job(1));
      actions().complete(job(1), "failure");
      await world.tell("completed", job(1));
      world.time += MINUTE;
      await interrupt(id);

      await world.sweep();

      expect(world.requests("POST", RERUN)).toBe(0);
      expect(isOver("rerun-job", id)).toBe(true);
    });

    it.each([
      ["before the notice", -MINUTE, 0],
      ["while the machine still ran", MINUTE, 0],
      ["as the machine shut down", 2 * MINUTE, 1],
    ])("asks whether a step failed %s", async (_, offset, reruns) => {
      const noticeAt = world.time + 5 * MINUTE;
      await interrupted();
      const step = { conclusion: "failure", completed_at: new Date(noticeAt + offset).toISOString() };
      Object.assign(job(1), { steps: [{ conclusion: "success" }, step] });

      await world.sweep();

      expect(world.requests("POST", RERUN)).toBe(reruns);
    });

    it("does not when somebody cancelled the job before the machine was taken", async () => {
      const [id = ""] = await world.launch(1);
      await world.start(id, job(1));
      await interrupt(id);
      world.time += 20_000;
      actions().complete(job(1), "cancelled");
      await world.tell("completed", job(1));
      world.cloud.stop(id, "Client.InstanceInitiatedShutdown");

      await world.sweep();

      expect(world.requests("POST", RERUN)).toBe(0);
      expect(isOver("rerun-job", id)).toBe(true);
    });

    it("rings once when the App may not, and asks no more", async () => {
      const id = await interrupted();
      const route = "POST /repos/{owner}/{repo}/actions/jobs/{job_id}/rerun";
      world.github.inject({ route, status: 403, message: "Resource not accessible by integration" });

      await world.sweeps(30);

      const alarms = jest.mocked(logger.error).mock.calls.map(([text]) => text);
      expect(alarms).toEqual(["interrupted job not run again"]);
      expect(isOver("rerun-job", id)).toBe(true);
    });

    it("does not when somebody cancelled the job long after the machine was gone", async () => {
      const [id = ""] = await world.launch(1);
      await world.start(id, job(1));
      await interrupt(id);
      world.time += 8 * MINUTE;
      await take(id, 1, "cancelled");

      await world.sweep();

      expect(world.requests("POST", RERUN)).toBe(0);
      expect(isOver("rerun-job", id)).toBe(true);
    });

    it("waits until GitHub has noticed, and until the whole run has ended", async () => {
      const [id = ""] = await world.launch(1);
      const other = world.job(2);
      await world.start(id, job(1));
      await interrupt(id);
      await world.sweeps(1);
      await take(id, 1);
      await world.sweeps(2);
      expect(world.requests("POST", RERUN)).toBe(0);

      actions().cancel(other);
      await world.sweeps(4);

      expect(world.requests("POST", RERUN)).toBe(1);
      expect(isOver("rerun-job", id)).toBe(true);
    });

    it("runs every interrupted job of a run again, one after the other", async () => {
      const ids = await world.launch(1, 2);
      await world.start(ids[0]!, job(1));
      await world.start(ids[1]!, job(2));
      await Promise.all(ids.map(interrupt));
      await take(ids[0]!, 1);
      await take(ids[1]!, 2);
      await world.sweep();
      const [first] = [...actions().jobs.values()].filter(({ run_attempt: attempt }) => attempt === 2);
      actions().complete(first!);

      await world.sweeps(8);

      const again = [...actions().jobs.values()].filter(({ run_attempt: attempt }) => attempt > 1);
      expect(again.map(({ name }) => name).sort()).toEqual(["job-1", "job-2"]);
    });

    it("does not run a job again that somebody else had run again", async () => {
      const id = await interrupted();
      world.time += MINUTE;
      const again = actions().rerun(job(1))!;
      actions().complete(again);

      await world.sweep();

      expect(world.requests("POST", RERUN)).toBe(0);
      expect(isOver("rerun-job", id)).toBe(true);
    });

    it("does not run a job twice when the answer is lost", async () => {
      const id = await interrupted();
      world.github.inject({
        route: "POST /repos/{owner}/{repo}/actions/jobs/{job_id}/rerun",
        loseAnswer: true,
      });
      await world.sweep();
      world.time += MINUTE;
      actions().complete([...actions().jobs.values()].at(-1)!);

      await world.sweeps(3);

      expect(actions().runs.get(1)?.run_attempt).toBe(2);
      expect(isOver("rerun-job", id)).toBe(true);
    });

    it("waits longer each time while GitHub fails", async () => {
      const id = await interrupted();
      const route = "POST /repos/{owner}/{repo}/actions/jobs/{job_id}/rerun";
      world.github.inject({ route, status: 500 });

      await world.sweeps(8);

      expect(world.requests("POST", RERUN)).toBe(4);
      expect(isOver("rerun-job", id)).toBe(false);
    });

    it("does not give a machine up that may still get a job", async () => {
      world.set({ idleLimitSeconds: 3600 });
      const [id = ""] = await world.launch(1);
      world.online(id);
      await interrupt(id);

      await world.sweeps(12);

      expect(isOver("rerun-job", id)).toBe(false);
    });

    it("gives a machine up that had no job", async () => {
      const [id = ""] = await world.launch(1);
      actions().cancel(job(1));
      await world.tell("completed", job(1));
      await interrupt(id);
      world.cloud.stop(id, "Server.SpotInstanceTermination");
      await world.sweeps(6);
      expect(isOver("rerun-job", id)).toBe(false);

      await world.sweeps(6);

      expect(isOver("rerun-job", id)).toBe(true);
    });

    it("gives up after the thirty days in which GitHub runs something again", async () => {
      const [id = ""] = await world.launch(1);
      await world.start(id, job(1));
      await interrupt(id);
      world.time += 30 * DAY;
      await world.sweep();
      expect(isOver("rerun-job", id)).toBe(false);

      world.time += 10 * MINUTE;
      await world.sweep();

      expect(isOver("rerun-job", id)).toBe(true);
      expect(world.item(jobItem(1))).toBeDefined();
    });

    it("counts no try while GitHub asks for patience", async () => {
      const id = await interrupted();
      const { access } = world.sweepParts();
      world.replaced.access = { ...access, call: () => Promise.reject(new LimitedError("app", world.time)) };
      await world.sweeps(3);
      expect(task("rerun-job", id)).not.toHaveProperty("tries");
      expect(logger.error).not.toHaveBeenCalled();

      world.replaced.access = access;
      await world.sweeps(1);

      expect(world.requests("POST", RERUN)).toBe(1);
    });
  });
});
