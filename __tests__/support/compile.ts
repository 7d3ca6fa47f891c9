import { buildSync, type BuildOptions } from "esbuild";

/** Compiles a program of the tests to one JavaScript file, for processes that start often or on another Node. */
export function compile(
  entry: string,
  outfile: string,
  options: Pick<BuildOptions, "packages" | "alias" | "external"> = {},
): string {
  buildSync({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    tsconfigRaw: {},
    logLevel: "error",
    ...options,
  });
  return outfile;
}
