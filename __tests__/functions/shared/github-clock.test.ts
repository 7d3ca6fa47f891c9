import { tokenEnd } from "../../../functions/shared/github-clock";

const now = Date.parse("2026-12-01T12:00:00Z");
const HOUR = 60 * 60_000;
const at = (time: number): string => new Date(time).toISOString();
const date = (time: number): string => new Date(time).toUTCString();

describe("the end of a token that was made just now", () => {
  it.each([
    ["31 seconds behind", -31_000],
    ["700 seconds ahead", 700_000],
    ["three hours behind", -3 * HOUR],
  ])("is an hour from now by our clock where GitHub's is %s", (_what, skew) => {
    expect(tokenEnd(at(now + skew + HOUR), date(now + skew), now)).toBe(at(now + HOUR));
  });

  it.each([
    ["of 1970", "Thu, 01 Jan 1970 00:00:00 GMT"],
    ["an hour ahead", date(now + HOUR)],
    ["of the year 9999", "Fri, 31 Dec 9999 23:59:59 GMT"],
    ["that no time can be reckoned with", "-271821-04-20T00:00:00Z"],
    ["that is none", "soon"],
  ])("is what GitHub says where a proxy writes a Date %s", (_what, dated) => {
    expect(tokenEnd(at(now + HOUR), dated, now)).toBe(at(now + HOUR));
  });
});
