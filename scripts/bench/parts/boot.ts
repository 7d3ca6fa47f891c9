import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { atMost, figureOf, type Figure, type Findings, type Part } from "../figure";

/** What `npm run bench:boot` prints: samples by case and by part of the boot. */
export interface BootFigures {
  readonly unit: string;
  readonly cases: Readonly<Record<string, Readonly<Record<string, { readonly samples: readonly number[] }>>>>;
}

const root = resolve(__dirname, "../../..");
const RUNS = 5;
/** The case of an image that has the runner, and the part that is the boot script's own. */
const BAKED = "runner in the image";
const OWN = "own";
const BAKED_MS = 2000;

/** From the first line of user data to the runner's start, in the sandbox of `npm run test:boot`. */
export const boot: Part = async ({ quick, tell }) => {
  if (process.getuid?.() !== 0)
    return { skipped: "It boots a machine in a sandbox, which needs root on Debian." };
  tell("a machine in a sandbox");
  return runBoot(quick ? 1 : RUNS);
};

const runBoot = async (runs: number): Promise<Findings> => {
  const words = ["run", "--silent", "bench:boot", "--", "--runs", String(runs)];
  const { stdout } = await promisify(execFile)("npm", words, { cwd: root, maxBuffer: 2 ** 24 }).catch(
    ({ stderr, message }: Error & { readonly stderr: string }) => {
      throw new Error(`npm run bench:boot: ${lastLine(stderr) || lastLine(message)}`);
    },
  );
  return { figures: bootFigures(JSON.parse(lastLine(stdout)) as BootFigures) };
};

const lastLine = (text: string): string => text.trim().split("\n").at(-1) ?? "";

export const bootFigures = ({ unit, cases }: BootFigures): Figure[] =>
  Object.entries(cases).flatMap(([name, parts]) =>
    Object.entries(parts).map(([part, { samples }]) =>
      figureOf(`${name}: ${part}`, unit, samples, {
        ...(name === BAKED && part === OWN && { target: atMost(BAKED_MS, unit) }),
      }),
    ),
  );
