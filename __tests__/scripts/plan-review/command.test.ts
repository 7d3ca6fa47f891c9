import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../run-program";
import { recorded } from "./recorded";
import { planText } from "./small-plan";

const folder = mkdtempSync(join(tmpdir(), "plan-review-"));
const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const destroyed = file("plan.json", planText({ "aws_dynamodb_table.t": { before: { id: "t" } } }));
const unchanged = file(
  "none.json",
  planText({ "aws_sqs_queue.q": { before: { id: "q" }, after: { id: "q" } } }),
);

interface Json {
  readonly verdict: string;
  readonly level: string;
  readonly matters: readonly { readonly kind: string; readonly path: string }[];
  readonly changes: readonly { readonly action: string }[];
  readonly cost: { readonly after: { readonly idleMonth: number } };
}

describe("ephemeral-runners plan-review", () => {
  it("writes Markdown, and ends with 0 whatever it found unless it was asked to fail", async () => {
    expect(await run(["plan-review", destroyed])).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^## 🔴 Stop and read: 1 store destroyed; 1 to destroy\.\n/) as string,
    });
  });

  it.each([
    ["data-destroyed", destroyed, 1],
    ["danger", destroyed, 1],
    ["iam-widened, data-destroyed", destroyed, 1],
    ["iam-widened,egress-opened", destroyed, 0],
    ["danger", unchanged, 0],
  ])("with --fail-on %s of %s ends with %d", async (kinds, path, code) => {
    const answer = await run(["plan-review", path, "--fail-on", kinds]);

    expect(answer.code).toBe(code);
    expect(answer.out).toMatch(/^## /);
  });

  it("reads standard input", async () => {
    const input = () => recorded("no-change");

    expect((await run(["plan-review", "-"], { input })).out).toMatch(/^## 🟢 Nothing changes/);
  });

  it("writes one object with --json", async () => {
    const input = () => recorded("hostile");

    const json = JSON.parse((await run(["plan-review", "-", "--json"], { input })).out) as Json;

    expect(json).toMatchObject({ level: "danger" });
    expect(json.matters[0]).toMatchObject({ kind: "iam-widened", path: "Runners/Launcher/Launch/Role" });
    expect(json.changes.filter(({ action }) => action === "delete")).toHaveLength(1);
    expect(json.cost.after.idleMonth).toBeCloseTo(1.42);
  });

  it("cuts to --limit", async () => {
    const input = () => recorded("hostile");

    expect((await run(["plan-review", "-", "--limit", "4000"], { input })).out.length).toBeLessThan(4_001);
  });

  it.each([
    [["plan-review"], "missing required argument"],
    [["plan-review", join(folder, "nothing.json")], "There is no file"],
    [["plan-review", file("text.json", "Plan: 3 to add")], "is not JSON. Give a plan as JSON"],
    [
      ["plan-review", file("state.json", '{"format_version":"1.0","values":{}}')],
      "is a state, and not a plan",
    ],
    [["plan-review", file("stack.json", '{"resource":{}}')], "is a synthesized stack, and not a plan"],
    [["plan-review", file("list.json", "[]")], "is JSON, but no object"],
    [["plan-review", destroyed, "--stack", destroyed], "is no stack. Give the synthesized stack"],
    [["plan-review", destroyed, "--fail-on", "nonsense"], "Known are: danger, moved-away"],
    [["plan-review", destroyed, "--limit", "many"], "It is a number of characters"],
  ])("%j ends with 2, and says what to give instead", async (words, told) => {
    const { code, error, out } = await run(words);

    expect(code).toBe(2);
    expect(error).toContain(told);
    expect(out).toBe("");
  });
});
