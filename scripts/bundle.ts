import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { build, transform, type Plugin } from "esbuild";
import { zipSync } from "fflate";
import { bundleApp } from "./bundle-app";
import { literalKeys } from "./literal-keys";
import { runProgram } from "./run-program";
import { packagesOf, thirdPartyNotices } from "./third-party-notices";
import type { BundledPackage } from "./third-party-notices";

/** One function, ready for Lambda. */
export interface Bundle {
  readonly name: string;
  /** Path of the zip file. */
  readonly file: string;
  readonly bytes: number;
  readonly zipBytes: number;
  /** Whose code stands in it. */
  readonly packages: readonly BundledPackage[];
}

export interface BundleOptions {
  /** Folder that holds `functions/` and `node_modules/`. */
  readonly root: string;
  /** Where the zip files go; zip files of functions that are gone are removed. */
  readonly outDir: string;
}

/**
 * Bundles every `functions/<name>/handler.ts` into `<outDir>/<name>.zip`, which holds one file: `index.js`.
 * The same sources and dependencies give the same bytes, wherever and whenever this runs.
 *
 * @throws when esbuild finds an error, or warns: what it warns about fails at run time
 */
export const bundleFunctions = async ({ root, outDir }: BundleOptions): Promise<Bundle[]> => {
  const names = findFunctions(root);
  const { outputFiles, warnings, metafile } = await build({
    absWorkingDir: root,
    entryPoints: Object.fromEntries(names.map((name) => [name, `functions/${name}/handler.ts`])),
    outdir: outDir,
    write: false,
    metafile: true,
    bundle: true,
    minify: true,
    platform: "node",
    target,
    format: "cjs",
    // ESM first: of CommonJS nothing unused can be shaken off.
    mainFields: ["module", "main"],
    alias: { "@aws-sdk/credential-provider-node": "./functions/shared/lambda-credentials" },
    tsconfigRaw,
    plugins: [keepOwnNames, literalKeys],
    legalComments: "none",
    logLevel: "silent",
  });
  if (warnings.length > 0) throw new Error(warnings.map(({ text }) => text).join("\n"));

  mkdirSync(outDir, { recursive: true });
  removeStrangers(outDir, names);
  const notices = thirdPartyNotices(root, Object.keys(metafile.inputs));
  writeFileSync(join(outDir, "THIRD-PARTY-NOTICES.txt"), notices);
  const packages = Object.fromEntries(
    Object.entries(metafile.outputs).map(([path, { inputs }]) => [
      basename(path, ".js"),
      packagesOf(root, filesIn(inputs)),
    ]),
  );
  return outputFiles.map(({ path, contents }) => {
    const name = basename(path, ".js");
    return { ...writeBundle(outDir, name, contents), packages: packages[name] ?? [] };
  });
};

/** Less those of which nothing was left. */
const filesIn = (inputs: Readonly<Record<string, { readonly bytesInOutput: number }>>): string[] =>
  Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : []));

const target = "node22";

/** Empty, or else a tsconfig.json near the sources has its say. */
const tsconfigRaw = {};

/**
 * Errors bear the name of their class, by which logs are searched; minified, that would be one letter. Kept for our
 * own sources only: with the names of all dependencies a bundle grows by 6 %.
 */
const keepOwnNames: Plugin = {
  name: "keep-own-names",
  setup: (build) =>
    build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8");
      const { code } = await transform(source, { loader: "ts", target, tsconfigRaw, keepNames: true });
      return { contents: code, loader: "js" };
    }),
};

const findFunctions = (root: string): string[] =>
  readdirSync(join(root, "functions"))
    .filter((name) => existsSync(join(root, "functions", name, "handler.ts")))
    .sort();

const removeStrangers = (outDir: string, names: readonly string[]): void =>
  readdirSync(outDir)
    .filter((file) => file.endsWith(".zip") && !names.includes(file.slice(0, -".zip".length)))
    .forEach((file) => rmSync(join(outDir, file)));

const writeBundle = (outDir: string, name: string, contents: Uint8Array): Omit<Bundle, "packages"> => {
  const zip = zipSync({ "index.js": contents }, zipOptions);
  const file = join(outDir, `${name}.zip`);
  writeFileSync(file, zip);
  return { name, file, bytes: contents.length, zipBytes: zip.length };
};

const zipOptions = {
  level: 9,
  // Zip holds local time: given as local time, it is the same in every zone.
  mtime: new Date(1980, 0, 1, 12),
  // Unix, and a regular file that all may read: Lambda's user is not its owner.
  os: 3,
  attrs: (0o100644 << 16) >>> 0,
} as const;

const table = (bundles: readonly Bundle[]): string =>
  [
    ["function", "KB", "zip KB"],
    ...bundles.map(({ name, bytes, zipBytes }) => [name, kilobytes(bytes), kilobytes(zipBytes)]),
  ]
    .map(([name, size, zipSize]) => `${name!.padEnd(16)}${size!.padStart(8)}${zipSize!.padStart(8)}`)
    .join("\n");

const kilobytes = (bytes: number): string => (bytes / 1000).toFixed(1);

/** Bundles all that the library and the reference app run, into `lib/`, and says how large the functions are. */
export const bundle = async (root: string): Promise<void> => {
  const [bundles] = await Promise.all([
    bundleFunctions({ root, outDir: join(root, "lib/bundles") }),
    bundleApp({ root, outFile: join(root, "lib/app/main.js") }),
  ]);
  console.log(table(bundles));
};

if (require.main === module) runProgram(() => bundle(resolve(__dirname, "..")));
