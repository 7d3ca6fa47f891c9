import { reportMarkdown } from "../../../scripts/plan-review/markdown/report";
import { reportJson } from "../../../scripts/plan-review/report-json";
import { smallReview } from "./small-plan";

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
