import { countByName } from "../../support/proxy";
import { workflowJob } from "../../support/workflow-job";
import type { Measured } from "../figures";
import { instancesOf, runAll } from "../machines";
import { deliver, drainQueue } from "../traffic";
import { FLEET, ORGANIZATION, type World } from "../world";

const TEN = 10;
const LATENCY_MS = 50;
/** Ten registrations one after the other would begin over nine times the latency. */
const LONGEST_START_MS = (TEN * LATENCY_MS) / 2;
/** Half of what the quickest other system was seen to take. */
const LONGEST_MS = 5000;

/** Ten jobs at once: one launch, ten registrations, and a bill of calls that does not grow tenfold. */
export const batch = (world: () => World): void => {
  let nextId = 88001;
  const deliverTen = async (): Promise<void> => {
    const ids = Array.from({ length: TEN }, () => nextId++);
    const jobs = ids.map((id) => workflowJob("queued", { owner: ORGANIZATION, labels: FLEET.labels, id }));
    const answers = await Promise.all(jobs.map((job) => deliver(world(), job)));
    expect(answers.every(({ status }) => status === 202)).toBe(true);
  };
  const runTen = async (name: string): Promise<Measured> => {
    const webhook = await world().callsOf(deliverTen);
    const launch = await world().callsOf(() => drainQueue(world(), TEN));
    expect(launch.result).toEqual({ taken: TEN, failed: 0 });
    expect(await instancesOf(world())).toHaveLength(TEN);
    expect(countByName(launch.aws)).toMatchObject({ "ec2:CreateFleet": 1 });
    expect(countByName(launch.github)).toEqual({
      [`POST /orgs/${ORGANIZATION}/actions/runners/generate-jitconfig`]: TEN,
    });
    world().figures.count(name, webhook, launch);
    return launch;
  };
  describe("a batch of ten", () => {
    it("makes one launch and ten registrations, cold", async () => {
      await runAll(world());
      world().lambda.cold();
      await runTen("10 jobs, cold");
    });

    it("makes one launch and ten registrations, warm", async () => {
      await runAll(world());
      await runTen("10 jobs, warm");
    });

    it(`takes little longer with ${LATENCY_MS} ms more for every call`, async () => {
      await runAll(world());
      for (const proxy of [world().aws, world().githubProxy]) proxy.latency = LATENCY_MS;
      try {
        const { github, milliseconds } = await runTen(`10 jobs, warm, ${LATENCY_MS} ms a call`);
        const begun = github.map(({ time }) => time);
        expect(Math.max(...begun) - Math.min(...begun)).toBeLessThan(LONGEST_START_MS);
        expect(milliseconds).toBeLessThan(LONGEST_MS);
        await runAll(world());
        world().lambda.cold();
        await runTen(`10 jobs, cold, ${LATENCY_MS} ms a call`);
      } finally {
        for (const proxy of [world().aws, world().githubProxy]) proxy.latency = 0;
      }
    });
  });
};
