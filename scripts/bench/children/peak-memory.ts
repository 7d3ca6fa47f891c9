import { readFileSync } from "node:fs";

/**
 * The most memory that this process has had, in MB. Linux lets a process begin with its parent's peak in
 * `resourceUsage`, and counts `VmHWM` from its own program on.
 * https://man7.org/linux/man-pages/man5/proc_pid_status.5.html
 */
export const peakMemory = (): number => {
  // Both in kilobytes: https://nodejs.org/api/process.html#processresourceusage
  const own = process.platform === "linux" ? peakOf("self") : undefined;
  return (own ?? process.resourceUsage().maxRSS) / 1024;
};

/** Of any process, on Linux; in kilobytes. */
export const peakOf = (id: string): number | undefined => {
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${id}/status`, "utf8")) ?? [];
  return kilobytes === undefined ? undefined : Number(kilobytes);
};
