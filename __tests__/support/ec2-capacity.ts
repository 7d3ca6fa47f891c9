import { answerWith } from "./aws-refusals";
import { DUPLICATE_POOLS, hasDuplicatePools, overridesIn, zonesBy } from "./instance-pools";
import type { Call, Interception, Reply } from "./proxy";

/** Where EC2 has too few machines; what is absent means any. */
export interface Shortage {
  readonly market?: "spot" | "on-demand";
  readonly type?: string;
  /** Stands for its zone. */
  readonly subnetId?: string;
  /** E.g. `InsufficientInstanceCapacity`. */
  readonly code: string;
  /** Machines that are left. Default: none */
  left?: number;
}

interface Pool {
  /** Number of the override in the request. */
  readonly override: string;
  readonly type: string;
  readonly subnetId: string;
  readonly shortage?: Shortage;
}

/**
 * What the emulated EC2 lacks: an end of capacity, errors beside machines, launches that fail after the call, and a
 * memory for client tokens. It changes calls on their way in and answers on their way out.
 */
export class Ec2Capacity {
  /** Of subnets, by id. One that is not named is alone in a zone of its own. */
  readonly zones = new Map<string, string>();
  private shortages: Shortage[] = [];
  private readonly late = new Map<string, string>();
  private readonly tokens = new Map<string, { readonly asked: string; reply?: Reply }>();

  short(shortage: Shortage): void {
    this.shortages.push({ ...shortage });
  }

  /** The reason that EC2 gives, from now on, for the end of a machine whose launch had succeeded. */
  failLate(instanceId: string, code: string): void {
    this.late.set(instanceId, code);
  }

  heal(): void {
    this.shortages = [];
    this.late.clear();
  }

  intercept({ name, body }: Call): Interception | undefined {
    if (name === "ec2:CreateFleet") return this.createFleet(body);
    if (name === "ec2:DescribeInstances") return { rewrite: (reply) => this.withReasons(reply) };
    return undefined;
  }

  private createFleet(body: string): Interception {
    const asked = new URLSearchParams(body);
    const token = asked.get("ClientToken");
    const known = token ? this.tokens.get(token) : undefined;
    if (known && known.asked !== body) return { reply: mismatch };
    if (known?.reply) return { reply: known.reply };
    // Before anything is taken out, as EC2 looks at the whole request first.
    if (hasDuplicatePools([...overridesIn(asked).values()], zonesBy(this.zones))) return { reply: duplicate };
    const memory: { asked: string; reply?: Reply } = { asked: body };
    const remembered = (reply: Reply): Reply => {
      if (token && reply.status < 300) this.tokens.set(token, memory);
      return (memory.reply = reply);
    };
    const launch = this.plan(asked);
    if (launch.count === 0) return { reply: remembered(emptyFleet(launch.errors)) };
    return {
      body: launch.body,
      rewrite: (reply) => remembered({ ...reply, body: withErrors(reply.body, launch.errors) }),
    };
  }

  /** Takes out what cannot be had. */
  private plan(asked: URLSearchParams): { count: number; body: string; errors: string } {
    const market = asked.get("TargetCapacitySpecification.DefaultTargetCapacityType") ?? "on-demand";
    const wanted = machinesAskedFor(asked);
    const pools = poolsIn(asked).map((pool) => ({ ...pool, shortage: this.shortageOf(pool, market) }));
    const plenty = pools.filter(({ shortage }) => !shortage);
    const rest = pools.filter(({ shortage }) => shortage?.left);
    const count = plenty.length > 0 || pools.length === 0 ? wanted : takeFrom(rest, wanted);
    const kept = (plenty.length > 0 ? plenty : rest).map(({ override }) => override);
    const changed = withOverrides(asked, kept);
    changed.set(TARGET, String(count));
    const short = pools.filter((pool) => pool.shortage && !(count === wanted && rest.includes(pool)));
    return { count, body: changed.toString(), errors: short.map((pool) => errorOf(pool, market)).join("") };
  }

  private shortageOf({ type, subnetId }: Pool, market: string): Shortage | undefined {
    return this.shortages.find(
      (one) =>
        (one.market ?? market) === market &&
        (one.type ?? type) === type &&
        (one.subnetId ?? subnetId) === subnetId,
    );
  }

  /** moto writes the reason before the id. */
  private withReasons(reply: Reply): Reply {
    let { body } = reply;
    for (const [id, code] of this.late) {
      const end = body.indexOf(`<instanceId>${id}</instanceId>`);
      const start = body.lastIndexOf("<stateReason>", end);
      if (end < 0 || start < 0) continue;
      const reason = `<stateReason><code>${code}</code><message>${code}: late</message></stateReason>`;
      body = body.slice(0, start) + body.slice(start).replace(/<stateReason>.*?<\/stateReason>/s, reason);
    }
    return { ...reply, body };
  }
}

const OVERRIDE = /^LaunchTemplateConfigs\.\d+\.(Overrides\.\d+)\./;
const TARGET = "TargetCapacitySpecification.TotalTargetCapacity";

/** Numbered anew: the emulator takes no list with gaps. */
const withOverrides = (asked: URLSearchParams, kept: readonly string[]): URLSearchParams =>
  new URLSearchParams(
    [...asked].flatMap(([key, value]): [string, string][] => {
      const override = OVERRIDE.exec(key)?.[1];
      if (override === undefined) return [[key, value]];
      const place = kept.indexOf(override) + 1;
      return place > 0 ? [[key.replace(override, `Overrides.${place}`), value]] : [];
    }),
  );

export const machinesAskedFor = (asked: URLSearchParams): number => Number(asked.get(TARGET) ?? 1);

const poolsIn = (asked: URLSearchParams): Pool[] =>
  [...overridesIn(asked)].map(([override, { InstanceType: type = "", SubnetId: subnetId = "" }]) => ({
    override,
    type,
    subnetId,
  }));

/** Pools that fall under one shortage share what is left of it. */
const takeFrom = (pools: readonly Pool[], wanted: number): number => {
  let taken = 0;
  for (const shortage of new Set(pools.map((pool) => pool.shortage))) {
    const some = Math.min(shortage?.left ?? 0, wanted - taken);
    if (shortage) shortage.left = (shortage.left ?? 0) - some;
    taken += some;
  }
  return taken;
};

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateFleetError.html */
const errorOf = ({ type, subnetId, shortage }: Pool, market: string): string =>
  "<item><launchTemplateAndOverrides><overrides>" +
  `<instanceType>${type}</instanceType><subnetId>${subnetId}</subnetId>` +
  `</overrides></launchTemplateAndOverrides><lifecycle>${market}</lifecycle>` +
  `<errorCode>${shortage?.code}</errorCode><errorMessage>Injected by a test.</errorMessage></item>`;

const END = "</CreateFleetResponse>";

const withErrors = (body: string, errors: string): string =>
  body
    .replace(/<errorSet\/>|<errorSet><\/errorSet>/, "")
    .replace(END, `<errorSet>${errors}</errorSet>${END}`);

const emptyFleet = (errors: string): Reply => ({
  status: 200,
  headers: { "content-type": "text/xml;charset=UTF-8" },
  body: withErrors(
    `<?xml version="1.0" encoding="UTF-8"?>\n<CreateFleetResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">` +
      `<requestId>request-id</requestId><fleetId>fleet-00000000-0000-4000-8000-000000000000</fleetId>` +
      `<fleetInstanceSet/>${END}`,
    errors,
  ),
});

const mismatch = answerWith(
  "ec2",
  400,
  "IdempotentParameterMismatch",
  "The client token was used before, with other parameters.",
);

const duplicate = answerWith("ec2", 400, DUPLICATE_POOLS.code, DUPLICATE_POOLS.message);
