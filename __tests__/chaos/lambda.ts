import type { Clock } from "./clock";
import type { Random } from "./random";

/** One process of a function. Whoever is dead waits for ever: nothing more of it takes effect. */
export class Sandbox {
  alive = true;
  /** Tries of calls that are left to it; not every one of them dies. */
  callsLeft = Infinity;
  /** Told of its death. */
  mourn: (cause: string) => void = () => undefined;

  constructor(readonly name: string) {}

  kill(cause: string): void {
    if (!this.alive) return;
    this.alive = false;
    this.mourn(cause);
  }
}

export interface FunctionOptions<Parts> {
  readonly name: string;
  readonly timeoutMs: number;
  /** The parts of a new sandbox, made once for its life. */
  readonly make: (sandbox: Sandbox) => Parts;
  /** Tries of calls within which one that is to die does so. */
  readonly lastCall: number;
}

export interface LambdaRules {
  /** Share of the invocations that die between two calls. */
  readonly mortality: number;
}

/** Loading the code and making the parts, as measured on Lambda, beside some 100 ms of AWS's own. */
const COLD_START_MS = [250, 600] as const;

export class FunctionError extends Error {}

/** A function on Lambda: sandboxes that are used again, one invocation at a time each, a time-out, and death. */
export class LambdaFunction<Parts> {
  private readonly idle: { sandbox: Sandbox; parts: Parts }[] = [];
  died = 0;
  invoked = 0;
  /** That are paid for: the cold starts, too. */
  milliseconds = 0;
  /** Of those that died: for want of time. */
  timedOut = 0;
  private made = 0;

  constructor(
    private readonly clock: Clock,
    private readonly random: Random,
    private readonly rules: LambdaRules,
    private readonly options: FunctionOptions<Parts>,
  ) {}

  get name(): string {
    return this.options.name;
  }

  /**
   * @param run given the parts and the time, in epoch milliseconds, at which the sandbox is stopped
   * @throws FunctionError when the function is killed or too slow; what it throws
   */
  async invoke<T>(run: (parts: Parts, deadline: number) => Promise<T>): Promise<T> {
    const { timeoutMs, lastCall } = this.options;
    const begun = this.clock.now;
    this.invoked++;
    const found = this.idle.pop() ?? (await this.start());
    const { sandbox } = found;
    sandbox.callsLeft = this.random.chance(this.rules.mortality) ? this.random.whole(1, lastCall) : Infinity;
    const deadline = this.clock.now + timeoutMs;
    const stop = this.clock.after(timeoutMs, () => {
      this.timedOut++;
      sandbox.kill("ran out of time");
    });
    const death = new Promise<never>((_, reject) => {
      sandbox.mourn = (cause) => reject(new FunctionError(`${sandbox.name} ${cause}`));
    });
    try {
      return await Promise.race([run(found.parts, deadline), death]);
    } finally {
      stop();
      this.milliseconds += this.clock.now - begun;
      if (sandbox.alive) this.idle.push(found);
      else this.died++;
    }
  }

  private async start(): Promise<{ sandbox: Sandbox; parts: Parts }> {
    const sandbox = new Sandbox(`${this.options.name}-${++this.made}`);
    await this.clock.sleep(this.random.between(COLD_START_MS));
    return { sandbox, parts: this.options.make(sandbox) };
  }
}
