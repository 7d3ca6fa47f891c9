import { message, type Answer } from "./github-route";

/** https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api */
export const githubLimits = {
  /** Of an App's installation, before it grows with the organization. */
  requestsAnHour: 5000,
  /** For one endpoint. */
  pointsAMinute: 900,
  concurrent: 100,
  points: { read: 1, write: 5 },
} as const;

export interface Admission {
  /** Absent: the call is let through. */
  readonly refusal?: Answer;
  readonly headers: Readonly<Record<string, string>>;
  /** The call has ended. */
  done(): void;
}

const HOUR_MS = 60 * 60_000;
const MINUTE_MS = 60_000;
const SECONDARY =
  "You have exceeded a secondary rate limit. Please wait a few minutes before you try again. " +
  "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits";

interface Usage {
  resetAt: number;
  used: number;
  concurrent: number;
  /** What was drawn in the last minute, by endpoint: time and points. */
  readonly drawn: Map<string, [time: number, points: number][]>;
}

/** GitHub's primary and secondary limits, counted for each caller by itself. What is refused draws nothing. */
export class GithubLimits {
  private readonly usage = new Map<string, Usage>();

  constructor(
    private readonly now: () => number,
    private readonly limits: {
      readonly [Name in Exclude<keyof typeof githubLimits, "points">]: number;
    } = githubLimits,
  ) {}

  admit(caller: string, method: string, endpoint: string): Admission {
    const usage = this.usageOf(caller);
    const refusal = this.refuse(caller, usage, method, endpoint);
    if (!refusal) usage.concurrent++;
    return {
      refusal,
      headers: this.headers(usage),
      done: () => {
        if (!refusal) usage.concurrent--;
      },
    };
  }

  private refuse(caller: string, usage: Usage, method: string, endpoint: string): Answer | undefined {
    const { requestsAnHour, pointsAMinute, concurrent } = this.limits;
    if (usage.used >= requestsAnHour) return message(403, `API rate limit exceeded for ${caller}.`);
    if (usage.concurrent >= concurrent) return secondary(MINUTE_MS);
    const points = method === "GET" ? githubLimits.points.read : githubLimits.points.write;
    const key = `${method} ${endpoint}`;
    const since = this.now() - MINUTE_MS;
    const drawn = (usage.drawn.get(key) ?? []).filter(([time]) => time > since);
    usage.drawn.set(key, drawn);
    const sum = drawn.reduce((all, [, one]) => all + one, 0);
    if (sum + points > pointsAMinute) return secondary((drawn[0]?.[0] ?? since) - since);
    drawn.push([this.now(), points]);
    usage.used++;
    return undefined;
  }

  private usageOf(caller: string): Usage {
    const known = this.usage.get(caller) ?? { resetAt: 0, used: 0, concurrent: 0, drawn: new Map() };
    this.usage.set(caller, known);
    if (known.resetAt <= this.now()) Object.assign(known, { resetAt: this.now() + HOUR_MS, used: 0 });
    return known;
  }

  private headers({ used, resetAt }: Usage): Record<string, string> {
    const limit = this.limits.requestsAnHour;
    return {
      "x-ratelimit-limit": String(limit),
      "x-ratelimit-remaining": String(limit - used),
      "x-ratelimit-reset": String(Math.ceil(resetAt / 1000)),
      "x-ratelimit-used": String(used),
      "x-ratelimit-resource": "core",
    };
  }
}

/** Of the secondary limits GitHub tells the seconds to wait, and nothing else. */
const secondary = (wait: number): Answer => ({
  ...message(403, SECONDARY),
  headers: { "retry-after": String(Math.ceil(wait / 1000)) },
});
