import { machineOfRunner } from "../shared/contract";
import type { RunnerRecord } from "../shared/runner-records";

const NONE: ReadonlyMap<string, RunnerRecord> = new Map();

/** What GitHub said of our runners in this sweep. Runners of others are left out. */
export class Records {
  private readonly found = new Map<string, Map<string, RunnerRecord>>();
  private readonly whole = new Set<string>();
  private readonly missing = new Set<string>();

  constructor(private readonly installation: string) {}

  /** Of a fleet, by instance. */
  of(fleet: string): ReadonlyMap<string, RunnerRecord> {
    return this.found.get(fleet) ?? NONE;
  }

  /** GitHub was asked for the machine's record, or for all of them, and did not show it. False says nothing. */
  isAbsent(fleet: string, instanceId: string): boolean {
    if (this.of(fleet).has(instanceId)) return false;
    return this.whole.has(fleet) || this.missing.has(keyOf(fleet, instanceId));
  }

  /** Returns how many of them are ours. */
  add(runners: readonly RunnerRecord[]): number {
    const ours = runners.flatMap((runner) => {
      const machine = machineOfRunner(this.installation, runner.name);
      return machine ? [{ runner, machine }] : [];
    });
    for (const { runner, machine } of ours) {
      const ofFleet = this.found.get(machine.fleet) ?? new Map<string, RunnerRecord>();
      this.found.set(machine.fleet, ofFleet.set(machine.instanceId, runner));
    }
    return ours.length;
  }

  addMissing(fleet: string, instanceId: string): void {
    this.missing.add(keyOf(fleet, instanceId));
  }

  /** All records of these fleets have been shown. */
  isAllOf(fleets: readonly string[]): void {
    for (const fleet of fleets) this.whole.add(fleet);
  }
}

const keyOf = (fleet: string, instanceId: string): string => `${fleet}/${instanceId}`;
