import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { bundleApp } from "../scripts/bundle-app";
import { EXAMPLES } from "./support/synth-examples";

const root = join(__dirname, "..");
const temporary = (): string => mkdtempSync(join(tmpdir(), "runners-"));

const filesIn = (folder: string): string[] =>
  readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesIn(path) : [path];
  });

describe("synthesis", () => {
  const parts = [
    "main.ts",
    "cdktf.json",
    "package.json",
    "tsconfig.json",
    "constructs",
    "examples",
    "functions",
    "scripts/app",
    "__tests__/support/synth-examples.ts",
    "lib/bundles",
  ];

  const prepare = (folder: string): void => {
    mkdirSync(folder, { recursive: true });
    for (const part of parts) cpSync(join(root, part), join(folder, part), { recursive: true });
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  };

  /** As `npm run app` runs it. */
  const bundled = async (root: string): Promise<string[]> => {
    const outFile = join(root, "lib/app/main.js");
    await bundleApp({ root, outFile });
    return [outFile];
  };
  const fromSource = (): string[] => ["--import", "tsx", "main.ts"];

  const synthIn = async (
    folder: string,
    timeZone: string,
    app: (folder: string) => string[] | Promise<string[]>,
  ): Promise<Record<string, string>> => {
    prepare(folder);
    const env = { PATH: process.env.PATH, HOME: process.env.HOME, TZ: timeZone };
    const out = join(folder, "cdktf.out");
    const run = (...words: string[]) => promisify(execFile)(process.execPath, words, { cwd: folder, env });
    await run(...(await app(folder)));
    await run("--import", "tsx", "__tests__/support/synth-examples.ts", join(out, "examples"));
    return Object.fromEntries(
      filesIn(out).map((path) => [relative(out, path), readFileSync(path).toString("base64")]),
    );
  };

  it("gives the same bytes in any folder, in any time zone, with any file times, bundled or not", async () => {
    const first = join(temporary(), "one");
    const second = join(temporary(), "a longer name", "two");

    const [one, two] = await Promise.all([
      synthIn(first, "Pacific/Kiritimati", fromSource),
      synthIn(second, "America/Los_Angeles", bundled),
    ]);

    expect(Object.keys(one).filter((path) => !path.startsWith("examples"))).toHaveLength(7);
    expect(Object.keys(one).filter((path) => path.endsWith("cdk.tf.json"))).toHaveLength(1 + EXAMPLES.length);
    expect(two).toEqual(one);
    const text = Object.values(one)
      .map((bytes) => Buffer.from(bytes, "base64").toString())
      .join("");
    expect(text).not.toContain(first);
  }, 60_000);
});
