import type { Market } from "../../functions/shared/contract";
import { endedBecause } from "../../functions/shared/end-reasons";
import { NO_ANSWER, type LaunchError, type Pool } from "../../functions/shared/launch-errors";
import type { Launch, LaunchedMachine } from "../../functions/shared/ledger-items";
import type { LaunchAnswer, MachineProvider } from "../../functions/shared/machines";
import { leaveOut } from "../../functions/shared/pools";
import type { Around } from "./dynamodb";

/** A cloud in memory: honors client tokens, and can lack capacity. */
export class MemoryCloud {
  readonly machines = new Map<string, LaunchedMachine>();
  readonly ended: string[] = [];
  /** The tag that a launch gives. A machine without one is found whichever fleet is asked for. */
  readonly fleets = new Map<string, string>();
  /** Why machines that are no more ended, for as long as EC2 knows. */
  readonly reasons = new Map<string, string>();
  /** Launched a moment ago: they run, and no list shows them yet. */
  readonly hidden = new Set<string>();
  /** As they were asked for, repetitions included. */
  readonly launches: Launch[] = [];
  /** What is left in a market, and the error that says so. Default: no end of machines */
  readonly capacity = new Map<Market, { count: number; code: string; pool?: Pool }>();
  /** Of so many launches to come, nobody learns what became of them. `made`: they took effect. */
  readonly lost = { count: 0, made: true };
  /** The most machines that there ever were at once. */
  most = 0;
  private made = 0;

  provider(around: Around): MachineProvider {
    const call = <T>(name: string, run: () => T): Promise<T> => around(name, run) as Promise<T>;
    return {
      ready: () => Promise.resolve(),
      elsewhere: (settings, without, errors) =>
        Promise.resolve(leaveOut(settings, without, errors, (subnetId) => `zone of ${subnetId}`)),
      prepare: ({ launchId, market, count, createdAt, without, fleet }) => {
        const parameters = JSON.stringify({ launchId, market, count, createdAt, without, fleet });
        return { launchId, market, count, parameters, createdAt };
      },
      launch: (launch) => call("CreateFleet", () => this.launch(launch)),
      find: (where) =>
        call("DescribeInstances", () =>
          ("launchId" in where ? this.ofLaunch(where.launchId) : this.ofFleet(where.fleet)).filter(
            ({ instanceId }) => !this.hidden.has(instanceId),
          ),
        ),
      ended: (ids) =>
        call(
          "DescribeInstances",
          () => new Map(ids.flatMap((id) => [[id, this.reasons.get(id)] as const]).filter(isKnown)),
        ),
      endedBecause,
      end: (ids) =>
        call("TerminateInstances", () => {
          for (const id of ids) this.stop(id, "Client.UserInitiatedShutdown");
          this.ended.push(...ids);
        }),
    };
  }

  /** The machine ends, for the reason that EC2 tells. */
  stop(id: string, reason: string): void {
    if (this.machines.delete(id)) this.reasons.set(id, reason);
  }

  private launch(launch: Launch): LaunchAnswer {
    this.launches.push(launch);
    if (this.lost.count === 0) return this.answer(launch);
    this.lost.count--;
    if (this.lost.made) this.answer(launch);
    return { answered: false, machines: [], errors: [{ code: NO_ANSWER, message: "timed out" }] };
  }

  private answer(launch: Launch): LaunchAnswer {
    const made = this.ofLaunch(launch.launchId);
    const machines = made.length > 0 ? made : this.make(launch);
    const short = machines.length < launch.count;
    return { answered: true, machines, errors: short ? this.errorsOf(launch.market) : [] };
  }

  private ofLaunch(launchId: string): LaunchedMachine[] {
    return [...this.machines.values()].filter((machine) => machine.launchId === launchId);
  }

  /** Those with its tag, and those without one. */
  ofFleet(fleet: string): LaunchedMachine[] {
    return [...this.machines.values()].filter(
      ({ instanceId }) => (this.fleets.get(instanceId) ?? fleet) === fleet,
    );
  }

  private make({ launchId, market, count: wanted, createdAt, parameters }: Launch): LaunchedMachine[] {
    const { fleet } = JSON.parse(parameters) as { fleet?: string };
    const left = this.capacity.get(market);
    const count = Math.min(wanted, left?.count ?? wanted);
    if (left) left.count -= count;
    const launchedAt = new Date(createdAt).toISOString();
    const made = Array.from({ length: count }, () => {
      const instanceId = `i-${(++this.made).toString(16).padStart(17, "0")}`;
      const machine = { instanceId, launchId, market, launchedAt, type: "m7i.large", zone: "eu-central-1a" };
      this.machines.set(instanceId, machine);
      if (fleet !== undefined) this.fleets.set(instanceId, fleet);
      return machine;
    });
    this.most = Math.max(this.most, this.machines.size);
    return made;
  }

  private errorsOf(market: Market): LaunchError[] {
    const { code = "InsufficientInstanceCapacity", pool } = this.capacity.get(market) ?? {};
    return [{ code, message: "none left", ...(pool && { pool }) }];
  }
}

const isKnown = (entry: readonly [string, string | undefined]): entry is readonly [string, string] =>
  entry[1] !== undefined;
