import { assumptionsText, usd } from "../../cost/estimate";
import { PRICES } from "../../cost/prices";
import { code } from "./escape";
import type { Estimate } from "../../cost/estimate";
import type { FleetCost } from "../../cost/jobs";
import type { Review } from "../review";
import type { Section } from "./fit";

interface Row {
  readonly name: string;
  readonly before: string;
  readonly after: string;
}

const NOTHING = "–";

const amount = (fleets: readonly FleetCost[], fleet: string, market: string): string => {
  const markets = fleets.find((one) => one.fleet === fleet)?.markets;
  if (markets?.length === 0) return "not visible";
  const cost = markets?.find((one) => one.market === market);
  return cost === undefined
    ? NOTHING
    : `${usd(cost.expected)} (${usd(cost.cheapest)} to ${usd(cost.dearest)})`;
};

const fleetRows = ({ before, after }: Review["cost"]): readonly Row[] => {
  const all = [...after.fleets, ...before.fleets];
  const jobs = PRICES.assumptions.jobs.toLocaleString("en-US");
  return [...new Set(all.map(({ fleet }) => fleet))].flatMap((fleet) => {
    const markets = all.filter((one) => one.fleet === fleet).flatMap((one) => one.markets);
    const names = [...new Set(markets.map(({ market }) => market))];
    // Where neither side tells the markets, one row tells that.
    return (names.length === 0 ? [""] : names).map((market) => ({
      name: `${jobs} jobs on ${code(fleet)}${market === "" ? "" : `, ${market}`}`,
      before: amount(before.fleets, fleet, market),
      after: amount(after.fleets, fleet, market),
    }));
  });
};

const idleAmount = (found: Estimate["idle"][number] | undefined): string =>
  found === undefined ? NOTHING : `${usd(found.month)} (${found.count})`;

const idleRows = ({ before, after }: Review["cost"]): readonly Row[] => {
  const kinds = [...new Set([...after.idle, ...before.idle].map(({ what }) => what))];
  const find = ({ idle }: Estimate, what: string) => idle.find((one) => one.what === what);
  return kinds.map((what) => ({
    name: `  of it ${what}`,
    before: idleAmount(find(before, what)),
    after: idleAmount(find(after, what)),
  }));
};

const table = (rows: readonly Row[]): string =>
  [
    "| USD | before | after |",
    "| --- | ---: | ---: |",
    ...rows.map(({ name, before, after }) => `| ${name} | ${before} | ${after} |`),
  ].join("\n");

const notes = ({ after }: Review["cost"]): readonly string[] => [
  assumptionsText(),
  ...(after.otherRegions.length > 0
    ? [`This stack stands in ${after.otherRegions.map(code).join(", ")}, where prices differ.`]
    : []),
  ...after.fleets
    .filter(({ unpriced }) => unpriced.length > 0)
    .map(({ fleet, unpriced }) => `${code(fleet)}: no price is known for ${unpriced.map(code).join(", ")}.`),
];

const total = ({ before, after }: Review["cost"]): Row => ({
  name: "idle, a month",
  before: before.idle.length === 0 ? NOTHING : usd(before.idleMonth),
  after: usd(after.idleMonth),
});

/** One line where nothing changes, a table where something does. */
export const costSections = ({ cost }: Review): readonly Section[] => {
  const { before, after } = cost;
  if (after.idle.length === 0 && before.idle.length === 0 && after.fleets.length === 0) return [];
  const rows = [total(cost), ...idleRows(cost), ...fleetRows(cost)];
  const changed = rows.some((row) => row.before !== row.after);
  const head = `Cost: ${total(cost).after} USD a month idle${changed ? "" : ", as before"}`;
  const body = [table(rows), "", ...notes(cost)].join("\n");
  return changed
    ? [{ full: `### Cost\n\n${body}`, short: head }]
    : [{ full: `<details><summary>${head}</summary>\n\n${body}\n\n</details>`, short: head }];
};
