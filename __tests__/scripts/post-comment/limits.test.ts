import { waitAfter } from "../../../scripts/post-comment/command";
import { GithubRefusal } from "../../../scripts/post-comment/github";
import { limitWait } from "../../../scripts/post-comment/limits";

/** https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit */
describe("the wait that GitHub asks for", () => {
  const NOW = Date.parse("2026-11-30T12:00:00Z");
  const reset = String(NOW / 1_000 + 90);
  const SECONDARY = "You have exceeded a secondary rate limit.";

  it.each<[string, number, Record<string, string>, string, number | undefined]>([
    ["is that of retry-after", 403, { "retry-after": "30" }, SECONDARY, 30_000],
    [
      "is that of retry-after before the reset",
      403,
      { "retry-after": "30", "x-ratelimit-remaining": "0" },
      SECONDARY,
      30_000,
    ],
    [
      "ends with the reset where nothing remains",
      403,
      { "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset },
      "API rate limit exceeded",
      90_000,
    ],
    [
      "ends with the reset, by GitHub's clock",
      429,
      { "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset, date: "Mon, 30 Nov 2026 12:01:00 GMT" },
      "",
      30_000,
    ],
    ["is not less than nothing", 403, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1" }, "", 0],
    ["is a minute where no header tells", 403, { "x-ratelimit-remaining": "4000" }, SECONDARY, 60_000],
    ["is a minute for 429 without a word", 429, {}, "", 60_000],
    [
      "is none where the token may not write",
      403,
      { "x-ratelimit-remaining": "4000" },
      "Resource not accessible",
      undefined,
    ],
    ["is none where GitHub fails", 502, { "retry-after": "30" }, "Server Error", undefined],
  ])("%s", (_, status, headers, message, wait) => {
    expect(limitWait({ status, headers: new Headers(headers) }, message, NOW)).toBe(wait);
  });
});

describe("tries", () => {
  const after = (status: number, limitedMs?: number) =>
    [1, 2, 3, 4].map((failures) => waitAfter(new GithubRefusal(status, "/", "", limitedMs), failures));

  it.each<[string, ReturnType<typeof after>, readonly (number | undefined)[]]>([
    ["are four where GitHub fails", after(502), [500, 2_000, 8_000, undefined]],
    [
      "are three at a rate limit, with twice the wait each time",
      after(403, 60_000),
      [60_000, 120_000, undefined, undefined],
    ],
    [
      "are one where the wait is longer than a job should last",
      after(403, 180_001),
      [undefined, undefined, undefined, undefined],
    ],
    ["are one where GitHub refuses for good", after(403), [undefined, undefined, undefined, undefined]],
  ])("%s", (_, waits, expected) => {
    expect(waits).toEqual(expected);
  });
});
