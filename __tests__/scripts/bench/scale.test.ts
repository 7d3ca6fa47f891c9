import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { drawCharts } from "../../../scripts/bench/charts";
import { blocksOf, updatePage } from "../../../scripts/bench/page";
import { readResults } from "../../../scripts/bench/results";
import { jobCost, planAtOnce, planDay, quotasFor } from "../../../scripts/bench/scale";

const root = resolve(__dirname, "../../..");
const read = (path: string): string => readFileSync(join(root, path), "utf8");

describe("a day", () => {
  const plan = planDay(100_000, { aJob: 1.25, anHour: 80 });

  it("is planned for its busiest hour", () => {
    expect(plan).toMatchObject({ jobsAnHour: 12_000, machines: 2300 });
  });

  it("takes as many Apps as GitHub's hour asks for, and its minute", () => {
    expect(plan.apps).toBe(Math.ceil((12_000 * 1.25 + 80) / 5000));
    // 12,000 an hour are 200 a minute, and one App makes 180.
    expect(planDay(100_000, { aJob: 0, anHour: 0 }).apps).toBe(2);
  });

  it("takes a second region above two machines a second", () => {
    expect(plan.regions).toBe(2);
    expect(planDay(60_000, { aJob: 1, anHour: 0 }).regions).toBe(1);
  });

  it("costs what the README says of 1,000 jobs", () => {
    expect(Math.round(1000 * jobCost("spot"))).toBe(9);
    expect(Math.round(1000 * jobCost("on-demand"))).toBe(18);
    expect(read("README.md")).toMatch(/this library, spot +\|[^|]*\| about 9 USD/);
    expect(read("README.md")).toMatch(/this library, on-demand +\|[^|]*\| about 18 USD/);
  });
});

describe("all at once", () => {
  it("waits for EC2 in one region, and for GitHub in ten", () => {
    expect(planAtOnce(10_000, 1, 5)).toMatchObject({
      ec2Seconds: 4500,
      registrationSeconds: 660,
      seconds: 4500,
    });
    expect(planAtOnce(10_000, 10, 5)).toMatchObject({ ec2Seconds: 0, registrationSeconds: 60, seconds: 60 });
  });
});

describe("quotas", () => {
  it("are taken by what a machine has", () => {
    const needs = Object.fromEntries(quotasFor(10_000).map(({ code, needed }) => [code, needed]));
    expect(needs).toEqual({
      "L-34B43A08": 20_000,
      "L-1216C47A": 20_000,
      "L-7A658B76": 293,
      "L-DF5E4CA3": 10_000,
    });
    expect(quotasFor(1000).find(({ code }) => code === "L-DF5E4CA3")?.enough).toBe(true);
  });
});

describe("docs/scale.md", () => {
  const results = readResults(join(root, "bench/results.json"));

  it("tells the figures of bench/results.json, and of nothing else", () => {
    expect(updatePage(read("docs/scale.md"), results)).toBe(read("docs/scale.md"));
  });

  it("is made of a whole run", () => {
    expect(results.quick).toBe(false);
    const skipped = Object.entries(results.parts).filter(([, findings]) => "skipped" in findings);
    // To boot a machine takes root.
    expect(skipped.map(([part]) => part).filter((part) => part !== "boot")).toEqual([]);
  });

  it("changes with them", () => {
    const page = "<!-- figures: at once -->\n\nold\n\n<!-- end -->";
    expect(() => updatePage(page, results)).toThrow('no place for "measured"');
    expect(blocksOf(results)["at once"]).toContain("75 min");
  });

  it("stands beside charts of the same run", () => {
    for (const [file, svg] of drawCharts(results.parts)) expect(read(`bench/${file}`)).toBe(svg);
  });
});
