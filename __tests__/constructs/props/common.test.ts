import { CASES } from "./constructs";
import { COMMON_ROWS } from "./common-rows";
import { outcomeOf } from "./synthesis";
import type { CommonKey, CommonRow } from "./common-rows";

const ROWS = Object.entries(COMMON_ROWS) as [CommonKey, CommonRow<unknown>][];

const pairs = CASES.flatMap(([name, one]) =>
  ROWS.filter(([prop]) => Object.hasOwn(one.table.keys, prop)).map(
    ([prop, row]) => [prop, name, row, one] as const,
  ),
);

/** Where it has a default, it is not that of the installation beside. */
const prefixed = (name: string): object => (name === "EphemeralRunners" ? { prefix: "acme-ci" } : {});

describe("a common prop", () => {
  it("has a row for each, and is met in most constructs", () => {
    expect(pairs.length).toBeGreaterThan(60);
  });

  const leasts = new Map(
    CASES.filter(([, { table }]) => Object.hasOwn(table.keys, "prefix")).map(([name, { Class, least }]) => [
      name,
      outcomeOf((stack) => new Class(stack, "It", { ...prefixed(name), ...least(stack) })).elements,
    ]),
  );

  it.each(pairs)(
    "%s of %s is in every resource that it is for",
    (prop, name, { value, at }, { Class, least }) => {
      const without = leasts.get(name) ?? [];
      const given = outcomeOf(
        (stack) =>
          new Class(stack, "It", { ...prefixed(name), ...least(stack, { [prop]: value }), [prop]: value }),
      ).elements;

      const unchanged = without.filter(({ type, attributes }, index) => {
        const before = at(type, attributes);
        return (
          before !== undefined &&
          JSON.stringify(before) === JSON.stringify(at(type, given[index]!.attributes))
        );
      });

      expect(given.map(({ type }) => type)).toEqual(without.map(({ type }) => type));
      expect(unchanged.map(({ path }) => path.join("/"))).toEqual([]);
    },
  );
});
