/** A container that stands for an EC2 instance: Debian with a real systemd and cloud-init, in a network of its own. */
import { execFileSync, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { layGroups } from "./groups";
import type { Ends } from "./groups";
import { layNetwork } from "./network";
import type { Networks, Place } from "./network";

/** Cloud-init, less what would only cost time: it finds its user data in a folder and runs it. */
const cloudConfig = `
datasource_list: [NoCloud]
network: {config: disabled}
cloud_init_modules: [seed_random]
cloud_config_modules: []
cloud_final_modules: [scripts-user]
`;

/** What a machine may take of the computer that runs the tests. */
export interface Bounds {
  /** MB of its disk. */
  readonly disk?: number;
  /** Files on that disk. */
  readonly files?: number;
  /** Processes of each user but root. */
  readonly processes?: number;
}

/** A machine that does not end fails its test, and not the ones after it: shorter than the tests' own time-out. */
const LONGEST_MS = 100_000;

/** Stops the first process of a machine, as no one in it could. */
export const stopSystemd = (machine: Machine): void => {
  process.kill(machine.firstProcess(), "SIGSTOP");
};

let made = 0;

export class Machine {
  private readonly name = `boot-${process.pid}-${++made}`;
  private readonly folder = mkdtempSync(join(tmpdir(), "boot-"));
  /** The machine's files, as it will see them. */
  public readonly root = join(this.folder, "root");
  private readonly groups: string[] = [];
  private container?: ChildProcess;
  private readonly ends: Ends = [];

  private constructor(private readonly bounds: Bounds) {}

  /** Lays the machine out, not started. */
  public static async make(
    userData: string,
    networks: Networks,
    { bounds = {}, place = { host: 2 } }: { readonly bounds?: Bounds; readonly place?: Place } = {},
  ): Promise<Machine> {
    const machine = new Machine(bounds);
    try {
      machine.groups.push(...layGroups(machine.name, machine.ends));
      machine.layFiles(userData);
      await layNetwork(machine.name, machine.folder, networks, place, machine.ends);
      return machine;
    } catch (error) {
      machine.destroy();
      throw error;
    }
  }

  /** Boots; resolves when the machine is off, with the seconds that it lived. */
  public async live(): Promise<number> {
    const started = Date.now();
    const container = (this.container = spawn(
      "sh",
      [
        ...[
          "-c",
          `for group in ${this.groups.join(" ")}; do echo $$ >$group/cgroup.procs; done; exec "$@"`,
          "sh",
        ],
        ...[
          "systemd-nspawn",
          "--quiet",
          "--boot",
          "--register=no",
          "--keep-unit",
          "--console=pipe",
          "--resolv-conf=off",
        ],
        ...["--capability=CAP_NET_ADMIN", "--system-call-filter=bpf"],
        ...[`--machine=${this.name}`, `--directory=${this.root}`],
        `--network-namespace-path=/run/netns/${this.name}`,
        ...(this.bounds.processes === undefined ? [] : [`--rlimit=NPROC=${this.bounds.processes}`]),
      ],
      {
        stdio: "ignore",
        timeout: LONGEST_MS,
        killSignal: "SIGKILL",
        env: { ...process.env, SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: "1" },
      },
    ));
    this.ends.push(() => container.kill("SIGKILL"));
    const code = await new Promise((ended) => container.once("exit", ended));
    if (code !== 0) throw new Error(`systemd-nspawn ended with ${String(code)}\n${this.journal()}`);
    return (Date.now() - started) / 1000;
  }

  /** The whole journal, of all boots. */
  public journal(): string {
    const folder = join(this.root, "var/log/journal");
    return execFileSync("journalctl", ["--quiet", "--output=short-iso-precise", "--directory", folder], {
      encoding: "utf8",
      maxBuffer: 2 ** 26,
    });
  }

  /** The process id of its systemd, as this computer counts: the only child of `systemd-nspawn`. */
  public firstProcess(): number {
    const nspawn = this.container?.pid;
    return Number(readFileSync(`/proc/${nspawn}/task/${nspawn}/children`, "utf8"));
  }

  public destroy(): void {
    for (const end of this.ends.reverse()) end();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private layFiles(userData: string): void {
    const [upper, work] = [join(this.folder, "upper"), join(this.folder, "work")];
    if (this.bounds.disk !== undefined) {
      execFileSync("mount", [
        "-t",
        "tmpfs",
        "-o",
        `size=${this.bounds.disk}m,nr_inodes=${this.bounds.files ?? 0}`,
        "tmpfs",
        this.folder,
      ]);
      this.ends.push(() => execFileSync("umount", [this.folder]));
    }
    for (const folder of [this.root, upper, work]) mkdirSync(folder);
    const layers = `lowerdir=${process.env["BOOT_ROOT"]},upperdir=${upper},workdir=${work}`;
    execFileSync("mount", ["-t", "overlay", "overlay", "-o", layers, this.root]);
    this.ends.push(() => execFileSync("umount", [this.root]));
    const seed = join(this.root, "var/lib/cloud/seed/nocloud");
    mkdirSync(seed, { recursive: true });
    writeFileSync(join(seed, "user-data"), userData, { mode: 0o600 });
    writeFileSync(join(seed, "meta-data"), `instance-id: ${this.name}\n`);
    writeFileSync(join(this.root, "etc/hosts"), `127.0.0.1 localhost ${hostname()}\n`);
    writeFileSync(join(this.root, "etc/cloud/cloud.cfg.d/99-test.cfg"), cloudConfig);
  }
}

/** The stand-in runner with its listener's script, as a folder that a machine can be given, or packed. */
export function layRunner(folder: string, listener: string, job: string): void {
  cpSync(join(__dirname, "stand-in-runner"), folder, { recursive: true });
  mkdirSync(join(folder, "bin"));
  for (const program of ["Runner.Listener", "Runner.Worker"])
    symlinkSync("/bin/bash", join(folder, "bin", program));
  writeFileSync(join(folder, "listener.sh"), `source ./tell.sh\n${listener}\n`);
  writeFileSync(join(folder, "job.sh"), `source ./tell.sh\n${job}\n`);
  execFileSync("chmod", ["+x", join(folder, "run.sh"), join(folder, "config.sh")]);
}

export function packRunner(listener: string, job: string): Buffer {
  const folder = mkdtempSync(join(tmpdir(), "runner-"));
  try {
    layRunner(folder, listener, job);
    return execFileSync("tar", ["--create", "--gzip", "--directory", folder, "."], { maxBuffer: 2 ** 26 });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
