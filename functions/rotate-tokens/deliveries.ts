/** One attempt to deliver an event. */
export interface Delivery {
  /** Of this attempt. */
  readonly id: string;
  /** `X-GitHub-Delivery`: the same for all attempts. */
  readonly guid: string;
  /** Epoch milliseconds */
  readonly at: number;
  readonly redelivery: boolean;
  readonly succeeded: boolean;
}

/** An event that was never delivered. */
export interface Failed {
  readonly guid: string;
  /** Epoch milliseconds: its first attempt. */
  readonly first: number;
  readonly latest: Delivery;
}

/** What is to be done about events that failed, oldest first. */
export interface Judged {
  /** To be sent again now. */
  readonly due: readonly Failed[];
  /** To be looked at again: sent again, and not heard of yet, or soon to be sent. */
  readonly waiting: readonly Failed[];
  /** They have failed so often that they are not sent any more. */
  readonly failing: readonly Failed[];
}

const MINUTE_MS = 60_000;

/**
 * How long after the latest failure an event is sent again, by the number of failures; after more it is not. Nobody
 * hears of an outage within minutes, and a job waits for a day at the most.
 */
const PAUSES_MS: readonly number[] = [0, 5, 20, 60, 180, 360].map((minutes) => minutes * MINUTE_MS);

/** A redelivery that is not listed after so long never took place. */
const UNHEARD_MS = 3 * 60 * MINUTE_MS;

/**
 * Judges attempts by what became of them. An event whose first attempt is not among them was judged before, and is
 * settled: it was left alone, or somebody sent it again by hand.
 *
 * @param deliveries newest first
 * @param sent ids of attempts that have been sent again
 */
export const judge = (deliveries: readonly Delivery[], sent: ReadonlySet<string>, now: number): Judged => {
  const judged = { due: [] as Failed[], waiting: [] as Failed[], failing: [] as Failed[] };
  for (const attempts of byGuid(deliveries)) {
    const latest = attempts[0];
    const original = attempts.find(({ redelivery }) => !redelivery);
    if (!latest || !original || attempts.some(({ succeeded }) => succeeded)) continue;
    const verdict = verdictOn(latest, attempts.length, sent, now);
    if (verdict) judged[verdict].unshift({ guid: latest.guid, first: original.at, latest });
  }
  return judged;
};

const verdictOn = (
  { id, at }: Delivery,
  failures: number,
  sent: ReadonlySet<string>,
  now: number,
): keyof Judged | undefined => {
  const pause = PAUSES_MS[failures - 1];
  if (pause === undefined) return "failing";
  if (sent.has(id)) return now - at < UNHEARD_MS ? "waiting" : undefined;
  return now - at < pause ? "waiting" : "due";
};

/** In the order of the latest attempts; the attempts of each newest first. */
const byGuid = (deliveries: readonly Delivery[]): Delivery[][] => {
  const groups = new Map<string, Delivery[]>();
  for (const delivery of deliveries) {
    const group = groups.get(delivery.guid);
    if (group) group.push(delivery);
    else groups.set(delivery.guid, [delivery]);
  }
  return [...groups.values()];
};
