import { build } from "esbuild";

export interface AppBundleOptions {
  /** Folder that holds `main.ts` and `node_modules/`. */
  readonly root: string;
  readonly outFile: string;
}

/**
 * Bundles `main.ts` with all that it loads into one file: to find and to read the five hundred files of CDKTF and the
 * providers one by one takes longer than the synth.
 *
 * @throws when esbuild finds an error, or warns
 */
export const bundleApp = async ({ root, outFile }: AppBundleOptions): Promise<void> => {
  const { warnings } = await build({
    absWorkingDir: root,
    entryPoints: ["main.ts"],
    outfile: outFile,
    bundle: true,
    platform: "node",
    target: "node20",
    logLevel: "silent",
  });
  if (warnings.length > 0) throw new Error(warnings.map(({ text }) => text).join("\n"));
};
