/** An AWS emulator that runs the functions by itself: ministack, from PyPI, in a virtual environment kept in `.cache/`. */
import { execFile, spawn } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { freePort } from "./free-port";
import { emulatorRegion } from "./moto";

const run = promisify(execFile);

const VERSION = "1.5.33";
const home = resolve(__dirname, "../../.cache", `ministack-${VERSION}`);
const READY_WITHIN_MILLISECONDS = 60_000;

export interface Ministack {
  readonly endpoint: string;
  /** All that it and the functions wrote. */
  log(): string;
  stop(): Promise<void>;
}

const install = async (): Promise<string> => {
  const program = join(home, "bin", "ministack");
  if (existsSync(program)) return program;
  const attempt = `${home}.${process.pid}`;
  mkdirSync(dirname(home), { recursive: true });
  await run("python3", ["-m", "venv", attempt]);
  const pip = ["-m", "pip", "install", "-q", "--no-compile", `ministack==${VERSION}`];
  await run(join(attempt, "bin", "python"), pip);
  if (existsSync(home)) rmSync(attempt, { recursive: true, force: true });
  else renameSync(attempt, home);
  return program;
};

/**
 * @param work folder for what it writes
 * @param node the Node that runs the functions
 */
export const startMinistack = async (work: string, node: string): Promise<Ministack> => {
  await install();
  const port = await freePort();
  mkdirSync(work, { recursive: true });
  const server = spawn(join(home, "bin", "python"), ["-m", "ministack"], {
    cwd: work,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: [dirname(node), process.env.PATH].join(delimiter),
      HOME: work,
      TMPDIR: work,
      BIND_HOST: "127.0.0.1",
      MINISTACK_HOST: "localhost",
      GATEWAY_PORT: String(port),
      MINISTACK_REGION: emulatorRegion,
      MINISTACK_ACCOUNT_ID: "123456789012",
      PYTHONUNBUFFERED: "1",
    },
  });
  let log = "";
  for (const stream of [server.stdout, server.stderr])
    stream.on("data", (chunk: Buffer) => (log += chunk.toString()));
  const gone = new Promise((done) => server.once("exit", done));
  const kill = (): boolean => server.kill("SIGKILL");
  process.once("exit", kill);
  const endpoint = `http://127.0.0.1:${port}`;
  const end = Date.now() + READY_WITHIN_MILLISECONDS;
  while (!(await isReady(endpoint))) {
    if (server.exitCode === null && Date.now() < end) await sleep(200);
    else {
      kill();
      throw new Error(`ministack is not ready. Its log:\n${log.slice(-4000)}`);
    }
  }
  return {
    endpoint,
    log: () => log,
    stop: async () => {
      process.off("exit", kill);
      server.kill();
      const killed = setTimeout(kill, 10_000);
      await gone;
      clearTimeout(killed);
    },
  };
};

const isReady = (endpoint: string): Promise<boolean> =>
  fetch(`${endpoint}/_ministack/health`).then(
    ({ ok }) => ok,
    () => false,
  );
