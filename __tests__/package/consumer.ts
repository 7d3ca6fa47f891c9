/** A project of somebody else, outside of this repository, that has the packed tarball installed. */
import { exec } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import manifest from "../../package.json";

export const tarball = process.env.TARBALL ?? "";

const { devDependencies } = manifest;

/** What a project installs beside the tarball, in the versions that this repository is tested with. */
export const PEERS = {
  cdktf: devDependencies.cdktf,
  constructs: devDependencies.constructs,
  "@cdktf/provider-aws": devDependencies["@cdktf/provider-aws"],
  "@cdktf/provider-github": devDependencies["@cdktf/provider-github"],
};

export const TOOLS = {
  "@types/node": devDependencies["@types/node"],
  tsx: devDependencies.tsx,
  typescript: devDependencies.typescript,
};

/**
 * Nothing of npm's, when npm runs these tests: neither its settings nor this repository's programs.
 *
 * @param programs folder that is looked into first
 */
const environment = (programs: string): NodeJS.ProcessEnv => {
  const own = Object.entries(process.env).filter(
    ([name]) => !name.startsWith("npm_") || name === "npm_config_registry",
  );
  const folders = (process.env.PATH ?? "").split(delimiter).filter((path) => !path.includes("node_modules"));
  const path = [programs, ...folders].filter((folder) => folder !== "").join(delimiter);
  return { ...Object.fromEntries(own), NODE_ENV: undefined, PATH: path };
};

/** Where CDKTF puts the stack "runners". */
export const STACK = join("cdktf.out", "stacks", "runners");

export class Consumer {
  readonly folder = mkdtempSync(join(tmpdir(), "consumer-"));

  /** @param programs folder of another Node than the one that runs the tests */
  constructor(private readonly programs = "") {}

  write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text);
  }

  read(name: string): string {
    return readFileSync(join(this.folder, name), "utf8");
  }

  /** Runs a line as a user types it, and answers with what it prints. */
  run(line: string, more: NodeJS.ProcessEnv = {}): Promise<string> {
    const options = {
      cwd: this.folder,
      env: { ...environment(this.programs), ...more },
      maxBuffer: 64 * 1024 * 1024,
    };
    return new Promise((done, failed) =>
      exec(line, options, (error, stdout, stderr) => {
        if (error) failed(new Error(`${line}:\n${stdout}\n${stderr}`));
        else done(stdout);
      }),
    );
  }

  /** @param packages names with exact versions */
  async install(packages: Readonly<Record<string, string>>, option = ""): Promise<void> {
    const words = Object.entries(packages).map(([name, version]) => `${name}@${version}`);
    await this.run(`npm install --prefer-offline --no-audit --no-fund ${option} ${words.join(" ")}`);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
