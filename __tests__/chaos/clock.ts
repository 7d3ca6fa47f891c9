/** The clock's own, taken before anything is put in its place. */
const nextTurn = setImmediate;

interface Moment {
  readonly time: number;
  /** Of two things at the same moment, the one that was asked for first happens first. */
  readonly order: number;
  readonly run: () => void;
  cancelled: boolean;
}

export interface Cancel {
  (): void;
}

/** Time that passes only when everything that can happen now has happened: an hour takes as long as its events. */
export class Clock {
  private readonly heap: Moment[] = [];
  private asked = 0;
  /** Things that happened. */
  events = 0;

  /** @param now epoch milliseconds at which time begins */
  constructor(public now: number) {}

  after(milliseconds: number, run: () => void): Cancel {
    const moment = {
      time: this.now + Math.max(Math.round(milliseconds), 0),
      order: this.asked++,
      run,
      cancelled: false,
    };
    this.push(moment);
    return () => void (moment.cancelled = true);
  }

  sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => this.after(milliseconds, resolve));
  }

  /** Again and again, the first time after `milliseconds`, for as long as it answers with a time to wait. */
  repeat(milliseconds: number, run: () => number | undefined): void {
    this.after(milliseconds, () => {
      const next = run();
      if (next !== undefined) this.repeat(next, run);
    });
  }

  /** Lets time pass until `done`, or until nothing is left to happen. */
  async runUntil(done: () => boolean): Promise<void> {
    for (;;) {
      await settle();
      if (done()) return;
      const moment = this.pop();
      if (!moment) return;
      if (moment.cancelled) continue;
      this.now = Math.max(moment.time, this.now);
      this.events++;
      moment.run();
    }
  }

  private push(moment: Moment): void {
    const { heap } = this;
    let index = heap.push(moment) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(moment, heap[parent] as Moment)) break;
      heap[index] = heap[parent] as Moment;
      index = parent;
    }
    heap[index] = moment;
  }

  private pop(): Moment | undefined {
    const { heap } = this;
    const [first] = heap;
    const last = heap.pop();
    if (!first || !last || first === last) return first;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      const right = heap[child + 1];
      if (right && isBefore(right, heap[child] as Moment)) child++;
      if (!isBefore(heap[child] as Moment, last)) break;
      heap[index] = heap[child] as Moment;
      index = child;
    }
    heap[index] = last;
    return first;
  }
}

const isBefore = (one: Moment, other: Moment): boolean =>
  one.time < other.time || (one.time === other.time && one.order < other.order);

/** Node runs all microtasks and ticks before its next turn, and nothing here waits for anything else. */
const settle = (): Promise<void> => new Promise((resolve) => nextTurn(resolve));
