import fc from "fast-check";
import { quoted } from "../../../functions/shared/strange-text";

describe("a stranger's text", () => {
  it("stands in quotes on one line, no longer than it may be, with nothing in it that is not seen", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", maxLength: 300 }),
        fc.integer({ min: 1, max: 80 }),
        (text, most) => {
          const shown = quoted(text, most);
          const inside = JSON.parse(shown) as string;

          expect([...inside].length).toBeLessThanOrEqual(most);
          expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u);
        },
      ),
    );
  });

  it("is shown as it is, if it is harmless and short", () => {
    expect(quoted("close-network", 60)).toBe('"close-network"');
  });

  it("says that it was cut", () => {
    expect(quoted("abcdef", 4)).toBe('"abc…"');
  });
});
