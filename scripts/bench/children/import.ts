/** Loads a program once, in a process of its own, and tells what that took. */
import type { Imported } from "../parts/cold";
import { peakMemory } from "./peak-memory";

const [, , program = ""] = process.argv;
const start = performance.now();
// eslint-disable-next-line @typescript-eslint/no-require-imports -- which program is known only now
require(program);
const milliseconds = performance.now() - start;
const imported: Imported = { milliseconds, peakMb: peakMemory() };
process.stdout.write(JSON.stringify(imported), () => process.exit());
