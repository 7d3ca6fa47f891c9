/** What is in the tarball, how large it is, and what it brings along. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import manifest from "../../package.json";
import lock from "../../package-lock.json";
import { brokenIn } from "../support/links";
import { ROOT } from "../support/markdown";
import { tarball } from "./consumer";

interface Entry {
  readonly mode: string;
  readonly path: string;
  readonly bytes: number;
}

/** `-rw-r--r-- 0/0  800 1985-10-26 08:15 package/lib/constructs/alarm.js` */
const entries = execFileSync("tar", ["-tvzf", tarball], { encoding: "utf8" })
  .trimEnd()
  .split("\n")
  .map((line): Entry => {
    const [mode = "", , bytes, , , ...path] = line.split(/\s+/);
    return { mode, path: path.join(" ").replace(/^package\//, ""), bytes: Number(bytes) };
  });

/** All that a user needs; whatever else turns up was packed by mistake. */
const WANTED = [
  /^\.github\/actions\/plan-review\/(action\.yml|review\.sh)$/,
  /^docs\/workflows\/plan-review\.yml$/,
  /^(LICENSE|package\.json|(README|SECURITY|CHANGELOG)\.md)$/,
  /^(docs|examples)\/.*\w\.md$/,
  /^examples\/[\w-]+\/main\.ts$/,
  /^bench\/\w+\.svg$/,
  /^cdktf\.(example\.jsonc|schema\.json)$/,
  /^functions\/boot\/[\w.-]+\.(sh|py|service)$/,
  /^lib\/bundles\/[\w-]+\.(zip|txt)$/,
  /^lib\/(constructs|functions\/shared)\/([\w-]+\/)*[\w-]+\.(d\.ts|js|json)$/,
  /^lib\/scripts\/([\w-]+\/)*[\w-]+\.(js|json)$/,
];

const packages = lock.packages as Readonly<
  Record<string, { readonly dependencies?: Readonly<Record<string, string>> }>
>;

/** Names of all packages that `npm install` adds for those that are asked for, peers left out. */
const closure = (names: readonly string[]): readonly string[] => [
  ...new Set(
    names.flatMap((name) => [
      name,
      ...closure(Object.keys(packages[`node_modules/${name}`]?.dependencies ?? {})),
    ]),
  ),
];

describe("the tarball", () => {
  const packed = statSync(tarball).size;
  const unpacked = entries.reduce((sum, { bytes }) => sum + bytes, 0);
  const added = closure(Object.keys(manifest.dependencies));

  afterAll(() => {
    const kilobytes = (bytes: number): string => `${Math.round(bytes / 1000)} KB`;
    process.stdout.write(
      `\nThe tarball: ${kilobytes(packed)}, ${kilobytes(unpacked)} unpacked, ${entries.length} files; ` +
        `beside its peers it installs: ${added.join(", ")}\n`,
    );
  });

  it("holds what a user needs, and nothing else", () => {
    const strangers = entries.filter(({ path }) => !WANTED.some((pattern) => pattern.test(path)));

    expect(strangers).toEqual([]);
  });

  it.each(["LICENSE", "README.md", "CHANGELOG.md", "SECURITY.md", "docs/api/README.md"])(
    "holds %s",
    (name) => {
      expect(entries.map(({ path }) => path)).toContain(name);
    },
  );

  // In a clone npx runs the very file that the build wrote.
  it.each(Object.values(manifest.bin))("holds %s, which may be executed", (program) => {
    expect(entries.find(({ path }) => path === program)?.mode).toMatch(/^-rwxr-xr-x$/);
  });

  it("stays small", () => {
    expect(packed).toBeLessThan(1_500_000);
    expect(unpacked).toBeLessThan(2_500_000);
  });

  it("brings few packages along, none of them heavy", () => {
    expect(added.length).toBeLessThanOrEqual(5);
    expect(added.filter((name) => /^(@aws-sdk|@octokit|cdktf|typescript)/.test(name))).toEqual([]);
  });
});

describe("the documentation in the tarball", () => {
  const folder = mkdtempSync(join(tmpdir(), "tarball-"));
  execFileSync("tar", ["-xzf", tarball, "-C", folder]);
  afterAll(() => rmSync(folder, { recursive: true }));

  const pages = entries.map(({ path }) => path).filter((path) => path.endsWith(".md"));

  it.each(pages)("%s links to nothing that is not packed, and names no file of the tests", (page) => {
    const file = join(folder, "package", page);

    expect(brokenIn(file)).toEqual([]);
    expect(readFileSync(file, "utf8").match(/.{0,60}__tests__.{0,60}/g)).toBeNull();
  });

  it("leaves the pages here as they were written", () => {
    expect(readFileSync(join(ROOT, "SECURITY.md"), "utf8")).toContain("](__tests__/");
  });
});
