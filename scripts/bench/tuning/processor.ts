import { existsSync, mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

/** Processes that together get a share of one processor. */
export interface Processor {
  /** A process enters by writing its id here. */
  readonly door: string;
  /** @param share 0 to 1 */
  limit(share: number): void;
  /** Once all processes in it have ended. */
  remove(): Promise<void>;
}

interface Hierarchy {
  /** Where the control groups stand, and what a group has that can be limited. */
  readonly root: string;
  readonly file: string;
  readonly limit: (write: (file: string, text: string) => void, quotaUs: number) => void;
}

/**
 * So often Lambda gives out its share anew: measured at https://github.com/pwrdrvr/lambda-throttling, not published by
 * AWS.
 */
const PERIOD_US = 20_000;
const NAME = `bench-tuning-${process.pid}`;

/** https://docs.kernel.org/scheduler/sched-bwc.html and https://docs.kernel.org/admin-guide/cgroup-v2.html */
const hierarchies: readonly Hierarchy[] = [
  {
    root: "/sys/fs/cgroup/cpu",
    file: "cpu.cfs_quota_us",
    limit: (write, quotaUs) => {
      write("cpu.cfs_period_us", String(PERIOD_US));
      write("cpu.cfs_quota_us", String(quotaUs));
    },
  },
  {
    root: "/sys/fs/cgroup",
    file: "cpu.max",
    limit: (write, quotaUs) => write("cpu.max", `${quotaUs} ${PERIOD_US}`),
  },
];

/** Undefined where this process may not limit another: that takes root, and Linux's control groups. */
export const openProcessor = (): Processor | undefined => {
  for (const { root, file, limit } of hierarchies) {
    const folder = join(root, NAME);
    try {
      mkdirSync(folder);
    } catch {
      continue;
    }
    if (existsSync(join(folder, file))) return processorAt(folder, limit);
    rmdirSync(folder);
  }
  return undefined;
};

const TRIES = 50;
const PAUSE_MS = 20;

const processorAt = (folder: string, limit: Hierarchy["limit"]): Processor => ({
  door: join(folder, "cgroup.procs"),
  limit: (share) =>
    limit((file, text) => writeFileSync(join(folder, file), text), Math.round(PERIOD_US * share)),
  remove: async () => {
    for (let tries = 1; ; tries++) {
      try {
        return rmdirSync(folder);
      } catch (error) {
        if (tries === TRIES) throw error;
        await pause(PAUSE_MS);
      }
    }
  },
});
