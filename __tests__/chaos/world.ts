import { ALARM_METRIC, HANDOFF, handoffKey, UNSET, type Handoff } from "../../functions/shared/contract";
import { makeAppKey } from "../support/app-key";
import type { InMemoryDynamoDb } from "../support/dynamodb";
import { HANDOFF_TABLE, INSTALLATION, newDatabase, START } from "../support/fleet-world";
import type { Github } from "../support/github-core";
import { AwsThrottle } from "../support/token-buckets";
import { Actions } from "./actions";
import { Parameters } from "./aws-clients";
import { BootTrouble } from "./boot-trouble";
import { Capacity } from "./capacity";
import { Clock } from "./clock";
import { Ec2, subnetsOf } from "./ec2";
import { Events, HOOK } from "./events";
import { foreignRunner } from "./fate";
import { Functions } from "./functions";
import { makeGithub } from "./github";
import { Instance, type Surroundings } from "./instance";
import { Queue } from "./queue";
import type { Random } from "./random";
import type { Rules } from "./rules";
import { appsOf, fleetParameter, fleetsWith, KEY_PARAMETER, runtimeParameters } from "./settings";
import { Wire } from "./wire";
import { OWNER } from "./workload";

const MINUTE = 60_000;
/** No message that anything here sends. */
export const POISON = '{"action":"queued","fleet":7}';
const SWEEP_EVERY_MS = 2 * MINUTE;
const ROTATE_EVERY_MS = 30 * MINUTE;
/** A key takes a while to make, and no two runs need different ones. */
const key = makeAppKey();

/** All that is around the functions, and the functions in it. */
export class World {
  readonly clock = new Clock(START);
  readonly database: InMemoryDynamoDb = newDatabase();
  readonly parameters = new Parameters();
  readonly wire: Wire;
  readonly queue: Queue;
  readonly ec2: Ec2;
  readonly github: Github;
  /** Milliseconds by which GitHub's clock is ahead. */
  readonly skew: number;
  readonly actions: Actions;
  readonly functions: Functions;
  readonly events: Events;
  readonly trouble: BootTrouble;
  /** What machines wrote to their log, by instance. */
  readonly logs = new Map<string, readonly string[]>();
  /** Alarms that rang, by what was said. */
  readonly alarms = new Map<string, number>();
  /** Registrations that were taken, by what stands in them: more than once, and two machines are one runner. */
  readonly taken = new Map<string, number>();
  notices = 0;
  revocations = 0;
  private machines = 0;

  constructor(
    readonly random: Random,
    readonly rules: Rules,
    readonly tell: (subject: string, what: string) => void,
  ) {
    const { clock } = this;
    this.wire = new Wire(clock, random.of("wire"), rules.wire);
    this.queue = new Queue(clock, random.of("queue"), {
      visibilityMs: 6 * MINUTE,
      maximumReceives: 5,
      source: rules.source,
      tell,
      consume: (batch) => this.functions.takeBatch(batch),
    });
    const capacity = new Capacity(clock, random.of("capacity"), rules.capacity);
    const throttle = new AwsThrottle(() => clock.now);
    this.ec2 = new Ec2(clock, random.of("ec2"), rules.ec2, capacity, throttle, (launched) =>
      this.startMachine(launched),
    );
    const apps = appsOf(rules.apps).map(({ id, installationId }) => ({
      id,
      publicKey: key.publicKey,
      installations: [{ id: installationId, owner: OWNER }],
    }));
    this.skew = random.of("github's clock").pick(rules.clockSkews);
    this.github = makeGithub(clock, this.skew, apps, () => this.actions);
    this.actions = new Actions(clock, random.of("actions"), rules.actions, this.github.state, tell);
    this.trouble = new BootTrouble(clock, random.of("boot trouble"), rules.bootTrouble);
    this.functions = new Functions(this);
    this.events = new Events(
      clock,
      random.of("events"),
      rules.events,
      this.github.state,
      this.functions.webhook,
      tell,
    );
    this.github.state.actions.onJob = (action, job) => {
      this.events.emit(action, job);
      if (action === "queued") this.actions.takeUp(job);
      if (action === "completed") this.actions.ended(job);
    };
  }

  /** As after the first apply: parameters, the hook, and one rotation. */
  async setUp(): Promise<void> {
    const { clock, github, parameters, rules } = this;
    github.state.hooks.set(HOOK, { url: "", content_type: "json", insecure_ssl: "0" });
    parameters.values.set(KEY_PARAMETER, key.privateKey);
    for (const name of runtimeParameters(rules.apps)) parameters.values.set(name, UNSET);
    const fleets = fleetsWith(rules.maximumMachines, rules.furtherFleets, subnetsOf(rules.ec2));
    for (const [fleet, settings] of Object.entries(fleets)) {
      parameters.values.set(fleetParameter(fleet), JSON.stringify(settings));
    }
    const neighbours = github.state.runnersOf(this.actions.scope);
    for (let count = 0; count < rules.foreignRunners; count++)
      neighbours.push(foreignRunner(github.state.nextId()));
    let ready = false;
    void this.functions.repeated(() => this.functions.runRotation()).then(() => (ready = true));
    await clock.runUntil(() => ready);
    this.trouble.begin(rules.workload.span, Object.keys(fleetsWith(rules.maximumMachines, 0)));
    clock.repeat(SWEEP_EVERY_MS, () => {
      void this.functions.repeated(() => this.functions.runSweep());
      return SWEEP_EVERY_MS;
    });
    clock.repeat(ROTATE_EVERY_MS, () => {
      void this.functions.repeated(() => this.functions.runRotation());
      return ROTATE_EVERY_MS;
    });
    this.revokeNowAndThen();
    const times = this.random.of("poison");
    for (let count = 0; count < rules.poison; count++) {
      clock.after(times.next() * rules.workload.span, () => this.queue.send(POISON));
    }
  }

  /** What the functions log. */
  hear(message: string, fields: Readonly<Record<string, unknown>>): void {
    this.trouble.hear(message, fields);
    if (ALARM_METRIC.name in fields) this.alarms.set(message, (this.alarms.get(message) ?? 0) + 1);
  }

  private revokeNowAndThen(): void {
    const random = this.random.of("revocations");
    const next = (): number => random.between(this.rules.revocations);
    this.clock.repeat(next(), () => {
      const stored = [...this.parameters.values.entries()].find(([name]) =>
        name.endsWith("installation-token"),
      );
      const { token } = JSON.parse(stored?.[1] ?? "{}") as { token?: string };
      if (token) this.github.state.revoke(token);
      this.revocations++;
      this.tell("token", "is revoked");
      return next();
    });
  }

  private startMachine(launched: Instance["launched"]): Instance {
    const id = `i-${(++this.machines).toString(16).padStart(17, "0")}`;
    this.tell(id, `is launched by ${launched.launchId} for ${launched.fleet}, ${launched.market}`);
    return new Instance(id, launched, this.surroundings(launched));
  }

  private surroundings({ fleet, market }: Instance["launched"]): Surroundings {
    const { clock, rules, tell } = this;
    return {
      clock,
      random: this.random.of(`machine ${this.machines}`),
      installation: INSTALLATION,
      rules: rules.instance,
      takeRegistration: (instanceId) => this.takeRegistration(fleet, instanceId),
      connect: (environment, instance) => this.actions.connect(runnerIdIn(environment), instance),
      disconnect: (instance) => this.actions.disconnect(instance),
      notice: (instanceId) => this.notify(instanceId),
      struck: this.trouble.strike(fleet, market),
      ship: (instanceId, lines) => void this.logs.set(instanceId, lines),
      tell,
    };
  }

  private takeRegistration(fleet: string, instanceId: string): string | undefined {
    const roleId = `AROA${fleet.toUpperCase()}`;
    try {
      const { Attributes } = this.database.delete({
        TableName: HANDOFF_TABLE,
        Key: { [HANDOFF.partitionKey]: handoffKey(roleId, instanceId) },
        ConditionExpression: "#expiresAt > :now",
        ExpressionAttributeNames: { "#expiresAt": HANDOFF.expiry },
        ExpressionAttributeValues: { ":now": Math.floor(this.clock.now / 1000) },
        ReturnValues: "ALL_OLD",
      }) as { Attributes?: Handoff };
      const { environment = "" } = Attributes ?? {};
      this.taken.set(environment, (this.taken.get(environment) ?? 0) + 1);
      return environment;
    } catch {
      return undefined;
    }
  }

  private notify(instanceId: string): void {
    this.notices++;
    const { now } = this.clock;
    const tell = (): void => void this.functions.tellInterruption(instanceId, now);
    this.clock.after(this.random.between([500, 5000]), tell);
    if (this.random.chance(this.rules.noticesDuplicated)) this.clock.after(10_000, tell);
  }
}

/** As the runner reads it: https://github.com/actions/runner/blob/main/src/Runner.Listener/Runner.cs */
const runnerIdIn = (environment: string): number => {
  const decode = (text: string): Record<string, unknown> =>
    JSON.parse(Buffer.from(text, "base64").toString()) as Record<string, unknown>;
  const files = decode(/^ACTIONS_RUNNER_INPUT_JITCONFIG=(.+)$/m.exec(environment)?.[1] ?? "");
  return Number(decode(String(files[".runner"])).AgentId);
};
