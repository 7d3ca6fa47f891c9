import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync } from "node:fs";
import { join, resolve } from "node:path";
import { bundle } from "./bundle";
import { runProgram } from "./run-program";

/** `npm run build`: compiles the library and bundles what it ships, side by side. */

const root = resolve(__dirname, "..");

/** tsc tells its mistakes itself. */
const compile = async (): Promise<void> => {
  const tsc = require.resolve("typescript/bin/tsc");
  const child = spawn(process.execPath, [tsc, "--project", "tsconfig.build.json"], {
    cwd: root,
    stdio: "inherit",
  });
  const [code] = (await once(child, "exit")) as [number | null];
  if (code !== 0) throw new Error("The sources do not compile.");
  chmodSync(join(root, "lib/scripts/cli.js"), 0o755);
};

runProgram(async () => {
  await Promise.all([compile(), bundle(root)]);
});
