import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { unzipSync } from "fflate";
import { bundleFunctions } from "../../scripts/bundle";

const root = resolve(__dirname, "../..");
/** A bundler on a machine with other work to do takes longer than jest's 5 s. */
const PATIENCE_MS = 60_000;
const names = ["interruption", "launch", "rotate-tokens", "sweep", "webhook"];

/** As little as there is for any of them to start with. */
const settings = JSON.stringify({ fleets: [], github: {}, githubTokens: [] });

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "bundle-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const hashes = (outDir: string) =>
  Object.fromEntries(
    readdirSync(outDir)
      .sort()
      .map((name) => [
        name,
        createHash("sha256")
          .update(readFileSync(join(outDir, name)))
          .digest("hex"),
      ]),
  );

/** What a fresh process far from any node_modules finds `handler` to be, or the name of the error at loading. */
const typeOfHandler = (name: string, code: string | Uint8Array, env: NodeJS.ProcessEnv): string => {
  const file = join(folder, `${name}.js`);
  writeFileSync(file, code);
  const script =
    "try { console.log(typeof require(process.argv[1]).handler) } catch (e) { console.log(e.name) }";
  return execFileSync(process.execPath, ["-e", script, file], {
    env: { ...env, NODE_NO_WARNINGS: "1" },
    encoding: "utf8",
  }).trim();
};

/** Another checkout: other folder, other depth, other times, a tsconfig.json of somebody else nearby. */
const checkout = (...path: string[]): string => {
  const copy = join(folder, ...path);
  mkdirSync(copy, { recursive: true });
  for (const part of ["main.ts", "constructs", "functions", "scripts", "package.json"])
    cpSync(join(root, part), join(copy, part), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  writeFileSync(
    join(copy, "tsconfig.json"),
    '{"compilerOptions":{"target":"ES5","useDefineForClassFields":false}}',
  );
  for (const file of readdirSync(join(copy, "functions"), { recursive: true, encoding: "utf8" })) {
    utimesSync(join(copy, "functions", file), 1, 1);
  }
  return copy;
};

describe("the bundles", () => {
  let zips: string;
  beforeAll(async () => {
    zips = join(folder, "zips");
    await bundleFunctions({ root, outDir: zips });
  }, PATIENCE_MS);

  it("are one zip for each function that has a handler, beside the notices of what they hold", () => {
    expect(readdirSync(zips).sort()).toEqual([
      "THIRD-PARTY-NOTICES.txt",
      ...names.map((name) => `${name}.zip`),
    ]);
    const notices = readFileSync(join(zips, "THIRD-PARTY-NOTICES.txt"), "utf8");
    expect(notices).toMatch(/^@octokit\/rest \d+\.\d+\.\d+ \(MIT\)\n\n[^]*?Copyright/m);
    expect(notices).not.toContain("jest");
  });

  it.each(names)("hold of %s one file, which has a handler and needs nothing else", (name) => {
    const files = unzipSync(readFileSync(join(zips, `${name}.zip`)));
    expect(Object.keys(files)).toEqual(["index.js"]);
    const code = Buffer.from(files["index.js"]!).toString();
    expect(code).not.toContain(root);
    expect(code).not.toContain("sourceMappingURL");
    expect(code.split("\n").length).toBeLessThan(code.length / 1_000);
    expect(typeOfHandler(name, code, { SETTINGS: settings, AWS_REGION: "us-east-1" })).toBe("function");
  });

  it("call errors by their names, which minification would shorten", () => {
    const code = unzipSync(readFileSync(join(zips, "webhook.zip")))["index.js"]!;
    expect(typeOfHandler("without-settings", code, {})).toBe("SettingsError");
  });

  it("carry the time and mode that never change", () => {
    const zip = readFileSync(join(zips, "webhook.zip"));
    const central = zip.indexOf("PK\u0001\u0002", 0, "latin1");
    const [time, date] = [zip.readUInt16LE(central + 12), zip.readUInt16LE(central + 14)];
    expect({ year: 1980 + (date >> 9), month: (date >> 5) & 15, day: date & 31, hour: time >> 11 }).toEqual({
      year: 1980,
      month: 1,
      day: 1,
      hour: 12,
    });
    expect(zip.readUInt8(central + 5)).toBe(3);
    expect((zip.readUInt32LE(central + 38) >>> 16).toString(8)).toBe("100644");
  });

  it.each(["Pacific/Kiritimati", "America/St_Johns"])(
    "are the same bytes from another checkout in %s",
    (TZ) => {
      const copy = checkout(...TZ.split("/"), "a longer way down");
      const tsx = join(root, "node_modules/tsx/dist/cli.mjs");
      execFileSync(process.execPath, [tsx, join(copy, "scripts/bundle.ts")], {
        cwd: folder,
        env: { ...process.env, TZ },
      });
      expect(hashes(join(copy, "lib/bundles"))).toEqual(hashes(zips));
    },
    PATIENCE_MS,
  );

  it.each([
    ["webhook", 30_000],
    ["interruption", 35_000],
    ["launch", 115_000],
    ["sweep", 130_000],
    ["rotate-tokens", 130_000],
  ])("keep %s small, for every cold start loads it", (name, bytes) => {
    expect(readFileSync(join(zips, `${name}.zip`)).length).toBeLessThan(bytes);
  });
});

describe("bundleFunctions", () => {
  let outDir: string;
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, "toy", path)), { recursive: true });
    writeFileSync(join(folder, "toy", path), text);
  };
  const bundle = () => bundleFunctions({ root: join(folder, "toy"), outDir });

  beforeEach(() => {
    rmSync(join(folder, "toy"), { recursive: true, force: true });
    outDir = join(folder, "toy", "out");
    write("functions/shared/word.ts", 'export const word: string = "one";');
    write(
      "functions/first/handler.ts",
      'import { word } from "../shared/word"; export const handler = () => word;',
    );
    write("functions/second/handler.ts", "export const handler = () => 2;");
  });

  it("tells of each function its zip, and the sizes", async () => {
    const made = await bundle();
    expect(made.map(({ name, file }) => [name, file])).toEqual([
      ["first", join(outDir, "first.zip")],
      ["second", join(outDir, "second.zip")],
    ]);
    for (const { file, bytes, zipBytes } of made) {
      const zip = readFileSync(file);
      expect([unzipSync(zip)["index.js"]!.length, zip.length]).toEqual([bytes, zipBytes]);
    }
  });

  it("changes the zip of the functions that use what was changed, and no other", async () => {
    await bundle();
    const before = hashes(outDir);
    write("functions/shared/word.ts", 'export const word: string = "two";');
    await bundle();
    const after = hashes(outDir);
    expect(after["first.zip"]).not.toBe(before["first.zip"]);
    expect(after["second.zip"]).toBe(before["second.zip"]);
  });

  it("removes the zip of a function that is gone, and nothing else", async () => {
    write("out/gone.zip", "");
    write("out/notes.txt", "");
    await bundle();
    expect(readdirSync(outDir).sort()).toEqual([
      "THIRD-PARTY-NOTICES.txt",
      "first.zip",
      "notes.txt",
      "second.zip",
    ]);
  });

  it.each([
    ["does not resolve", 'export { handler } from "./nowhere";', "nowhere"],
    ["cannot work as CommonJS", "export const handler = () => import.meta.url;", "import.meta"],
  ])("makes nothing of a source that %s", async (_, source, words) => {
    write("functions/second/handler.ts", source);
    await expect(bundle()).rejects.toThrow(words);
    expect(existsSync(outDir)).toBe(false);
  });
});
