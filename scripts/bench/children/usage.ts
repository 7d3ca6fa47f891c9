/** Loaded before a program: tells at its end what it took. */
import { writeFileSync } from "node:fs";
import type { Used } from "../parts/synth";
import { peakMemory } from "./peak-memory";

process.once("exit", () => {
  // Since the start of the process, Node's own included.
  const used: Used = { milliseconds: performance.now(), peakMb: peakMemory() };
  writeFileSync(String(process.env.BENCH_USAGE), JSON.stringify(used));
});
