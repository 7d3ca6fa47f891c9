import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { drawCharts } from "../../../scripts/bench/charts";
import { blocksOf, updatePage } from "../../../scripts/bench/page";
import { atMost, figureOf } from "../../../scripts/bench/figure";
import { parts } from "../../../scripts/bench/parts";
import { examples } from "../../../scripts/bench/parts/synth";
import { isWhole, readResults } from "../../../scripts/bench/results";
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
  it("waits for GitHub with one App, for EC2 in one region, and for GitHub in ten", () => {
    expect(planAtOnce(10_000, 1, 5)).toMatchObject({
      ec2Seconds: 4500,
      registrationSeconds: 660,
      seconds: 4500,
    });
    expect(planAtOnce(10_000, 1, 1)).toMatchObject({
      ec2Seconds: 4500,
      registrationSeconds: 5220,
      seconds: 5220,
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
    expect(isWhole(results)).toBe(true);
    expect(Object.keys(results.parts).sort()).toEqual(Object.keys(parts).sort());
  });

  it("tells of every target that was missed, shown otherwise or not", () => {
    const missed = figureOf("sweep: import, Node 24", "ms", [90], { target: atMost(80, "ms") });
    const { measured } = blocksOf({ ...results, parts: { ...results.parts, cold: { figures: [missed] } } });
    expect(measured).toMatch(/cold: sweep: import, Node 24 +\| 90 ms +\| at most 80 ms +\| not reached/);
  });

  it.each([
    ["cold", "webhook: zip", "at most 45 KB"],
    [
      "cold",
      "webhook: import, Node 22",
      "at most 25 ms, or 0.2 of client-sqs, client-ssm and a logger, unbundled",
    ],
    ["cold", "launch: import, Node 22", "at most 0.4 of the peer's"],
    ["webhook", "P50 of own time", "at most 1 ms"],
    ["synth", "reference app, 1 fleet: time", "at most 1.5 times an empty app with one resource"],
    ["synth", "reference app, 1 fleet: peak memory", "at most 250 MB"],
    ["launch", "1 job, JIT, cold: own time, without a call under way", "at most 350 ms"],
    ["launch", "10 jobs, JIT, cold: all machines asked for", "at most 600 ms"],
    ["launch", "10 jobs, JIT, cold: all registrations laid down", "at most 1200 ms"],
    ["launch", "1000 jobs, JIT, 6 Apps, cold: EC2 calls a job", "at most 0.05 calls"],
    ["launch", "1000 jobs, nothing coalesced: EC2 calls a job", "at most 0.12 calls"],
    ["boot", "runner in the image: own", "at most 2000 ms"],
    ["burst", "1000 jobs, 1 App: last machine launched", "at most 1.1 times the bound"],
    ["burst", "1000 jobs, 1 App: last registration ready", "at most 1.1 times the bound"],
    ["burst", "1000 jobs, 1 App: surplus machines", "none"],
    ["burst", "1000 jobs, 1 App: EC2 calls a job", "at most 0.05 calls"],
  ])("holds %s, %s to: %s, and says whether it was reached", (part, name, target) => {
    const line = read("docs/scale.md")
      .split("\n")
      .find((text) => text.startsWith(`| ${part}: ${name} `));
    const [, , value, toReach, reached] = line!.split("|").map((cell) => cell.trim());
    expect(value).toMatch(/^[\d.,]+ \w+$/);
    expect(toReach).toBe(target);
    expect(reached).toMatch(/^(not )?reached$/);
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

describe("README.md", () => {
  const { parts: found } = readResults(join(root, "bench/results.json"));
  const secondsOf = (part: string, name: string): number => {
    const findings = found[part];
    const figures = findings && "figures" in findings ? findings.figures : [];
    return figures.find((figure) => figure.name === name)!.value / 1000;
  };

  it("tells about what was measured", () => {
    const [, launch, boot] =
      /a cold launch of one job takes ([\d.]+) s and the boot script ([\d.]+) s/.exec(read("README.md")) ??
      [];
    expect(Number(launch)).toBeCloseTo(
      secondsOf("launch", "1 job, JIT, cold: own time, without a call under way"),
      1,
    );
    expect(Number(boot)).toBeCloseTo(secondsOf("boot", "runner in the image: own"), 1);
  });
});

describe("the examples that are synthesized", () => {
  it("are those with the fewest and with the most resources", () => {
    const folder = join(root, "__tests__/golden");
    const counts = readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name !== "reference-app.golden.json")
      .map(({ name }): [string, number] => {
        const { resource } = JSON.parse(readFileSync(join(folder, name), "utf8")) as {
          resource: Record<string, object>;
        };
        const count = Object.values(resource).reduce((sum, ofType) => sum + Object.keys(ofType).length, 0);
        return [name.replace(".golden.json", ""), count];
      })
      .sort(([, one], [, other]) => one - other);
    expect(counts[0]?.[0]).toBe(examples.smallest);
    expect(counts.at(-1)?.[0]).toBe(examples.largest);
  });
});
