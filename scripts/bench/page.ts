import type { Figure } from "./figure";
import type { Results } from "./results";
import { MOST_APPS, planAtOnce, planDay, quotasFor } from "./scale";
import { number } from "./table";
import { tuningTables } from "./tuning/tables";

/** What docs/scale.md tells in figures: blocks between two comments, made of the results and of published limits. */

const DAY_JOBS = 100_000;
const AT_ONCE = 10_000;
const PLANS: readonly (readonly [regions: number, apps: number])[] = [
  [1, 1],
  [1, MOST_APPS],
  [2, MOST_APPS],
  [5, MOST_APPS],
  [10, MOST_APPS],
];

/** Of the figures that a user feels, or that have a target of their own: the part, and their names. */
const SHOWN: readonly (readonly [part: string, name: RegExp])[] = [
  ["cold", /^webhook: zip$/],
  ["cold", /^(webhook|launch): import, Node 22$/],
  ["webhook", /^P50 of own time$/],
  ["synth", /^reference app, 1 fleet:/],
  ["launch", /^1 job, JIT, cold: (all registrations laid down|own time)/],
  ["launch", /^10 jobs, JIT, cold: all (machines asked for|registrations laid down)$/],
  ["launch", /^1000 jobs, .*: EC2 calls a job$/],
  ["boot", /^runner (in the image|downloaded): own$/],
  ["burst", /^1000 jobs, \d Apps?: (last|surplus machines$)/],
  ["burst", /^1000 jobs, 1 App: EC2 calls a job$/],
  ["sustained", /bound by|P99 from queued to started|calls that GitHub refused/],
];

/** What a target was missed by is told in any case. */
const isShown = (part: string, { name, reached }: Figure): boolean =>
  reached === false || SHOWN.some(([of, names]) => of === part && names.test(name));

/** @throws Error when the results lack what the page is made of */
export const blocksOf = ({ parts }: Results): Readonly<Record<string, string>> => ({
  measured: measured(parts),
  day: day(parts),
  "at once": atOnce(),
  quotas: quotaTable(parts),
  ...Object.fromEntries(
    Object.entries(tuningTables(figuresIn(parts, "tuning"))).map(([name, rows]) => [name, tableOf(rows)]),
  ),
});

/** The page with its blocks made anew. */
export const updatePage = (page: string, results: Results): string =>
  Object.entries(blocksOf(results)).reduce((text, [name, block]) => {
    const place = new RegExp(`(<!-- figures: ${name} -->\n\n)[^]*?(\n\n<!-- end -->)`);
    if (!place.test(text)) throw new Error(`The page has no place for "${name}": <!-- figures: ${name} -->`);
    return text.replace(place, (_, before: string, after: string) => `${before}${block}${after}`);
  }, page);

const figuresIn = (parts: Results["parts"], part: string): readonly Figure[] => {
  const findings = parts[part];
  return findings && "figures" in findings ? findings.figures : [];
};

const valueOf = (parts: Results["parts"], part: string, name: string): number => {
  const found = figuresIn(parts, part).find((figure) => figure.name === name);
  if (!found) throw new Error(`The results have no "${name}" in ${part}: run all of the benchmark.`);
  return found.value;
};

const measured = (parts: Results["parts"]): string =>
  tableOf([
    ["measured", "value", "to reach", ""],
    ...Object.keys(parts).flatMap((part) =>
      figuresIn(parts, part)
        .filter((figure) => isShown(part, figure))
        .map((figure) => [
          `${part}: ${figure.name}`,
          `${number(figure.value)} ${figure.unit}`,
          figure.target?.words ?? "",
          figure.reached === undefined ? "" : figure.reached ? "reached" : "not reached",
        ]),
    ),
  ]);

const planOf = (parts: Results["parts"]) =>
  planDay(DAY_JOBS, {
    aJob: valueOf(parts, "sustained", "GitHub calls a job"),
    anHour: valueOf(parts, "sustained", "GitHub calls an hour beside those"),
  });

const day = (parts: Results["parts"]): string => {
  const { jobs, jobsAnHour, machines, apps, regions, cost } = planOf(parts);
  return tableOf([
    [`${number(jobs)} jobs a day`, ""],
    ["jobs in the busiest hour", number(jobsAnHour)],
    ["machines at once, then", number(machines)],
    ["GitHub Apps", number(apps)],
    ["regions, at EC2's published rate", number(regions)],
    ["a day on spot", `${number(Math.round(cost.spot))} USD`],
    ["a day on-demand", `${number(Math.round(cost["on-demand"]))} USD`],
  ]);
};

const atOnce = (): string =>
  tableOf([
    ["regions", "Apps in each", "EC2", "GitHub", "last machine registered, at best"],
    ...PLANS.map(([regions, apps]) => {
      const { ec2Seconds, registrationSeconds, seconds } = planAtOnce(AT_ONCE, regions, apps);
      return [number(regions), number(apps), ...[ec2Seconds, registrationSeconds, seconds].map(minutes)];
    }),
  ]);

const minutes = (seconds: number): string =>
  seconds === 0 ? "at once" : `${number(Number((seconds / 60).toFixed(1)))} min`;

const quotaTable = (parts: Results["parts"]): string => {
  const [busy, burst] = [quotasFor(planOf(parts).machines), quotasFor(AT_ONCE)];
  return tableOf([
    ["quota", "code", "at first", `for ${number(DAY_JOBS)} a day`, `for ${number(AT_ONCE)} at once`],
    ...busy.map(({ name, service, code, initially, needed }, index) => [
      name,
      `${service} ${code}`,
      number(initially),
      number(needed),
      number(burst[index]?.needed ?? 0),
    ]),
  ]);
};

/** As prettier would write it, so that the page stays as it is. */
const tableOf = (rows: readonly (readonly string[])[]): string => {
  const columns =
    rows[0]?.map((_, column) => Math.max(3, ...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const lineOf = (cells: readonly string[], fill = " "): string =>
    `| ${columns.map((width, column) => (cells[column] ?? "").padEnd(width, fill)).join(" | ")} |`;
  const [heading = [], ...body] = rows;
  return [lineOf(heading), lineOf([], "-"), ...body.map((row) => lineOf(row))].join("\n");
};
