/** Loaded before a program: tells at its end what it took. */
import { writeFileSync } from "node:fs";
import type { Used } from "../parts/synth";

process.once("exit", () => {
  // Since the start of the process, Node's own included.
  const used: Used = { milliseconds: performance.now(), peakMb: process.resourceUsage().maxRSS / 1024 };
  writeFileSync(String(process.env.BENCH_USAGE), JSON.stringify(used));
});
