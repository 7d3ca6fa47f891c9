import { reportMarkdown } from "../../../scripts/plan-review/markdown/report";
import { reportJson } from "../../../scripts/plan-review/report-json";
import { readPlan } from "../../../scripts/plan-review/read-plan";
import { review as reviewOf } from "../../../scripts/plan-review/review";
import { planText, smallReview } from "./small-plan";

const SECRET = "correct-horse-battery-staple";
const NEW_SECRET = "another-horse-entirely";
const TOKEN = `ghp_${"a".repeat(36)}`;

const review = smallReview({
  "aws_ssm_parameter.marked": {
    before: { value: SECRET, tags: { note: SECRET, kept: "same" } },
    after: { value: NEW_SECRET, tags: { note: SECRET, kept: "other" } },
    sensitive: { value: true, tags: { note: true } },
  },
  "aws_lambda_function.leaking": {
    before: { environment: [{ variables: { TOKEN: "unset" } }] },
    after: { environment: [{ variables: { TOKEN } }] },
  },
  "aws_launch_template.encoded": {
    before: { user_data: "" },
    after: {
      user_data: Buffer.from(`export TOKEN=${TOKEN}\n# padding, to be long enough`).toString("base64"),
    },
  },
  "aws_iam_role_policy.marked": {
    before: { policy: `{"Statement":[]}` },
    after: { policy: `{"Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"${SECRET}"}]}` },
    sensitive: { policy: true },
  },
});

describe("a review", () => {
  it.each([
    ["Markdown", reportMarkdown(review)],
    ["JSON", reportJson(review)],
  ])("as %s holds nothing that the plan marks as sensitive, or that looks like a credential", (_, text) => {
    expect(text).not.toContain(SECRET);
    expect(text).not.toContain(NEW_SECRET);
    expect(text).not.toContain(TOKEN);
    expect(text).toContain("leaking");
  });

  it("tells that a sensitive value changes, and which ones stay", () => {
    const text = reportMarkdown(review);

    expect(text).toContain("`value`: `(sensitive)` → `(sensitive, changed)`");
    expect(text).toContain("`tags.kept`: `same` → `other`");
    expect(text).not.toContain("tags.note");
  });
});

describe("what the stack beside a plan fills in", () => {
  const stack = {
    resource: {
      aws_iam_role_policy: { p: { role: "r", policy: "pass ${data.aws_ssm_parameter.s.value}" } },
      aws_launch_template: { t: { user_data: '${base64encode("token ${data.aws_ssm_parameter.s.value}")}' } },
      aws_sqs_queue: { q: { policy: "a text" } },
    },
  };
  const plan = planText(
    {
      "aws_iam_role_policy.p": { before: { policy: "before" }, after: {}, unknown: { policy: true } },
      "aws_launch_template.t": { before: { user_data: "" }, after: {}, unknown: { user_data: true } },
      "aws_sqs_queue.q": {
        before: {},
        after: {},
        unknown: { policy: true },
        sensitive: { policy: true },
        actions: ["update"],
      },
    },
    {
      prior_state: {
        values: {
          root_module: {
            resources: [
              {
                address: "data.aws_ssm_parameter.s",
                mode: "data",
                values: { value: SECRET },
                sensitive_values: { value: true },
              },
            ],
          },
        },
      },
    },
  );
  const text = reportMarkdown(
    reviewOf(
      readPlan({ name: "plan.json", text: plan }, { name: "stack.json", text: JSON.stringify(stack) }),
    ),
  );

  it("holds no sensitive value of a data source", () => {
    expect(text).toContain("pass (sensitive)");
    expect(text).toContain("token (sensitive)");
    expect(text).not.toContain(SECRET);
  });

  it("leaves out what the plan marks as sensitive once it is known", () => {
    expect(text).toContain("(sensitive, changed)");
    expect(text).not.toContain("a text");
  });
});
