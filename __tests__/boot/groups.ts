/** Control groups for a machine, below this process's own, of version 1 or 2. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What undoes what was laid out, in its order. */
export type Ends = (() => void)[];

/** Of all processes of a machine together: what runs away must not end other machines, or the tests. */
const MEMORY_BYTES = 1024 ** 3;
const PROCESSES = 4000;

/** The groups that a machine's processes must be put into: nothing there takes more than it was given. */
export function layGroups(machine: string, ends: Ends): readonly string[] {
  const groups: string[] = [];
  for (const [folder, limits] of limitedGroups()) {
    const group = join(folder, machine);
    mkdirSync(group);
    ends.push(() => removeGroup(group));
    for (const [file, value] of Object.entries(limits)) writeFileSync(join(group, file), String(value));
    groups.push(group);
  }
  return groups;
}

/** Ends what is left of a machine: its first process, once stopped, outlives `systemd-nspawn`. */
const removeGroup = (group: string): void => {
  execFileSync("sh", [
    "-c",
    `for try in $(seq 50); do
      xargs --no-run-if-empty kill -KILL <"$0/cgroup.procs"
      find "$0" -depth -type d -exec rmdir {} + && exit
      sleep 0.1
    done 2>/dev/null; exit 1`,
    group,
  ]);
};

/** Where a group with limits can be made, and which files set them. */
function limitedGroups(): (readonly [folder: string, limits: Readonly<Record<string, number>>])[] {
  const mount = "/sys/fs/cgroup";
  const own = readFileSync("/proc/self/cgroup", "utf8").trim().split("\n");
  const pathOf = (controller: string): string =>
    own.map((line) => line.split(":")).find(([, names]) => names?.split(",").includes(controller))?.[2] ??
    "/";
  return existsSync(join(mount, "cgroup.controllers"))
    ? [[join(mount, pathOf("")), { "memory.max": MEMORY_BYTES, "pids.max": PROCESSES }]]
    : [
        [join(mount, "memory", pathOf("memory")), { "memory.limit_in_bytes": MEMORY_BYTES }],
        [join(mount, "pids", pathOf("pids")), { "pids.max": PROCESSES }],
        // Without one of its own, a machine's units would share their groups with those of another machine.
        [join(mount, "unified", pathOf("")), {}],
      ];
}
