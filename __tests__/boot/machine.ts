/** A container that stands for an EC2 instance: Debian with a real systemd and cloud-init, in a network of its own. */
import { execFileSync, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import type { RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listenOn } from "./stand-ins";

const ip = (...words: string[]): Buffer =>
  execFileSync("ip", words, { stdio: ["ignore", "pipe", "inherit"] });

/** Cloud-init, less what would only cost time: it finds its user data in a folder and runs it. */
const cloudConfig = `
datasource_list: [NoCloud]
network: {config: disabled}
cloud_init_modules: [seed_random]
cloud_config_modules: []
cloud_final_modules: [scripts-user]
`;

/** What the machine reaches, by address and port. */
export interface Networks {
  readonly metadata: RequestListener;
  readonly aws: RequestListener;
  readonly runner: RequestListener;
}

const routes: readonly (readonly [address: string, port: number, network: keyof Networks])[] = [
  ["169.254.169.254", 80, "metadata"],
  ["fd00:ec2::254", 80, "metadata"],
  ["127.0.0.1", 5000, "aws"],
  ["127.0.0.1", 8000, "runner"],
];

let made = 0;

export class Machine {
  private readonly name = `boot-${process.pid}-${++made}`;
  private readonly folder = mkdtempSync(join(tmpdir(), "boot-"));
  /** The machine's files, as it will see them. */
  public readonly root = join(this.folder, "root");
  private readonly ends: (() => void)[] = [];

  /** Lays the machine out, not started. */
  public static async make(userData: string, networks: Networks): Promise<Machine> {
    const machine = new Machine();
    try {
      machine.layFiles(userData);
      await machine.layNetwork(networks);
      return machine;
    } catch (error) {
      machine.destroy();
      throw error;
    }
  }

  /** Boots; resolves when the machine is off, with the seconds that it lived. */
  public async live(): Promise<number> {
    const started = Date.now();
    const container = spawn(
      "systemd-nspawn",
      [
        ...["--quiet", "--boot", "--register=no", "--keep-unit", "--console=pipe", "--resolv-conf=off"],
        ...["--capability=CAP_NET_ADMIN", "--system-call-filter=bpf"],
        ...[`--machine=${this.name}`, `--directory=${this.root}`],
        `--network-namespace-path=/run/netns/${this.name}`,
      ],
      { stdio: "ignore", env: { ...process.env, SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: "1" } },
    );
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

  public destroy(): void {
    for (const end of this.ends.reverse()) end();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private layFiles(userData: string): void {
    const [upper, work] = [join(this.folder, "upper"), join(this.folder, "work")];
    for (const folder of [this.root, upper, work]) mkdirSync(folder);
    const layers = `lowerdir=${process.env["BOOT_ROOT"]},upperdir=${upper},workdir=${work}`;
    execFileSync("mount", ["-t", "overlay", "overlay", "-o", layers, this.root]);
    this.ends.push(() => execFileSync("umount", [this.root]));
    const seed = join(this.root, "var/lib/cloud/seed/nocloud");
    mkdirSync(seed, { recursive: true });
    writeFileSync(join(seed, "user-data"), userData);
    writeFileSync(join(seed, "meta-data"), `instance-id: ${this.name}\n`);
    writeFileSync(join(this.root, "etc/cloud/cloud.cfg.d/99-test.cfg"), cloudConfig);
  }

  private async layNetwork(networks: Networks): Promise<void> {
    ip("netns", "add", this.name);
    this.ends.push(() => ip("netns", "delete", this.name));
    ip("-n", this.name, "link", "set", "lo", "up");
    ip("-n", this.name, "address", "add", "169.254.169.254/32", "dev", "lo");
    ip("-n", this.name, "address", "add", "fd00:ec2::254/128", "dev", "lo", "nodad");
    for (const [name, listener] of Object.entries(networks) as [string, RequestListener][]) {
      const server = await listenOn(join(this.folder, `${name}.sock`), listener);
      this.ends.push(() => {
        server.close();
        server.closeAllConnections();
      });
    }
    const words = routes.flatMap(([address, port, network]) => [
      address,
      String(port),
      join(this.folder, `${network}.sock`),
    ]);
    const program = join(__dirname, "forward.py");
    const forwarder = spawn("ip", ["netns", "exec", this.name, "python3", program, ...words]);
    this.ends.push(() => forwarder.kill("SIGKILL"));
    await listening(forwarder);
  }
}

const listening = (forwarder: ChildProcess): Promise<void> =>
  new Promise((listens, failed) => {
    forwarder.stdout?.once("data", listens);
    forwarder.once("exit", (code) => failed(new Error(`the forwarder ended with ${code}`)));
  });

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
