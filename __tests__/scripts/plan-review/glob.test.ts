import fc from "fast-check";
import { contains, overlap } from "../../../scripts/plan-review/iam/glob";

const pattern = fc.string({ unit: fc.constantFrom("a", "b", "*", "?"), maxLength: 6 });
const text = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 6 });

const matches = (one: string, given: string): boolean =>
  new RegExp(`^${one.replaceAll("*", ".*").replaceAll("?", ".")}$`).test(given);

const LETTERS = ["a", "b", "c"];

/** Every text of up to six of these letters. */
const SOME = Array.from({ length: 6 }).reduce<readonly string[]>(
  (all) => [...new Set(all.flatMap((one) => [one, ...LETTERS.map((letter) => one + letter)]))],
  [""],
);

describe("a pattern of IAM", () => {
  it.each([
    ["*", "s3:GetObject", true],
    ["s3:*", "s3:Get*", true],
    ["s3:Get*", "s3:*", false],
    ["arn:aws:s3:::a/*", "arn:aws:s3:::a/b/*", true],
    ["arn:aws:s3:::a/*", "arn:aws:s3:::a*", false],
    ["a?", "a*", false],
    ["a?", "ab", true],
    ["a*", "a?", true],
    ["a*b*c", "axxbyyc", true],
    ["", "", true],
    ["", "a", false],
  ])("%s contains %s: %s", (wide, narrow, expected) => {
    expect(contains(wide, narrow)).toBe(expected);
  });

  it("contains another only if it takes in every text of it", () => {
    fc.assert(
      fc.property(pattern, pattern, text, (wide, narrow, given) => {
        fc.pre(contains(wide, narrow) && matches(narrow, given));
        expect(matches(wide, given)).toBe(true);
      }),
    );
  });

  it("contains exactly the texts that it fits", () => {
    fc.assert(
      fc.property(pattern, text, (one, given) => expect(contains(one, given)).toBe(matches(one, given))),
    );
  });

  it("overlaps another exactly where a text fits both", () => {
    fc.assert(
      fc.property(pattern, pattern, (one, other) => {
        const both = SOME.some((given) => matches(one, given) && matches(other, given));
        // A text that fits both need be no longer than what the two ask for together.
        fc.pre(one.replaceAll("*", "").length + other.replaceAll("*", "").length <= 6);
        expect(overlap(one, other)).toBe(both);
      }),
    );
  });

  it("is compared at once, whoever wrote it", () => {
    const start = Date.now();

    contains(`${"*a".repeat(200)}b`, "a".repeat(2_000));
    overlap("*a".repeat(200), "*b".repeat(200));

    expect(Date.now() - start).toBeLessThan(2_000);
  });
});
