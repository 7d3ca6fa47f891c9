import {
  HANDOFF,
  LEDGER,
  type FleetSettings,
  type JobMessage,
  type Market,
} from "../../functions/shared/contract";
import type { LaunchError } from "../../functions/shared/launch-errors";
import { createLedger } from "../../functions/shared/ledger";
import type { Launch, LaunchedMachine } from "../../functions/shared/ledger-items";
import type { LaunchAnswer, MachineProvider } from "../../functions/shared/machines";
import type { ReconcileParts } from "../../functions/shared/reconcile-launch";
import type { Registrar } from "../../functions/shared/registrations";
import { InMemoryDynamoDb, type Around } from "./dynamodb";

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

/** A cloud in memory: honors client tokens, and can lack capacity. */
export class MemoryCloud {
  readonly machines = new Map<string, LaunchedMachine>();
  readonly ended: string[] = [];
  /** Launched a moment ago: they run, and no list shows them yet. */
  readonly hidden = new Set<string>();
  /** As they were asked for, repetitions included. */
  readonly launches: Launch[] = [];
  /** What is left in a market, and the error that says so. Default: no end of machines */
  readonly capacity = new Map<Market, { count: number; code: string }>();
  /** The most machines that there ever were at once. */
  most = 0;
  private made = 0;

  provider(around: Around): MachineProvider {
    const call = <T>(name: string, run: () => T): Promise<T> => around(name, run) as Promise<T>;
    return {
      prepare: ({ launchId, market, count, createdAt }) => {
        const parameters = JSON.stringify({ launchId, market, count });
        return { launchId, market, count, parameters, createdAt };
      },
      launch: (launch) => call("CreateFleet", () => this.launch(launch)),
      find: (where) =>
        call("DescribeInstances", () =>
          ("launchId" in where ? this.ofLaunch(where.launchId) : [...this.machines.values()]).filter(
            ({ instanceId }) => !this.hidden.has(instanceId),
          ),
        ),
      end: (ids) =>
        call("TerminateInstances", () => {
          for (const id of ids) this.machines.delete(id);
          this.ended.push(...ids);
        }),
    };
  }

  private launch(launch: Launch): LaunchAnswer {
    this.launches.push(launch);
    const { market, count } = JSON.parse(launch.parameters) as Launch;
    const made = this.ofLaunch(launch.launchId);
    const machines = made.length > 0 ? made : this.make(launch.launchId, market, count);
    return { answered: true, machines, errors: machines.length < count ? this.errorsOf(market) : [] };
  }

  private ofLaunch(launchId: string): LaunchedMachine[] {
    return [...this.machines.values()].filter((machine) => machine.launchId === launchId);
  }

  private make(launchId: string, market: Market, wanted: number): LaunchedMachine[] {
    const left = this.capacity.get(market);
    const count = Math.min(wanted, left?.count ?? wanted);
    if (left) left.count -= count;
    const made = Array.from({ length: count }, () => {
      const instanceId = `i-${(++this.made).toString(16).padStart(17, "0")}`;
      const machine = { instanceId, launchId, market, type: "m7i.large", zone: "eu-central-1a" };
      this.machines.set(instanceId, machine);
      return machine;
    });
    this.most = Math.max(this.most, this.machines.size);
    return made;
  }

  private errorsOf(market: Market): LaunchError[] {
    return [
      { code: this.capacity.get(market)?.code ?? "InsufficientInstanceCapacity", message: "none left" },
    ];
  }
}

/** What is behind `reconcile`, in memory. */
export class FleetWorld {
  readonly database = newDatabase();
  readonly cloud = new MemoryCloud();
  /** Names of the calls, in order. */
  readonly calls: string[] = [];
  /** GitHub refuses to register machines. */
  refusesRegistrations = false;
  /** Epoch milliseconds */
  time = START;

  /** A function that works on it. `around` decides when, and whether, each of its calls happens. */
  parts(around: Around = atOnce): ReconcileParts {
    const counted: Around = (call, run) => {
      this.calls.push(call);
      return around(call, run);
    };
    const now = (): number => this.time;
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
      registrar: { ready: () => Promise.resolve(), register: this.registrarWith(counted) },
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

  private registrarWith(around: Around): Registrar["register"] {
    return async (_fleet, { roleId }, machines) => {
      await Promise.all(machines.map(() => around("generate-jitconfig", () => undefined)));
      if (this.refusesRegistrations) {
        return {
          registered: [],
          failed: machines.map((machine) => ({ machine, error: new Error("refused") })),
        };
      }
      const handoff = (id: string) => ({ instance: `${roleId}:${id}`, environment: "X", expiresAt: 1 });
      return {
        registered: machines.map((machine) => ({
          machine,
          runnerId: 7,
          handoff: handoff(machine.instanceId),
        })),
        failed: [],
      };
    };
  }
}

const atOnce: Around = (_, run) => Promise.resolve().then(run);
