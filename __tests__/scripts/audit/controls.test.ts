import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { CONTROLS } from "../../../scripts/audit/controls";
import { BREAKS } from "./breaks";
import { recordedPlan, synthesizeApp } from "./document";
import { FURTHER_BREAKS } from "./further-breaks";
import type { Document } from "./document";

const tests = resolve(__dirname, "../..");
const app = synthesizeApp();
/** What a stack cannot show, or what was not asked for. */
const HIDDEN = [2, 6, 10, 19, 22, 23, 24, 25, 35];

const forms: readonly [string, Document, readonly number[]][] = [
  ["a synthesized stack", app, HIDDEN],
  // Applied by a release that did not renew the runner's version, so that only GitHub knows how good it is.
  ["a plan", recordedPlan("standing"), [...HIDDEN, 33].sort((one, other) => one - other)],
];

const idsOf = (results: Record<number, string>, result: string): number[] =>
  Object.keys(results)
    .map(Number)
    .filter((id) => results[id] === result);

describe("the controls", () => {
  it("are 35, in their order", () => {
    expect(CONTROLS.map(({ id }) => id)).toEqual(Array.from({ length: 35 }, (_, index) => index + 1));
  });

  it("name tests that are there", () => {
    const missing = CONTROLS.flatMap(({ proof }) => proof).filter((path) => !existsSync(join(tests, path)));

    expect(missing).toEqual([]);
  });

  it("that a check stands for are broken by a test, each", () => {
    const broken = new Set(BREAKS.map(({ control }) => control));
    const checked = CONTROLS.filter(({ check }) => check !== undefined).map(({ id }) => id);

    expect(checked.filter((id) => !broken.has(id))).toEqual([]);
  });
});

describe.each(forms)("in %s", (_form, base, hiddenHere) => {
  const before = base.results();

  it("every control passes that can be seen", () => {
    expect(idsOf(before, "fail")).toEqual([]);
    expect(idsOf(before, "not visible here")).toEqual(hiddenHere);
  });

  it.each([...BREAKS, ...FURTHER_BREAKS])(
    "control $control alone fails for: $what",
    ({ control, deed, now }) => {
      const broken = base.copy();
      deed(broken);

      const results = broken.results(now);

      expect(results).toEqual({ ...before, [control]: "fail" });
    },
  );
});
