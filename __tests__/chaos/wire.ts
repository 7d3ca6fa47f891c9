import type { Clock } from "./clock";
import type { Sandbox } from "./lambda";
import type { Random } from "./random";
import {
  callTable,
  PATIENCE_MS,
  faultErrors,
  isThrottle,
  type AwsCallName,
  type CallTraits,
  type FaultKind,
} from "./wire-tables";

export interface WireRules {
  /** Share of the tries of calls that fail. */
  readonly faults: number;
}

/** Of those that fail, the share whose repetitions fail alike: an outage, and not a hiccup. */
const OUTAGES = 0.25;
const faultKinds: readonly FaultKind[] = ["failed", "lost", "throttled", "silent"];

/** https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html, as the SDK's standard mode has it. */
const TRIES = 3;
/** As `createClients` has it. */
const TRIES_OF_EC2 = 2;
const PAUSE_MS = { other: 100, throttled: 500 };

/**
 * The way from a function to AWS, the SDK's own repetitions included: latency, faults, and the death of the caller
 * between any two calls. What was sent takes effect even if the sender dies meanwhile.
 */
export class Wire {
  /** Tries by name of the call. */
  readonly calls = new Map<string, number>();
  readonly faults = new Map<FaultKind, number>();

  constructor(
    private readonly clock: Clock,
    private readonly random: Random,
    private readonly rules: WireRules,
  ) {}

  /** @param work what the service does, at once: the answer, or a refusal */
  async send<T>(sandbox: Sandbox, name: AwsCallName, work: () => T): Promise<T> {
    let last: FaultKind | undefined;
    let written: { answer: T } | undefined;
    const once = (): T => (written ??= { answer: work() }).answer;
    const { repeatable }: CallTraits = callTable[name];
    for (let attempt = 1; ; attempt++) {
      const fault = last ?? this.draw();
      try {
        return withAttempts(await this.travel(sandbox, name, fault, repeatable ? once : work), attempt);
      } catch (error) {
        const again = fault !== undefined || isThrottle(error);
        if (!again || attempt === (callTable[name].service === "ec2" ? TRIES_OF_EC2 : TRIES)) throw error;
        if (last === undefined && fault && this.random.chance(OUTAGES))
          last = fault === "lost" ? "silent" : fault;
        const pause = fault === "throttled" || isThrottle(error) ? PAUSE_MS.throttled : PAUSE_MS.other;
        await this.clock.sleep(this.random.next() * pause * 2 ** attempt);
      }
    }
  }

  /** Which fault a try meets, if any. */
  draw(): FaultKind | undefined {
    if (!this.random.chance(this.rules.faults)) return undefined;
    const kind = this.random.pick(faultKinds);
    this.faults.set(kind, (this.faults.get(kind) ?? 0) + 1);
    return kind;
  }

  count(name: string): void {
    this.calls.set(name, (this.calls.get(name) ?? 0) + 1);
  }

  /** The caller dies here, if this is where it is to die. */
  async step(sandbox: Sandbox): Promise<void> {
    if (sandbox.alive && --sandbox.callsLeft <= 0) sandbox.kill("died between two calls");
    if (!sandbox.alive) await never;
  }

  private async travel<T>(
    sandbox: Sandbox,
    name: AwsCallName,
    fault: FaultKind | undefined,
    work: () => T,
  ): Promise<T> {
    await this.step(sandbox);
    this.count(name);
    const { latency, service, patience = PATIENCE_MS }: CallTraits = callTable[name];
    const milliseconds = this.random.between(latency);
    await this.clock.sleep(milliseconds / 2);
    try {
      if (fault === "failed" || fault === "throttled") throw faultErrors[service][fault]();
      if (fault === "silent") throw await this.silence(service, patience);
      const answer = work();
      if (fault === "lost") throw await this.silence(service, patience);
      return answer;
    } finally {
      await this.clock.sleep(milliseconds / 2);
      await this.step(sandbox);
    }
  }

  private async silence(service: CallTraits["service"], patience: number): Promise<Error> {
    await this.clock.sleep(patience);
    return faultErrors[service].silent();
  }
}

/** As the SDK tells it. */
const withAttempts = <T>(answer: T, attempts: number): T =>
  typeof answer === "object" && answer !== null ? { ...answer, $metadata: { attempts } } : answer;

/** What the dead wait for. */
export const never = new Promise<never>(() => undefined);
