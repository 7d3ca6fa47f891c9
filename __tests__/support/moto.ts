/** The AWS emulator: moto in server mode, from PyPI, in a virtual environment that is kept in `.cache/`. */
import { execFile, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

const VERSION = "5.2.5";
const home = resolve(__dirname, "../../.cache", `moto-${VERSION}`);
/** Half a second, on a machine that does nothing else. */
const READY_WITHIN_MILLISECONDS = 60_000;

/** What every AWS client and the AWS provider are given; moto asks for no more. */
export const emulatorCredentials = { accessKeyId: "test", secretAccessKey: "test" };
export const emulatorRegion = "eu-central-1";

export interface Moto {
  /** `http://127.0.0.1:PORT` */
  readonly endpoint: string;
  readonly port: number;
  /** Forgets every resource. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

/** Makes the virtual environment (half a minute, once) and answers with its Python. */
export async function installMoto(): Promise<string> {
  const python = join(home, "bin", "python");
  if (existsSync(python)) return python;
  mkdirSync(dirname(home), { recursive: true });
  const attempt = `${home}.${process.pid}`;
  await run("python3", ["-m", "venv", attempt]);
  await run(join(attempt, "bin", "python"), [
    "-m",
    "pip",
    "install",
    "-q",
    "--no-compile",
    `moto[server]==${VERSION}`,
  ]);
  try {
    renameSync(attempt, home);
  } catch (error) {
    rmSync(attempt, { recursive: true, force: true });
    if (!existsSync(python)) throw error;
  }
  return python;
}

export async function startMoto(): Promise<Moto> {
  const python = await installMoto();
  const server = spawn(python, [join(__dirname, "moto-server.py"), "-H", "127.0.0.1", "-p", "0"], {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, PYTHONUNBUFFERED: "1" },
  });
  const kill = (): boolean => server.kill("SIGKILL");
  process.once("exit", kill);
  const endpoint = await addressOf(server).catch((error: unknown) => {
    kill();
    throw error;
  });
  const configure = (): Promise<void> =>
    post(`${endpoint}/moto-api/config`, { lambda: { use_docker: false }, batch: { use_docker: false } });
  await configure();
  return {
    endpoint,
    port: Number(new URL(endpoint).port),
    reset: async () => {
      await post(`${endpoint}/moto-api/reset`);
      await configure();
    },
    stop: async () => {
      process.off("exit", kill);
      if (server.exitCode !== null) return;
      const gone = new Promise((done) => server.once("exit", done));
      server.kill();
      await gone;
    },
  };
}

/** moto binds before it logs its address, so the logged address is ready to be called. */
function addressOf(server: ChildProcess): Promise<string> {
  return new Promise((found, failed) => {
    let log = "";
    const give = (problem: string): void => {
      // Left running it would keep whoever waits for it from ending.
      server.kill();
      failed(new Error(`moto ${problem}. Its log:\n${log}`));
    };
    const timer = setTimeout(() => give("was not ready in time"), READY_WITHIN_MILLISECONDS);
    server.once("exit", (code) => {
      clearTimeout(timer);
      give(`ended with ${code}`);
    });
    // The pipe is read to the end of the server's life: a full one would block it.
    server.stderr?.on("data", (chunk: Buffer) => {
      if (log.length > 10_000) return;
      log += chunk.toString();
      const address = /Running on (http:\/\/[\d.]+:\d+)/.exec(log)?.[1];
      if (!address) return;
      clearTimeout(timer);
      found(address);
    });
  });
}

async function post(url: string, body?: object): Promise<void> {
  const response = await fetch(url, { method: "POST", body: body && JSON.stringify(body) });
  if (!response.ok) throw new Error(`moto answered ${response.status} to POST ${url}`);
}
