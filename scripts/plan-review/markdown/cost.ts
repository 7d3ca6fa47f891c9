import { strings } from "../../audit/model";
import { assumptionsText, fleetName, regionText, usd } from "../../cost/estimate";
import { PRICES } from "../../cost/prices";
import { code } from "./escape";
import type { Estimate } from "../../cost/estimate";
import type { IdleItem } from "../../cost/idle";
import type { FleetCost } from "../../cost/jobs";
import type { Review } from "../review";
import type { Section } from "./fit";

interface Row {
  readonly name: string;
  readonly before: string;
  readonly after: string;
}

const NOTHING = "–";

/** The same fleet, before and after. */
const isSame = (one: FleetCost, other: FleetCost): boolean =>
  one.fleet === other.fleet && one.installation === other.installation;

const amount = (fleets: readonly FleetCost[], fleet: FleetCost, market: string): string => {
  const markets = fleets.find((one) => isSame(one, fleet))?.markets;
  if (markets?.length === 0) return "not visible";
  const cost = markets?.find((one) => one.market === market);
  return cost === undefined
    ? NOTHING
    : `${usd(cost.expected)} (${usd(cost.cheapest)} to ${usd(cost.dearest)})`;
};

const fleetRows = ({ before, after }: Review["cost"]): readonly Row[] => {
  const all = [...after.fleets, ...before.fleets];
  const jobs = PRICES.assumptions.jobs.toLocaleString("en-US");
  const fleets = all.filter((fleet, index) => all.findIndex((one) => isSame(one, fleet)) === index);
  return fleets.flatMap((fleet) => {
    const markets = all.filter((one) => isSame(one, fleet)).flatMap((one) => one.markets);
    const names = [...new Set(markets.map(({ market }) => market))];
    // Where neither side tells the markets, one row tells that.
    return (names.length === 0 ? [""] : names).map((market) => ({
      name: `${jobs} jobs on ${code(fleetName(fleet, all))}${market === "" ? "" : `, ${market}`}`,
      before: amount(before.fleets, fleet, market),
      after: amount(after.fleets, fleet, market),
    }));
  });
};

const idleAmount = (found: IdleItem | undefined): string =>
  found === undefined ? NOTHING : `${usd(found.month)} (${found.count})`;

const idleRows = ({ before, after }: Review["cost"]): readonly Row[] => {
  const nameOf = ({ installation, what }: IdleItem): string =>
    installation === undefined ? what : `${what} of ${code(installation)}`;
  const names = [...new Set([...after.idle, ...before.idle].map(nameOf))];
  const find = ({ idle }: Estimate, name: string) => idle.find((one) => nameOf(one) === name);
  return names.map((name) => ({
    name: `  of it ${name}`,
    before: idleAmount(find(before, name)),
    after: idleAmount(find(after, name)),
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
  ...strings(regionText(after, code)),
  ...after.fleets
    .filter(({ unpriced }) => unpriced.length > 0)
    .map(
      (fleet) =>
        `${code(fleetName(fleet, after.fleets))}: no price is known for ${fleet.unpriced.map(code).join(", ")}.`,
    ),
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
