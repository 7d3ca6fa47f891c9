import { judge, type Delivery, type Judged } from "../../../functions/rotate-tokens/deliveries";

const NOW = Date.parse("2026-09-01T12:00:00Z");
const MINUTE = 60_000;

/** Failed attempts of one event, so many minutes ago; the first is the original. */
const failed = (guid: string, ...minutes: number[]): Delivery[] =>
  minutes.map((ago, index) => ({
    id: `${guid}${index + 1}`,
    guid,
    at: NOW - ago * MINUTE,
    redelivery: index > 0,
    succeeded: false,
  }));

const verdicts = (deliveries: readonly Delivery[], sent: string[] = []): Record<keyof Judged, string[]> => {
  const newestFirst = [...deliveries].sort((one, other) => other.at - one.at);
  const { due, waiting, failing } = judge(newestFirst, new Set(sent), NOW);
  const guids = (of: Judged[keyof Judged]): string[] => of.map(({ guid }) => guid);
  return { due: guids(due), waiting: guids(waiting), failing: guids(failing) };
};
const nothing = { due: [], waiting: [], failing: [] };

it("has events sent again that failed, oldest first", () => {
  const deliveries = [...failed("a", 3), ...failed("b", 1), ...failed("c", 2)];

  expect(verdicts(deliveries)).toEqual({ ...nothing, due: ["a", "c", "b"] });
});

it("names the latest attempt and the time of the first", () => {
  const [first, second] = failed("a", 30, 10);

  const { due } = judge([second, first] as Delivery[], new Set(), NOW);

  expect(due).toEqual([{ guid: "a", first: NOW - 30 * MINUTE, latest: second }]);
});

it.each([
  ["succeeded", { id: "2", redelivery: true, succeeded: true }],
  ["had succeeded before", { id: "0", redelivery: false, succeeded: true, at: NOW - 9 * MINUTE }],
])("leaves an event alone that %s", (_title, other) => {
  const [one] = failed("a", 5) as [Delivery];
  const attempts = [
    { ...one, redelivery: other.id === "0" },
    { ...one, at: NOW - MINUTE, ...other },
  ];

  expect(verdicts(attempts)).toEqual(nothing);
});

it("waits for an attempt that was asked for, and not for ever", () => {
  expect(verdicts(failed("a", 2), ["a1"])).toEqual({ ...nothing, waiting: ["a"] });
  expect(verdicts(failed("a", 179), ["a1"])).toEqual({ ...nothing, waiting: ["a"] });
  expect(verdicts(failed("a", 180), ["a1"])).toEqual(nothing);
});

it.each([
  [2, 5],
  [3, 20],
  [4, 60],
  [5, 180],
  [6, 360],
])("waits after failure %i for %i minutes", (failures, pause) => {
  const before = Array.from({ length: failures - 1 }, (_, index) => 800 - index);

  expect(verdicts(failed("a", ...before, pause - 1))).toEqual({ ...nothing, waiting: ["a"] });
  expect(verdicts(failed("a", ...before, pause))).toEqual({ ...nothing, due: ["a"] });
});

it("gives up after seven failures, whether or not the last was sent again", () => {
  const seven = failed("a", 900, 800, 90, 80, 70, 60, 0);

  expect(verdicts(seven)).toEqual({ ...nothing, failing: ["a"] });
  expect(verdicts(seven, ["a7"])).toEqual({ ...nothing, failing: ["a"] });
});

it("leaves an event alone whose first attempt was judged before", () => {
  expect(verdicts(failed("a", 90, 5, 4).slice(1))).toEqual(nothing);
});
