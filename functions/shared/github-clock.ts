/** What an answer's way takes, and the part of a second that its `Date` leaves out: less than this is no difference. */
export const TOLERANCE_MS = 10_000;

/**
 * Milliseconds by which GitHub's clock is ahead of ours, or behind it (negative), as an answer that came just now says.
 * 0: they agree, or nothing is said. An Enterprise Server has a clock of its own, and nobody but its owner sets it.
 *
 * @param date the answer's header `Date`, in whole seconds:
 * https://www.rfc-editor.org/rfc/rfc9110#name-date
 * @param now epoch milliseconds
 */
export const skewOf = (date: string | number | undefined, now: number): number => {
  const skew = typeof date === "string" ? Date.parse(date) - now : 0;
  // NaN, of what is no date, is in no comparison the greater.
  return Math.abs(skew) > TOLERANCE_MS ? skew : 0;
};

/** A time of GitHub's as our clock shows it; as GitHub wrote it where the clocks agree. ISO 8601 */
const byOurClock = (time: string, skew: number): string =>
  skew === 0 ? time : new Date(Date.parse(time) - skew).toISOString();

/** https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-an-installation-access-token-for-a-github-app */
const TOKEN_LIFE_MS = 60 * 60_000;

/**
 * The end of a token that was made just now, by our clock. Tokens live for an hour: where `date` makes more of it, or
 * nothing, something on the way has dated the answer by another clock than GitHub's, and GitHub's own word stands. ISO 8601
 */
export const tokenEnd = (expiresAt: string, date: string | number | undefined, now: number): string => {
  const skew = skewOf(date, now);
  const life = Date.parse(expiresAt) - skew - now;
  return life > 0 && life <= TOKEN_LIFE_MS + TOLERANCE_MS ? byOurClock(expiresAt, skew) : expiresAt;
};
