import { HANDOFF, LEDGER, type FleetSettings, type JobMessage } from "../../functions/shared/contract";
import { LimitedError } from "../../functions/shared/github-access";
import { createLedger } from "../../functions/shared/ledger";
import type { LaunchedMachine } from "../../functions/shared/ledger-items";
import { createPermits, REGISTRATION_RATES, type Permits } from "../../functions/shared/permits";
import type { ReconcileParts } from "../../functions/shared/reconcile-launch";
import type { Registrar } from "../../functions/shared/registrations";
import { InMemoryDynamoDb, type Around } from "./dynamodb";
import { MemoryCloud } from "./memory-cloud";

export const FLEET = "linux-x64";
export const INSTALLATION = "runners";
export const LEDGER_TABLE = "ledger";
export const HANDOFF_TABLE = "handoff";
export const START = Date.parse("2026-09-01T12:00:00.000Z");

export const fleetSettings = (own: Partial<FleetSettings> = {}): FleetSettings => ({
  labels: ["self-hosted", "linux", "x64"],
  runnerGroupId: "3",
  runnerGroupName: "ephemeral",
  launchTemplateId: "lt-0123456789abcdef0",
  launchTemplateVersion: "4",
  instanceTypes: ["m7i.large", "m7a.large"],
  subnetIds: ["subnet-a", "subnet-b"],
  markets: ["spot", "on-demand"],
  maximumMachines: 20,
  roleId: "AROAEXAMPLE",
  ...own,
});

/** An event of a job; the later `second`, the later it was received. */
export const event = (
  action: JobMessage["action"],
  jobId: number,
  second: number,
  own: Partial<JobMessage> = {},
): JobMessage => ({
  action,
  fleet: FLEET,
  jobId,
  runId: 1,
  runAttempt: 1,
  repository: "acme/app",
  createdAt: new Date(START + jobId * 1000).toISOString(),
  receivedAt: new Date(START + second * 1000).toISOString(),
  delivery: `delivery-${jobId}-${action}-${second}`,
  ...own,
});

export const newDatabase = (): InMemoryDynamoDb =>
  new InMemoryDynamoDb({
    [LEDGER_TABLE]: {
      keys: [LEDGER.partitionKey, LEDGER.sortKey],
      indexes: { [LEDGER.openIndex]: LEDGER.openKey },
    },
    [HANDOFF_TABLE]: { keys: [HANDOFF.partitionKey] },
  });

/** What is behind `reconcile`, in memory. */
export class FleetWorld {
  readonly database = newDatabase();
  readonly cloud = new MemoryCloud();
  /** Names of the calls, in order. */
  readonly calls: string[] = [];
  /** GitHub has trouble, and registers nothing for now. */
  troubled = false;
  /** GitHub refuses to register machines. */
  refusesRegistrations = false;
  /** Epoch milliseconds until which a token is at GitHub's limit, by its name. */
  readonly limits = new Map<string, number>();
  /** Names of the tokens that share the load. */
  tokens: readonly string[] = ["app"];
  /** When GitHub was asked for registrations: epoch milliseconds of each. */
  readonly asked: number[] = [];
  /** Registrations in a minute. */
  rate: { permits: number; windowMs: number } = REGISTRATION_RATES.jit;
  /** Who asked to be looked at again, and after how many seconds. */
  readonly wakes: { readonly fleet: string; readonly delaySeconds: number }[] = [];
  /** Fleets whose settings are to be read anew. */
  readonly forgotten: string[] = [];
  /** Epoch milliseconds */
  time = START;

  /** A function that works on it. `around` decides when, and whether, each of its calls happens. */
  parts(around: Around = atOnce): ReconcileParts {
    const counted: Around = (call, run) => {
      this.calls.push(call);
      return around(call, run);
    };
    const now = (): number => this.time;
    const permits = createPermits({
      client: this.database.client(counted),
      table: LEDGER_TABLE,
      names: this.tokens,
      rate: this.rate,
      now,
    });
    return {
      installation: INSTALLATION,
      ledger: createLedger({
        client: this.database.client(counted),
        table: LEDGER_TABLE,
        handoffTable: HANDOFF_TABLE,
        installation: INSTALLATION,
        now,
      }),
      provider: this.cloud.provider(counted),
      permits,
      registrar: { ready: () => Promise.resolve(), register: this.registrarWith(counted, permits) },
      wake: (fleet, delaySeconds) =>
        counted("wake", () => void this.wakes.push({ fleet, delaySeconds })) as Promise<void>,
      readAnew: (fleet) => void this.forgotten.push(fleet),
      now,
    };
  }

  /** Machines in the ledger, by state. */
  machineStates(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { item, state } of this.database.items(LEDGER_TABLE)) {
      if (String(item).startsWith("machine#")) counts[String(state)] = (counts[String(state)] ?? 0) + 1;
    }
    return counts;
  }

  registrations(): string[] {
    return this.database.items(HANDOFF_TABLE).map(({ instance }) => String(instance));
  }

  private registrarWith(around: Around, permits: Permits): Registrar["register"] {
    const registerOne = async (roleId: string, machine: LaunchedMachine, token = "") => {
      await around("generate-jitconfig", () => this.asked.push(this.time));
      const error = new Error("refused");
      if (this.refusesRegistrations) return { machine, error };
      const until = this.limits.get(token) ?? 0;
      if (this.time < until) {
        await permits.postpone(token, until);
        return { machine, until, error: new LimitedError(token, until) };
      }
      if (this.troubled) return { machine, until: this.time + 15_000, error };
      const instance = `${roleId}:${machine.instanceId}`;
      return { machine, runnerId: 7, handoff: { instance, environment: "X", expiresAt: 1 } };
    };
    return async (_fleet, { roleId }, machines, grants) => {
      const tokens = grants.flatMap(({ name, count }) => Array.from({ length: count }, () => name));
      const all = await Promise.all(
        machines.map((machine, index) => registerOne(roleId, machine, tokens[index])),
      );
      return {
        registered: all.flatMap((one) => (one.handoff ? [one] : [])),
        putOff: all.flatMap((one) => (one.until === undefined ? [] : [one])),
        failed: all.flatMap((one) => (one.error && one.until === undefined ? [one] : [])),
      };
    };
  }
}

const atOnce: Around = (_, run) => Promise.resolve().then(run);
