import { countByName } from "../../support/proxy";
import { workflowJob } from "../../support/workflow-job";
import { FLEET, ORGANIZATION, type World } from "../world";
import { instancesOf } from "./one-job";

const TEN = 10;
const LATENCY_MS = 50;

/** Ten jobs at once: one launch, ten registrations, and a bill of calls that does not grow tenfold. */
export const batch = (world: () => World): void => {
  let nextId = 88001;
  const deliverTen = async (): Promise<void> => {
    const ids = Array.from({ length: TEN }, () => nextId++);
    const jobs = ids.map((id) => workflowJob("queued", { owner: ORGANIZATION, labels: FLEET.labels, id }));
    const answers = await Promise.all(jobs.map((job) => world().deliver(job)));
    expect(answers.every(({ status }) => status === 202)).toBe(true);
  };
  const runTen = async (name: string): Promise<void> => {
    const machines = (await instancesOf(world())).length;
    const webhook = await world().callsOf(deliverTen);
    const launch = await world().callsOf(() => world().drainQueue());
    expect(launch.result).toEqual({ taken: TEN, failed: 0 });
    expect(await instancesOf(world())).toHaveLength(machines + TEN);
    expect(countByName(launch.aws)).toMatchObject({ "ec2:CreateFleet": 1 });
    expect(countByName(launch.github)).toEqual({
      [`POST /orgs/${ORGANIZATION}/actions/runners/generate-jitconfig`]: TEN,
    });
    world().count(name, webhook, launch);
  };
  const finishAll = async (): Promise<void> => {
    for (const { InstanceId } of await instancesOf(world())) {
      await world().deliver(
        workflowJob("completed", {
          owner: ORGANIZATION,
          labels: FLEET.labels,
          id: nextId++,
          runnerName: `e2e-${FLEET.name}-${InstanceId}`,
        }),
      );
    }
    while ((await world().drainQueue()).taken > 0);
  };

  describe("a batch of ten", () => {
    it("makes one launch and ten registrations, cold", async () => {
      await finishAll();
      world().lambda.cold();
      await runTen("10 jobs, cold");
    });

    it("makes one launch and ten registrations, warm", async () => {
      await finishAll();
      await runTen("10 jobs, warm");
    });

    it(`takes little longer with ${LATENCY_MS} ms more for every call`, async () => {
      await finishAll();
      for (const proxy of [world().aws, world().githubProxy]) proxy.latency = LATENCY_MS;
      try {
        await runTen(`10 jobs, warm, ${LATENCY_MS} ms a call`);
        await finishAll();
        world().lambda.cold();
        await runTen(`10 jobs, cold, ${LATENCY_MS} ms a call`);
      } finally {
        for (const proxy of [world().aws, world().githubProxy]) proxy.latency = 0;
      }
    });
  });
};
