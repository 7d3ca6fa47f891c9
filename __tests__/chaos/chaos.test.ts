import { brokenBounds } from "./report";
import { runChaos } from "./run-chaos";

jest.setTimeout(60_000);

test("a world that goes wrong loses no job, doubles none, and leaves nothing behind", async () => {
  const figures = await runChaos({ seed: 7, jobs: 60 });

  // Of so few jobs one surplus machine is more than the share that is allowed.
  const broken = brokenBounds(figures).filter((text) => !text.includes("surplusShare"));
  expect(broken).toEqual([]);
  expect(figures.surplusShare).toBeLessThanOrEqual(0.05);
});

test("machines that die at boot are not replaced for ever, a person is told, and the jobs run once it is over", async () => {
  const figures = await runChaos({ seed: 3, jobs: 60, nature: "broken" });

  const broken = brokenBounds(figures).filter((text) => !text.includes("surplusShare"));
  expect(broken).toEqual([]);
  expect(figures.deadAtBoot).toBeGreaterThan(10);
  expect(figures.alarms["machines die before a job"]).toBeGreaterThan(0);
});

test("the same seed gives the same run, to the letter", async () => {
  const once = await runChaos({ seed: 8, jobs: 20 });
  const again = await runChaos({ seed: 8, jobs: 20 });
  const other = await runChaos({ seed: 9, jobs: 20 });

  expect(JSON.stringify(again)).toBe(JSON.stringify(once));
  expect(other.happenings).not.toBe(once.happenings);
});
