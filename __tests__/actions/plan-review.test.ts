import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const script = resolve(__dirname, "../../.github/actions/plan-review/review.sh");

interface Programs {
  readonly review?: number;
  readonly post?: number;
}

/** Runs the action's script with an `npx` that writes down its words and ends as it is told. */
const runAction = ({ review = 0, post = 0 }: Programs, inputs: Record<string, string> = {}) => {
  const folder = mkdtempSync(join(tmpdir(), "action-"));
  const path = (name: string): string => join(folder, name);
  writeFileSync(
    path("npx"),
    `#!/bin/sh
for word in "$@"; do printf '[%s]' "$word"; done >>"${path("calls")}"
echo >>"${path("calls")}"
case "$3" in
  plan-review) echo "## The review"; exit ${review} ;;
  post-comment) exit ${post} ;;
esac
`,
  );
  chmodSync(path("npx"), 0o755);
  const { status, stdout } = spawnSync("bash", [script], {
    encoding: "utf8",
    env: {
      PATH: `${folder}:${process.env.PATH}`,
      RUNNER_TEMP: folder,
      GITHUB_STEP_SUMMARY: path("summary"),
      GITHUB_OUTPUT: path("output"),
      GITHUB_EVENT_NAME: "pull_request",
      ...{ PLAN: "plan.json", STACK: "", FAIL_ON: "", KEY: "default", LOGIN: "github-actions[bot]" },
      ...inputs,
    },
  });
  const text = (name: string): string => (existsSync(path(name)) ? readFileSync(path(name), "utf8") : "");
  const file = path(`plan-review-${(inputs.KEY ?? "default").replaceAll("/", "-")}.md`);
  return {
    status,
    stdout,
    calls: text("calls").trim().replaceAll(file, "REVIEW").split("\n"),
    summary: text("summary"),
    output: text("output").trim().replaceAll(file, "REVIEW"),
  };
};

const POST =
  "[--no-install][ephemeral-runners][post-comment][REVIEW][--key][default][--login][github-actions[bot]]";

describe("the action plan-review", () => {
  it("reviews the plan, into the summary and into the pull request", () => {
    expect(runAction({})).toEqual({
      status: 0,
      stdout: "",
      calls: ["[--no-install][ephemeral-runners][plan-review][plan.json]", POST],
      summary: "## The review\n",
      output: "review=REVIEW",
    });
  });

  it("hands its inputs over as they are", () => {
    const inputs = {
      PLAN: "a $(id).json",
      STACK: "the stack.json",
      FAIL_ON: "danger",
      KEY: "eu/production",
      LOGIN: "acme[bot]",
    };

    expect(runAction({}, inputs).calls).toEqual([
      "[--no-install][ephemeral-runners][plan-review][a $(id).json][--stack][the stack.json][--fail-on][danger]",
      "[--no-install][ephemeral-runners][post-comment][REVIEW][--key][eu/production][--login][acme[bot]]",
    ]);
  });

  it("posts the review first, and then fails as it was asked to", () => {
    expect(runAction({ review: 1 })).toMatchObject({
      status: 1,
      calls: [expect.anything(), POST],
      summary: "## The review\n",
    });
  });

  it("posts nothing where there is no review", () => {
    expect(runAction({ review: 2 })).toMatchObject({ status: 2, calls: [expect.anything()], summary: "" });
  });

  it("warns where the review cannot be posted, as for a fork, and fails where it is used wrongly", () => {
    expect(runAction({ post: 1 })).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^::warning /) as string,
    });
    expect(runAction({ post: 2 })).toMatchObject({ status: 2 });
  });

  it("posts to pull requests only", () => {
    expect(runAction({}, { GITHUB_EVENT_NAME: "push" }).calls).toHaveLength(1);
  });
});
