/** What GitHub says of its rate limits where it refuses a call. */

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

const numberIn = (headers: Headers, name: string): number | undefined => {
  const text = headers.get(name);
  return text !== null && /^\d+$/.test(text) ? Number(text) : undefined;
};

/** By GitHub's own clock, which may differ from ours. */
const untilReset = (headers: Headers, now: number): number | undefined => {
  const reset = numberIn(headers, "x-ratelimit-reset");
  const date = Date.parse(headers.get("date") ?? "");
  return reset === undefined ? undefined : reset * SECOND_MS - (Number.isNaN(date) ? now : date);
};

/**
 * How long GitHub wants to be left alone; undefined where it refused for another reason than a rate limit.
 * https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
 *
 * @param now epoch milliseconds
 * @returns milliseconds
 */
export const limitWait = (
  { status, headers }: Pick<Response, "status" | "headers">,
  message: string,
  now: number,
): number | undefined => {
  if (status !== 403 && status !== 429) return undefined;
  const seconds = numberIn(headers, "retry-after");
  if (seconds !== undefined) return seconds * SECOND_MS;
  if (headers.get("x-ratelimit-remaining") === "0") return Math.max(untilReset(headers, now) ?? MINUTE_MS, 0);
  return status === 429 || /rate limit/i.test(message) ? MINUTE_MS : undefined;
};
