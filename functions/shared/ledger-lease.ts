import { LEDGER } from "./contract";
import { updateOf, type Update } from "./dynamo";
import { FLEET_ITEM, type Launch, type Lease } from "./ledger-items";

/**
 * The lease of a fleet: one holder at a time reads, decides and launches; who comes meanwhile leaves a mark and goes.
 *
 * No wake-up is lost. Whoever has something to tell first writes it down, then reads the fleet. If nobody holds the
 * lease, that read sees what was written, and the reader acts on it. If somebody does, the reader marks, on condition
 * that the lease is still held (else it reads again). The holder lets go only on condition that the mark is the one
 * it read at the start of its last round. A mark left before that read stands for something written before it, so the
 * round has seen it; a mark left after it refuses the release, and there is another round.
 *
 * Nothing is launched twice. To launch is to hold, and to take the lease is refused when another took it since the
 * read (`turn`), so every decision rests on a read that begins after the last holder let go. What a holder has under
 * way stands in the fleet's own item, so writing it down and proving that the lease is still held are one plain
 * conditional write, which no mark can disturb. A holder that dies is succeeded when its lease runs out, which is
 * after its function was stopped; its successor finds what it had under way.
 */
export interface LeaseHolder {
  readonly id: string;
  /** Epoch milliseconds: after the moment at which this holder is stopped, come what may. */
  readonly until: number;
}

export interface LeaseOutcome {
  readonly holder: LeaseHolder;
  /** The mark at the start of the round. Absent: let go even if others left marks. */
  readonly mark?: number;
  /** What still is under way. Absent: as written. */
  readonly launches?: readonly Launch[];
  /** Instances that the round recorded. */
  readonly recent?: readonly string[];
  /** What is to be known until the next round. */
  readonly patience?: Partial<Pick<Lease, "notBefore" | "setbacks" | "wakeAt">>;
}

/** Kept so that a holder that is stopped late, or on a clock of its own, never meets its successor. */
export const LEASE_MARGIN_MS = 1000;

/** What a read says of a fleet that was never held. */
const unheld: Lease = {
  until: 0,
  turn: 0,
  mark: 0,
  launches: [],
  recent: [],
  recentAt: 0,
  notBefore: 0,
  setbacks: 0,
  wakeAt: 0,
};

export const leaseFrom = (item: Readonly<Record<string, unknown>> | undefined): Lease => ({
  ...unheld,
  ...(item as Partial<Lease> | undefined),
});

export const isHeld = (lease: Lease, now: number): boolean =>
  lease.holder !== undefined && lease.until >= now;

/** The writes of the fleet's own item. A refused condition means: somebody else was there. */
export const leaseWrites = (table: string, now: () => number) => {
  const on = (fleet: string) => ({ [LEDGER.partitionKey]: fleet, [LEDGER.sortKey]: FLEET_ITEM });
  return {
    mark: (fleet: string): Update =>
      updateOf(table, on(fleet), {
        add: { mark: 1 },
        condition: "attribute_exists(#holder) AND #until >= :now",
        values: { now: now() },
      }),

    hold: (fleet: string, seen: Lease, holder: LeaseHolder, launches: readonly Launch[]): Update => {
      const mine = seen.holder === holder.id;
      const untouched = seen.turn === 0 ? "attribute_not_exists(#turn)" : "#turn = :seen";
      return updateOf(table, on(fleet), {
        set: {
          [LEDGER.openKey]: FLEET_ITEM,
          holder: holder.id,
          until: holder.until,
          launches,
          turn: seen.turn + 1,
        },
        condition: mine
          ? "#holder = :holder"
          : `${untouched} AND (attribute_not_exists(#holder) OR #until < :now)`,
        values: mine ? {} : { now: now(), ...(seen.turn === 0 ? {} : { seen: seen.turn }) },
      });
    },

    release: (
      fleet: string,
      { holder, mark, launches, recent = [], patience = {} }: LeaseOutcome,
    ): Update => {
      const unmarked = mark === 0 ? "attribute_not_exists(#mark)" : "#mark = :mark";
      return updateOf(table, on(fleet), {
        set: {
          holder: undefined,
          until: undefined,
          ...(launches ? { launches } : {}),
          ...(recent.length ? { recent, recentAt: now() } : {}),
          ...patience,
        },
        condition: mark === undefined ? "#holder = :me" : `#holder = :me AND ${unmarked}`,
        values: { me: holder.id, ...(mark ? { mark } : {}) },
      });
    },
  };
};
