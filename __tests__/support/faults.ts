/**
 * What is wrong with a call. `error`: refused by a service that failed, nothing was done. `throttle`: refused for being
 * too much, nothing was done. `lostAnswer`: done, and the answer never comes. `crashBefore`, `crashAfter`: the caller
 * dies before the call is made, or when it was done.
 */
export type FaultKind = "error" | "throttle" | "lostAnswer" | "crashBefore" | "crashAfter";

export interface Decision {
  readonly kind: "none" | FaultKind;
}

/** Shares of the calls, from 0 to 1; those of one call add up to 1 at most. */
export type FaultRates = Readonly<Partial<Record<FaultKind, number>>>;

export interface FaultOptions {
  /** The same seed and the same calls give the same faults. */
  readonly seed: number;
  /** Default: none */
  readonly rates?: FaultRates;
  /** Instead of `rates`, by name of the call. */
  readonly overrides?: Readonly<Record<string, FaultRates>>;
}

export interface Injected {
  readonly call: string;
  readonly kind: FaultKind;
  /** Of how manieth call, of all, counted from 1. */
  readonly at: number;
}

const kinds: readonly FaultKind[] = ["error", "throttle", "lostAnswer", "crashBefore", "crashAfter"];

/** Decides which calls fail, and how: by chance that can be repeated, or as planned. */
export class Faults {
  readonly injected: Injected[] = [];
  private calls = 0;
  private plans: { call: string; kind: FaultKind; times: number }[] = [];
  private readonly random: () => number;

  constructor(private readonly options: FaultOptions = { seed: 1 }) {
    this.random = mulberry32(options.seed);
  }

  /** The next calls of that name fail so; before what chance says. */
  plan(call: string, kind: FaultKind, times = 1): void {
    this.plans.push({ call, kind, times });
  }

  /** Plans that no call has met yet. */
  get pending(): readonly string[] {
    return this.plans.map(({ call, kind }) => `${kind} of ${call}`);
  }

  decide(call: string): Decision {
    this.calls++;
    // Drawn for every call, so that a plan does not move the chances of the calls after it.
    const drawn = this.random();
    const kind = this.planned(call) ?? this.byChance(call, drawn);
    if (kind) this.injected.push({ call, kind, at: this.calls });
    return { kind: kind ?? "none" };
  }

  private planned(call: string): FaultKind | undefined {
    const plan = this.plans.find((one) => one.call === call);
    if (plan && --plan.times <= 0) this.plans = this.plans.filter((one) => one !== plan);
    return plan?.kind;
  }

  private byChance(call: string, drawn: number): FaultKind | undefined {
    const rates = this.options.overrides?.[call] ?? this.options.rates ?? {};
    let sum = 0;
    return kinds.find((kind) => drawn < (sum += rates[kind] ?? 0));
  }
}

/** The caller is no more. */
export class Crash extends Error {}

/**
 * Faults for calls in this process: a wrapper of the shape `(call, run) => Promise`.
 *
 * @param errorOf what the caller sees of a fault; of a crash it sees a {@link Crash}
 */
export const aroundWith =
  (
    faults: Faults,
    errorOf: (call: string, kind: Exclude<FaultKind, "crashBefore" | "crashAfter">) => unknown,
  ) =>
  async (call: string, run: () => unknown): Promise<unknown> => {
    const { kind } = faults.decide(call);
    if (kind === "none") return run();
    if (kind === "lostAnswer" || kind === "crashAfter") await run();
    if (kind === "crashBefore" || kind === "crashAfter") throw new Crash(`${kind} of ${call}`);
    throw errorOf(call, kind);
  };

/** 0 to 1, without 1: https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
export const mulberry32 = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};
