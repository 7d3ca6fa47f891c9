/** Looks at every process of this computer, the containers' among them, again and again. */
import { readFileSync, readdirSync } from "node:fs";

const EVERY_MILLISECONDS = 25;

export interface Sighting {
  readonly where: "cmdline" | "environ";
  readonly secret: string;
  readonly process: string;
  readonly at: number;
}

export interface Watch {
  /** Command lines seen, the proof that the watch saw the container's processes at all. */
  readonly commandLines: ReadonlySet<string>;
  readonly sightings: readonly Sighting[];
  stop(): void;
}

export function watchProcesses(secrets: readonly string[]): Watch {
  const commandLines = new Set<string>();
  const sightings: Sighting[] = [];
  const look = (): void => {
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      if (pid === String(process.pid)) continue;
      const commandLine = readProcess(pid, "cmdline");
      commandLines.add(commandLine.replaceAll("\0", " ").trim());
      const places = { cmdline: commandLine, environ: readProcess(pid, "environ") } as const;
      for (const [where, text] of Object.entries(places))
        for (const secret of secrets.filter((one) => text.includes(one)))
          sightings.push({
            where: where as Sighting["where"],
            secret,
            process: commandLine.replaceAll("\0", " ").trim(),
            at: Date.now(),
          });
    }
  };
  const timer = setInterval(look, EVERY_MILLISECONDS);
  return { commandLines, sightings, stop: () => clearInterval(timer) };
}

function readProcess(pid: string, file: "cmdline" | "environ"): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "latin1");
  } catch {
    return "";
  }
}
