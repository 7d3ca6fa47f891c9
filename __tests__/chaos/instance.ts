import type { Instance as Description } from "@aws-sdk/client-ec2";
import { TAG, type Market } from "../../functions/shared/contract";
import type { WorkflowJob } from "../support/github-actions";
import type { Runner } from "../support/github-state";
import type { Death, Spell } from "./boot-trouble";
import type { Clock } from "./clock";
import type { Random } from "./random";

/** What an instance needs of the world around it. */
export interface Surroundings {
  readonly clock: Clock;
  readonly random: Random;
  readonly installation: string;
  readonly rules: InstanceRules;
  /** Takes the registration of this instance, or finds none: one call that reads and destroys. */
  readonly takeRegistration: (instanceId: string) => string | undefined;
  /** Goes online with what it was given. False: GitHub does not know this runner any more. */
  readonly connect: (environment: string, instance: Instance) => boolean;
  /** The machine is no more: GitHub hears nothing of its runner from now on. */
  readonly disconnect: (instance: Instance) => void;
  /** EC2 announces that it takes the machine back. */
  readonly notice: (instanceId: string) => void;
  /** Set: this machine dies before it can be a runner. */
  readonly struck?: { readonly spell: Spell; readonly death: Death };
  /** Ships the machine's log. */
  readonly ship: (instanceId: string, lines: readonly string[]) => void;
  readonly tell: (subject: string, what: string) => void;
}

export interface InstanceRules {
  readonly boot: readonly [from: number, to: number];
  /** Share of the machines that EC2 takes back after the launch had succeeded. */
  readonly lateFailures: number;
  /** Share of the spot machines that are interrupted, most of them while they run a job. */
  readonly interruptions: number;
  readonly interruptedAtWork: number;
}

export type InstanceState = "pending" | "running" | "shutting-down" | "terminated";

/** As in `constructs/user-data.ts`. */
const REGISTRATION_WAIT_MS = 5 * 60_000;
const IDLE_BACKSTOP_MS = 15 * 60_000;
const HARD_LIMIT_MS = 375 * 60_000;

/** The boot script asks every second; half as often costs a second and half of the events. */
const ASK_MS = 2000;
const CONNECT_MS = [3000, 8000] as const;
const POWER_OFF_MS = [4000, 15_000] as const;
const LATE_FAILURE_MS = [3000, 20_000] as const;
const PENDING_MS = 5000;
const SHUTTING_DOWN_MS = 20_000;
/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html */
export const NOTICE_MS = 2 * 60_000;

/** A machine, from its launch to its end. */
export class Instance {
  state: InstanceState = "pending";
  readonly launchedAt: number;
  visibleAt = 0;
  endedAt?: number;
  reason?: string;
  /** In our own words. */
  endedBecause?: string;
  registration?: string;
  /** What it took: one registration, once. */
  taken = 0;
  runner?: Runner;
  job?: WorkflowJob;
  /** Epoch milliseconds: since when its runner listens without a registration. */
  ghostSince?: number;
  /** It ran a job, to whatever end. */
  worked = false;
  noticedAt?: number;
  /** Its end was asked for while its job ran. */
  killedAtWork = false;

  constructor(
    readonly id: string,
    readonly launched: {
      readonly fleet: string;
      readonly launchId: string;
      readonly type: string;
      readonly market: Market;
    },
    private readonly world: Surroundings,
  ) {
    const { clock, random, rules, struck } = world;
    this.launchedAt = clock.now;
    if (struck) clock.after(struck.death.after, () => this.die(struck.death));
    clock.after(PENDING_MS, () => {
      if (this.state === "pending") this.state = "running";
    });
    if (random.chance(rules.lateFailures)) {
      clock.after(random.between(LATE_FAILURE_MS), () => this.end("Server.InsufficientInstanceCapacity"));
    }
    clock.after(HARD_LIMIT_MS, () => this.end("hard limit"));
    clock.after(random.between(rules.boot), () => this.askForRegistration(clock.now));
    this.planInterruption();
  }

  get alive(): boolean {
    return this.endedAt === undefined;
  }

  get spell(): Spell | undefined {
    return this.world.struck?.spell;
  }

  /** TerminateInstances. */
  terminate(): void {
    if (this.alive && this.job?.status === "in_progress") this.killedAtWork = true;
    this.end("Client.UserInitiatedShutdown");
  }

  /** GitHub gave it a job, which starts now. */
  begin(job: WorkflowJob, duration: number): void {
    this.job = job;
    this.worked = true;
    if (this.interruptsAtWork) {
      this.world.clock.after(this.world.random.next() * duration, () => this.interrupt());
    }
  }

  /** The runner's process has ended: its one job is over, or GitHub let go of its record. */
  leave(why: string): void {
    this.world.clock.after(this.world.random.between(POWER_OFF_MS), () => this.end(why));
  }

  attribute(name: string): string | undefined {
    const { fleet, launchId } = this.launched;
    const attributes: Record<string, string> = {
      [`tag:${TAG.installation}`]: this.world.installation,
      [`tag:${TAG.fleet}`]: fleet,
      [`tag:${TAG.launch}`]: launchId,
      "instance-id": this.id,
      "instance-state-name": this.state,
    };
    return attributes[name];
  }

  describe(): Description {
    const { fleet, launchId, market, type } = this.launched;
    const tags = { [TAG.installation]: this.world.installation, [TAG.fleet]: fleet, [TAG.launch]: launchId };
    return {
      InstanceId: this.id,
      State: { Name: this.state },
      StateReason: this.reason ? { Code: this.reason, Message: this.reason } : undefined,
      LaunchTime: new Date(this.launchedAt),
      InstanceType: type as never,
      InstanceLifecycle: market === "spot" ? "spot" : undefined,
      Placement: { AvailabilityZone: "eu-central-1a" },
      Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    };
  }

  private interruptsAtWork = false;

  private planInterruption(): void {
    const { clock, random, rules } = this.world;
    if (this.launched.market !== "spot" || !random.chance(rules.interruptions)) return;
    this.interruptsAtWork = random.chance(rules.interruptedAtWork);
    if (!this.interruptsAtWork) clock.after(random.next() * 3 * rules.boot[1], () => this.interrupt());
  }

  private interrupt(): void {
    if (!this.alive) return;
    const { clock, notice, tell } = this.world;
    this.noticedAt = clock.now;
    tell(this.id, "spot interruption notice");
    notice(this.id);
    clock.after(NOTICE_MS, () => this.end("Server.SpotInstanceTermination"));
  }

  private askForRegistration(since: number): void {
    const { clock, random, takeRegistration, tell } = this.world;
    if (!this.alive) return;
    const environment = takeRegistration(this.id);
    if (environment !== undefined) {
      this.taken++;
      this.registration = environment;
      tell(this.id, "took its registration");
      clock.after(random.between(CONNECT_MS), () => this.goOnline(environment));
    } else if (clock.now - since > REGISTRATION_WAIT_MS) this.end("no registration in time");
    else clock.after(ASK_MS, () => this.askForRegistration(since));
  }

  private goOnline(environment: string): void {
    const { clock, connect, struck } = this.world;
    if (!this.alive || struck) return;
    if (!connect(environment, this)) return this.leave("GitHub does not know its runner");
    clock.after(IDLE_BACKSTOP_MS, () => {
      if (!this.worked) this.end("idle backstop");
    });
  }

  private die({ reason, log }: Death): void {
    if (this.alive && log) this.world.ship(this.id, log);
    this.end(reason);
  }

  private end(reason: string): void {
    if (!this.alive) return;
    const { clock, disconnect, tell } = this.world;
    this.endedAt = clock.now;
    this.endedBecause = reason;
    this.reason =
      reason.startsWith("Server.") || reason.startsWith("Client.")
        ? reason
        : "Client.InstanceInitiatedShutdown";
    this.state = "shutting-down";
    tell(this.id, `ends: ${reason}`);
    disconnect(this);
    clock.after(SHUTTING_DOWN_MS, () => (this.state = "terminated"));
  }
}
