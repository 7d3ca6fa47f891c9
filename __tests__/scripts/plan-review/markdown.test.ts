import MarkdownIt from "markdown-it";
import { code, fenced, html } from "../../../scripts/plan-review/markdown/escape";
import { fit } from "../../../scripts/plan-review/markdown/fit";
import { reportMarkdown } from "../../../scripts/plan-review/markdown/report";
import { textDiff } from "../../../scripts/plan-review/text-diff";
import { HOSTILE_KEY, INJECTION } from "./attack";
import { recordedReview } from "./recorded";
import { smallReview } from "./small-plan";

const markdown = new MarkdownIt({ html: true, linkify: true });

/** What a reader sees outside of code, and what HTML was let through. */
const outside = (text: string): { readonly words: string; readonly tags: readonly string[] } => {
  const rendered = markdown
    .render(text)
    .replace(/<pre><code[^>]*>[^]*?<\/code><\/pre>/g, "")
    .replace(/<code>[^]*?<\/code>/g, "");
  const tags = [...rendered.matchAll(/<\/?([a-z][a-z0-9]*|!--)[^>]*>/gi)].map(([, name]) =>
    name!.toLowerCase(),
  );
  return { words: rendered.replace(/<[^>]*>/g, ""), tags: [...new Set(tags)].sort() };
};

const OWN_TAGS = [
  ...["details", "em", "h2", "h3", "hr", "li", "p", "strong", "summary"],
  ...["table", "tbody", "td", "th", "thead", "tr", "ul"],
];

const HOSTILE = [
  INJECTION,
  HOSTILE_KEY,
  "`",
  "``` ```` `````",
  "\n\n## fake\n",
  "a | b\n| --- | --- |",
  "</details></summary></code></pre><script>alert(1)</script>",
  "@acme/security #1 https://evil.example",
  "<!-- -->",
  "\\` \\|",
  "\u202eevil\u0000\u200b",
  "",
];

describe("text out of a plan", () => {
  it.each(HOSTILE)("stays in its code span: %j", (text) => {
    const { words, tags } = outside(`before ${code(text)} after`);

    expect(words.trim()).toBe("before  after");
    expect(tags).toEqual(["p"]);
  });

  it.each(HOSTILE)("stays in its cell: %j", (text) => {
    const { words, tags } = outside(`| a | b |\n| --- | --- |\n| ${code(text)} | c |`);

    expect(words.split(/\s+/).filter((one) => one !== "")).toEqual(["a", "b", "c"]);
    expect(tags).toEqual(["table", "tbody", "td", "th", "thead", "tr"]);
  });

  it.each(HOSTILE)("stays in its block: %j", (text) => {
    const { words, tags } = outside(`before\n\n${fenced(text.split("\n"), "diff")}\n\nafter`);

    expect(words.split(/\s+/).filter((one) => one !== "")).toEqual(["before", "after"]);
    expect(tags).toEqual(["p"]);
  });

  it.each(HOSTILE)("stays in its summary: %j", (text) => {
    const { words, tags } = outside(
      `<details><summary><code>${html(text)}</code></summary>\n\nx\n\n</details>`,
    );

    expect(words.trim()).toBe("x");
    expect(tags).toEqual(["details", "p", "summary"]);
    expect(html(text)).not.toContain("@");
  });

  it("shows characters that nobody sees", () => {
    expect(code("\u202eevil\u200b\u0000\u{e0041}")).toBe("`\\u{202e}evil\\u{200b}\\u{0}\\u{e0041}`");
  });

  it("is cut where it is longer than anyone reads", () => {
    expect(code("x".repeat(1_000))).toBe(`\`${"x".repeat(160)}… (840 more)\``);
  });
});

describe("the report", () => {
  const hostile = Object.fromEntries(
    HOSTILE.map((text, index) => [
      `aws_sqs_queue.q${index}["${text}"]`,
      {
        before: { tags: { [text]: "a" }, policy: "{}" },
        after: {
          tags: { [text]: text },
          policy: JSON.stringify({
            Statement: [{ Sid: text, Effect: "Allow", Action: text, Resource: text, Principal: text }],
          }),
        },
      },
    ]),
  );

  it.each([
    ["of a recorded attack", () => reportMarkdown(recordedReview("hostile"))],
    ["of one with its stack", () => reportMarkdown(recordedReview("hostile", true))],
    ["of hostile names, tags and policies", () => reportMarkdown(smallReview(hostile))],
  ])("%s lets nothing out of its code", (_, make) => {
    const { words, tags } = outside(make());

    expect(words).not.toMatch(/evil|@acme|All good|fake|alert/);
    expect(tags.filter((tag) => !OWN_TAGS.includes(tag))).toEqual([]);
  });
});

describe("a report that is too long", () => {
  const section = (full: string, short: string) => ({ full, short });

  it("keeps what stands first, and shortens from its end", () => {
    const text = fit(
      [section("verdict", "verdict"), section("a".repeat(300), "a"), section("b".repeat(300), "b")],
      600,
    );

    expect(text).toMatch(/^verdict\n\na{300}\n\nb\n\n> Parts were left out/);
  });

  it("is cut where even that is too long, and never longer than its limit", () => {
    const text = fit([section("x".repeat(900), "x".repeat(900))], 500);

    expect(text).toHaveLength(500);
    expect(text).toMatch(/x\n\n> Parts were left out/);
  });

  it("is made at once, however much of a text changes", () => {
    const lines = Array.from({ length: 5_000 }, (_, index) => `echo ${index}`);
    const start = Date.now();

    expect(textDiff(lines.join("\n"), lines.reverse().join("\n"))).toBeUndefined();
    expect(Date.now() - start).toBeLessThan(5_000);
  });

  it("is cut between lines, so that nothing of the plan loses its backticks", () => {
    const review = smallReview({
      "aws_sqs_queue.q": { before: { name: "q" } },
      "aws_vpc.v": { before: { id: "v" } },
    });
    const whole = new Set(reportMarkdown(review, 0).split("\n"));

    for (let limit = 200; limit < 400; limit += 1)
      for (const line of reportMarkdown(review, limit).split("\n"))
        expect(whole.has(line) || line.startsWith("> Parts were left out") || line === "").toBe(true);
  });

  it("is whole without a limit", () => {
    expect(fit([section("x".repeat(100_000), "")], 0)).toHaveLength(100_001);
  });

  it("fits into a comment, with what matters in it, whatever the plan", () => {
    const lines = (word: string) =>
      Array.from({ length: 100 }, (_, index) => `echo ${word} ${index}`).join("\n");
    const userData = (text: string) => Buffer.from(text).toString("base64");
    const templates = Object.fromEntries(
      Array.from({ length: 60 }, (_, index) => [
        `aws_launch_template.Runners_T${index}_Launch_0123ABCD`,
        {
          before: { user_data: userData(lines("one")) },
          after: { user_data: userData(lines("other")) },
        },
      ]),
    );
    const text = reportMarkdown(
      smallReview({ ...templates, "aws_dynamodb_table.t": { before: { id: "t" } } }),
    );

    expect(text.length).toBeLessThan(65_100);
    expect(text).toContain("is destroyed, and with it its items");
    expect(text).toContain("and 35 more");
    expect(text).toContain("Parts were left out");
  });
});
