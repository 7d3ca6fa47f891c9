/** Golden files against those of the last release: what Terraform would destroy or replace at a user's next apply. */
import manifest from "../package.json";
import { lastRelease, presentStack, releasedNames, releasedStack, unreleased } from "./support/golden";
import { REPLACED_FOR } from "./support/replaced-for";
import type { GoldenStack } from "./support/golden";

type Attributes = Readonly<Record<string, unknown>>;

const MOVED =
  "Give its construct the old id again; or let the new one say moveFromId, and name both addresses in CHANGELOG.md, [Unreleased], Moved.";
const REPLACED =
  "Leave it as it was; or name the address in CHANGELOG.md, [Unreleased], Replaced, with what goes with it.";

/** A reference says nothing of its own: what it points at is compared where it stands. */
const isLiteral = (value: unknown): boolean => !JSON.stringify(value ?? null).includes("${");

const differences = (type: string, before: Attributes, now: Attributes): readonly string[] =>
  (REPLACED_FOR[type] ?? [])
    .filter((name) => isLiteral(before[name]) && isLiteral(now[name]))
    .filter((name) => JSON.stringify(before[name]) !== JSON.stringify(now[name]))
    .map((name) => `${name} was ${JSON.stringify(before[name])} and is ${JSON.stringify(now[name])}`);

/** What a user loses who goes from one stack to the other, in words; but not what the changelog names. */
const losses = (released: GoldenStack, present: GoldenStack, told: string): readonly string[] =>
  Object.entries(released.resource)
    .flatMap(([type, all]) => Object.entries(all).map(([id, before]) => ({ type, id, before })))
    .filter(({ type, id }) => !told.includes(`\`${type}.${id}\``))
    .flatMap(({ type, id, before }) => {
      const now = present.resource[type]?.[id];
      if (now === undefined) return [`${type}.${id} is gone. ${MOVED}`];
      return differences(type, before, now).map(
        (difference) => `${type}.${id} would be replaced: ${difference}. ${REPLACED}`,
      );
    });

describe("an upgrade from the last release", () => {
  it.each(releasedNames())("loses nothing of %s that the changelog does not name", (name) => {
    expect(losses(releasedStack(name), presentStack(name), unreleased)).toEqual([]);
  });

  it.each(releasedNames())("is understood for every type of resource in %s", (name) => {
    const types = Object.keys(presentStack(name).resource);

    expect(types.filter((type) => REPLACED_FOR[type] === undefined)).toEqual([]);
  });

  describe("elsewhere", () => {
    const queue = (id: string, name: string): GoldenStack => ({
      resource: { aws_sqs_queue: { [id]: { name, delay_seconds: 1 } } },
    });
    const released = queue("Old", "jobs");

    it("tells what is gone", () => {
      expect(losses(released, queue("New", "jobs"), "")).toEqual([`aws_sqs_queue.Old is gone. ${MOVED}`]);
    });

    it("tells what would be replaced", () => {
      expect(losses(released, queue("Old", "work"), "")).toEqual([
        `aws_sqs_queue.Old would be replaced: name was "jobs" and is "work". ${REPLACED}`,
      ]);
    });

    it.each([
      ["what the changelog names", queue("New", "jobs"), "- `aws_sqs_queue.Old` is `aws_sqs_queue.New`"],
      ["another reference", queue("Old", "${aws_sqs_queue.Other.name}"), ""],
      ["what changes in place", { resource: { aws_sqs_queue: { Old: { name: "jobs" } } } }, ""],
    ])("lets %s be", (_what, present, told) => {
      expect(losses(released, present, told)).toEqual([]);
    });
  });
});

describe("the changelog", () => {
  it("has the package's version as its last release", () => {
    expect(lastRelease).toBe(manifest.version);
  });
});
