import { packedMarkdown, TESTS_NOTE } from "../../scripts/packed-markdown";

const packed = (markdown: string): string =>
  packedMarkdown(markdown, (target) => target === "../SECURITY.md");

describe("a page of the package", () => {
  it.each<[string, string, string]>([
    ["keeps a link to what is packed", "[a](../SECURITY.md#b)", "[a](../SECURITY.md#b)"],
    ["keeps a link to the web", "[a](https://b/c)", "[a](https://b/c)"],
    ["keeps a link within", "[a](#b)", "[a](#b)"],
    ["has the text of a link to what is not packed", "see [a `b` c](../bench/d.json#e).", "see a `b` c."],
    ["has the text of a picture that is not packed", "![a](../bench/b.svg)", "a"],
    [
      "keeps what looks like a link in code",
      "`[a](b)` and ```` [a](b) ````",
      "`[a](b)` and ```` [a](b) ````",
    ],
    ["keeps what looks like a link in a block", "```md\n[a](b)\n```\n", "```md\n[a](b)\n```\n"],
    ["keeps code in the text of a link that stays", "[`a`](../SECURITY.md)", "[`a`](../SECURITY.md)"],
  ])("%s", (_, written, expected) => {
    expect(packed(written)).toBe(expected);
  });

  it("names tests without their paths, and says what these names are", () => {
    expect(packed('| [a](__tests__/b.test.ts "does c"), [d](../__tests__/e.ts) |\n')).toBe(
      `| a ("does c"), d |\n\n${TESTS_NOTE}\n`,
    );
  });
});
