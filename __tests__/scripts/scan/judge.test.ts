import type { CheckResult } from "../../../scripts/scan/checkov";
import { idleSuppressions, judge } from "../../../scripts/scan/judge";
import { suppressions } from "../../../scripts/scan/suppressions";
import type { Suppression } from "../../../scripts/scan/suppressions";

const result = (check: string, resource: string, passed = false): CheckResult => ({
  check,
  resource,
  passed,
  title: "A title",
  file: "defaults/stack.tf.json",
});

const known: Suppression = {
  check: "CKV_1",
  asks: "a key",
  resources: /^Runners_Table_/,
  reason: "It has one.",
  unless: "kmsKeyArn",
};

const defaults = { name: "defaults", sets: [] };

describe("a scan", () => {
  it("lets a known failure of a known resource pass, and counts it", () => {
    const verdict = judge(
      defaults,
      [result("CKV_1", "Runners_Table_1"), result("CKV_2", "Runners_Queue_1", true)],
      [known],
    );

    expect(verdict).toEqual({ variant: "defaults", passed: 1, suppressed: 1, failed: [] });
  });

  it.each([
    ["another check", result("CKV_10", "Runners_Table_1"), defaults],
    ["another resource", result("CKV_1", "Another_Runners_Table_1"), defaults],
    [
      "what a prop is there for, where it is set",
      result("CKV_1", "Runners_Table_1"),
      { name: "strict", sets: ["kmsKeyArn"] },
    ],
  ])("fails for %s", (_what, failure, variant) => {
    expect(judge(variant, [failure], [known]).failed).toEqual([failure]);
  });

  it.each([
    ["the check passes", [result("CKV_1", "Runners_Table_1", true)]],
    ["only others fail", [result("CKV_2", "Runners_Table_1"), result("CKV_1", "Runners_Queue_1")]],
    ["the resource is gone", []],
  ])("names a suppression that suppresses nothing, when %s", (_when, results) => {
    expect(idleSuppressions(results, [known])).toEqual([known]);
  });

  it("keeps a suppression that still suppresses something", () => {
    expect(idleSuppressions([result("CKV_1", "Runners_Table_1")], [known])).toEqual([]);
  });
});

describe("the suppressions", () => {
  it("stand once for each check and kind of resource, each with its reason", () => {
    const names = suppressions.map(({ check, resources }) => `${check} ${resources.source}`);

    expect(new Set(names).size).toBe(names.length);
    expect(suppressions.filter(({ reason }) => reason.length < 40)).toEqual([]);
  });
});
