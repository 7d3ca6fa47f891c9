import { LEDGER, type RegistrationMode } from "./contract";
import type { Documents } from "./documents";
import { unlessRefused, updateOf } from "./dynamo";

/** How many calls of one kind a token may still make: counted in the ledger, for all who make them. */
export interface Grant {
  /** Name of the token (`GithubTokenSettings`). */
  readonly name: string;
  readonly count: number;
}

export interface Permits {
  /** Reads the counts unless they are known, so that {@link Permits.take} need not: while something else is waited for. */
  look(): Promise<void>;
  /** How many are likely to be granted now, as far as the counts are known. */
  left(): number | undefined;
  /** Takes up to `count` permits, of several tokens if one has not enough. */
  take(count: number): Promise<{
    readonly grants: readonly Grant[];
    /** Epoch milliseconds at which more can be had. Absent: all that were asked for were granted. */
    readonly next?: number;
  }>;
  /** What was taken and not used. */
  giveBack(grants: readonly Grant[]): Promise<void>;
  /** GitHub asked for patience: no permit of this token is granted before. */
  postpone(name: string, until: number): Promise<void>;
}

interface Rate {
  readonly permits: number;
  readonly windowMs: number;
}

/** Name of the one count of registrations in token mode, where the machines call and no token of ours does. */
export const REGISTRATIONS = "registrations";

/**
 * JIT: 900 points a minute and endpoint, of which a write costs 5. Token: 1,500 registrations in 5 minutes. The hourly
 * limit of an App is not counted here: GitHub tells how much of it is left, and until when.
 * https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#calculating-points-for-the-secondary-rate-limit
 * https://docs.github.com/en/actions/reference/limits
 */
export const REGISTRATION_RATES: Readonly<Record<RegistrationMode, Rate>> = {
  jit: { permits: 180, windowMs: 60_000 },
  token: { permits: 1500, windowMs: 5 * 60_000 },
};

/** What was granted within a second counts until it has been over for a window: the call comes later than its permit. */
const GRAIN_MS = 1000;
/** The call of an old permit can have come this much later after its permit than the call of the new one does. */
const JITTER_MS = 1000;
const PARTITION = "#permits";
/** Competitors are the holders of the other fleets' leases: ten at most, and each that is refused lets another pass. */
const TRIES = 8;

type Used = readonly (readonly [until: number, count: number])[];

/** The item of one token. */
interface Count {
  readonly name: string;
  readonly used: Used;
  readonly version: number;
  /** Epoch milliseconds */
  readonly notBefore: number;
}

export interface PermitsOptions {
  readonly client: Documents;
  /** The ledger. */
  readonly table: string;
  readonly names: readonly string[];
  readonly rate: Rate;
  /** Epoch milliseconds. Default: the clock */
  readonly now?: () => number;
}

/**
 * A rolling window for each token, so that neither two functions nor the turn of a minute let more through than GitHub
 * does. The last counts seen are kept: a write on them is refused when another was quicker, and only then they are read
 * again.
 */
export const createPermits = (options: PermitsOptions): Permits => {
  const { client, table, names, rate, now = Date.now } = options;
  let kept: Count[] | undefined;
  const read = async (): Promise<Count[]> => (kept = await readCounts(client, table, names));

  const write = async (count: Count, used: Used): Promise<boolean> => {
    const update = updateOf(table, keyOf(count.name), {
      set: { used: current(used, now()), version: count.version + 1 },
      condition:
        (count.version === 0 ? "attribute_not_exists(#version)" : "#version = :seen") +
        " AND (attribute_not_exists(#notBefore) OR #notBefore <= :now)",
      values: { now: now(), ...(count.version === 0 ? {} : { seen: count.version }) },
    });
    const written = await unlessRefused(() => client("UpdateItem", update));
    const next = { ...count, used, version: count.version + 1 };
    kept = written ? kept?.map((one) => (one.name === count.name ? next : one)) : undefined;
    return written;
  };

  const left = (count: Count): number => leftOf(count, rate, now());
  const stamp = (): number => Math.ceil((now() + 1) / GRAIN_MS) * GRAIN_MS + rate.windowMs + JITTER_MS;

  return {
    // Whoever takes reads again, and tells of what is wrong.
    look: async () => void (kept ?? (await read().catch(() => undefined))),
    left: () => kept?.reduce((sum, count) => sum + left(count), 0),

    take: async (count) => {
      const grants: Grant[] = [];
      let missing = count;
      let fresh = false;
      for (let tries = 1; missing > 0 && tries <= TRIES; tries++) {
        fresh ||= kept === undefined;
        const counts = kept ?? (await read());
        const roomy = counts.reduce((one, other) => (left(other) > left(one) ? other : one));
        const granted = Math.min(left(roomy), missing);
        if (granted === 0) {
          if (fresh) break;
          kept = undefined;
        } else if (await write(roomy, add(roomy.used, stamp(), granted))) {
          grants.push({ name: roomy.name, count: granted });
          missing -= granted;
        }
      }
      if (missing === 0) return { grants };
      const counts = kept ?? (await read());
      return { grants, next: Math.min(...counts.map((one) => nextOf(one, rate, now()))) };
    },

    giveBack: async (grants) => {
      for (const { name, count } of grants) {
        const seen = (kept ?? (await read())).find((one) => one.name === name);
        // What another wrote at the same moment makes these few run out by themselves, a window later.
        if (seen && count > 0) await write(seen, takeOff(seen.used, count));
      }
    },

    postpone: async (name, until) => {
      kept = undefined;
      const update = updateOf(table, keyOf(name), {
        set: { notBefore: until },
        condition: "attribute_not_exists(#notBefore) OR #notBefore < :notBefore",
      });
      await unlessRefused(() => client("UpdateItem", update));
    },
  };
};

const keyOf = (name: string) => ({ [LEDGER.partitionKey]: PARTITION, [LEDGER.sortKey]: name });

const readCounts = async (client: Documents, table: string, names: readonly string[]): Promise<Count[]> => {
  const Keys = names.map(keyOf);
  const { Responses } = await client("BatchGetItem", {
    RequestItems: { [table]: { Keys, ConsistentRead: true } },
  });
  const items = new Map((Responses?.[table] ?? []).map((item) => [item[LEDGER.sortKey] as string, item]));
  return names.map((name) => ({ used: [], version: 0, notBefore: 0, ...items.get(name), name }));
};

const current = (used: Used, now: number): Used => used.filter(([until]) => until > now);

const sum = (used: Used): number => used.reduce((total, [, count]) => total + count, 0);

const leftOf = ({ used, notBefore }: Count, { permits }: Rate, now: number): number =>
  notBefore > now ? 0 : Math.max(permits - sum(current(used, now)), 0);

const nextOf = (count: Count, rate: Rate, now: number): number => {
  // Others were quicker each time.
  if (leftOf(count, rate, now) > 0) return now + GRAIN_MS;
  const used = current(count.used, now);
  const isFull = sum(used) >= rate.permits;
  return Math.max(count.notBefore, isFull ? Math.min(...used.map(([until]) => until)) : now);
};

const add = (used: Used, until: number, count: number): Used => {
  const same = sum(used.filter(([one]) => one === until));
  return [...used.filter(([one]) => one !== until), [until, same + count]];
};

/** From the newest on, since what is given back was taken a moment ago. */
const takeOff = (used: Used, count: number): Used => {
  let left = count;
  return [...used]
    .sort(([one], [other]) => other - one)
    .map(([until, had]) => {
      const off = Math.min(had, left);
      left -= off;
      return [until, had - off] as const;
    })
    .filter(([, had]) => had > 0);
};
