/** Loads a program once, in a process of its own, and tells what that took. */
import type { Imported } from "../parts/cold";

const [, , program = ""] = process.argv;
const start = performance.now();
// eslint-disable-next-line @typescript-eslint/no-require-imports -- which program is known only now
require(program);
const milliseconds = performance.now() - start;
// Kilobytes: https://nodejs.org/api/process.html#processresourceusage
const imported: Imported = { milliseconds, peakMb: process.resourceUsage().maxRSS / 1024 };
process.stdout.write(JSON.stringify(imported), () => process.exit());
