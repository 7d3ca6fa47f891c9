import { execFile } from "node:child_process";
import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { compile } from "../../../__tests__/support/compile";
import { atMost, figureOf, type Figure, type FigureOptions, type Part } from "../figure";
import { environmentIn, functionNames, functionOf, unpack, type FunctionName } from "../functions";
import { lambdaNodes, nodeOf, type NodeLine } from "../nodes";
import peers from "../peers.json";
import { median, round } from "../statistics";
import { withFolder } from "../with-folder";
import { makeYardsticks, UNBUNDLED, type YardstickName } from "../yardsticks";

/** What `children/import.ts` tells. */
export interface Imported {
  readonly milliseconds: number;
  readonly peakMb: number;
}

interface Program {
  readonly name: string;
  /** Path */
  readonly file: string;
  readonly environment: NodeJS.ProcessEnv;
}

const RUNS = 15;
export const WEBHOOK_ZIP_KB = 45;
const WEBHOOK_IMPORT_MS = 25;
const WEBHOOK_OF_YARDSTICK = 0.2;
const LAUNCHER_OF_PEER = 0.4;

const clientsOf: Readonly<Record<FunctionName, YardstickName>> = {
  webhook: "clients of webhook",
  launch: "clients of launch and sweep",
  sweep: "clients of launch and sweep",
  "rotate-tokens": "clients of rotate-tokens",
  interruption: "clients of interruption",
};

/** How long each function's code takes to load, and what memory its process has had by then. */
export const cold: Part = ({ quick, tell }) =>
  withFolder("bench-cold", async (work) => {
    const programs = await programsIn(work);
    const probe = compile(resolve(__dirname, "../children/import.ts"), join(work, "import.js"));
    const lines = Object.keys(lambdaNodes) as NodeLine[];
    const nodes = await Promise.all(lines.map(async (line) => ({ line, path: await nodeOf(line) })));
    const measured = new Map<string, Imported[]>();
    // One after the other, so that a busy minute of the machine hits all alike.
    for (let run = 1; run <= (quick ? 2 : RUNS); run++) {
      tell(`run ${run}`);
      for (const { line, path } of nodes) {
        for (const program of programs) {
          const key = keyOf(program.name, line);
          measured.set(key, [...(measured.get(key) ?? []), await load(path, probe, program)]);
        }
      }
    }
    const of: Measured = (name, line) => measured.get(keyOf(name, line)) ?? [];
    return { figures: [...functionNames.map(zipFigure), ...lines.flatMap((line) => figuresOf(line, of))] };
  });

type Measured = (name: string, line: NodeLine) => readonly Imported[];

const keyOf = (name: string, line: NodeLine): string => `${name} on ${line}`;

const programsIn = async (work: string): Promise<readonly Program[]> => {
  const { bundles, unbundled } = await makeYardsticks(work, resolve(__dirname, "../../.."));
  const own = functionNames.map((name): Program => {
    const one = functionOf(name);
    return { name, file: unpack(one.zip, join(work, "own", name)), environment: environmentIn(one) };
  });
  const environment = environmentIn(functionOf("webhook"));
  const others = [...bundles].map(([name, { file }]): Program => {
    return { name, file: unpack(file, join(work, "yardsticks", name)), environment };
  });
  return [...own, ...others, { name: UNBUNDLED, file: unbundled, environment }];
};

const load = async (node: string, probe: string, { file, environment }: Program): Promise<Imported> => {
  const { stdout } = await promisify(execFile)(node, [probe, file], { env: environment });
  return JSON.parse(stdout) as Imported;
};

const zipFigure = (name: FunctionName): Figure => {
  const peer = { webhook: peers.webhook.zipKb, launch: peers.launcher.zipKb }[name as string];
  return figureOf(`${name}: zip`, "KB", [statSync(functionOf(name).zip).size / 1000], {
    ...(peer && { yardstick: { name: "peer", value: peer } }),
    ...(name === "webhook" && { target: atMost(WEBHOOK_ZIP_KB, "KB") }),
  });
};

const figuresOf = (line: NodeLine, of: Measured): Figure[] => {
  const times = (name: string): number[] => of(name, line).map(({ milliseconds }) => milliseconds);
  const peaks = (name: string): number[] => of(name, line).map(({ peakMb }) => peakMb);
  const title = (name: string): string => `${name}: import, Node ${line}`;
  const memory = (name: string): string => `${name}: peak memory, Node ${line}`;
  const yardsticks = [...new Set(Object.values(clientsOf)), "empty handler" as const, UNBUNDLED];
  return [
    ...functionNames.flatMap((name) => [
      figureOf(title(name), "ms", times(name), importOptions(name, line, times)),
      figureOf(memory(name), "MB", peaks(name), {
        yardstick: { name: "its AWS clients alone", value: round(median(peaks(clientsOf[name]))) },
      }),
    ]),
    ...yardsticks.flatMap((name) => [
      figureOf(title(name), "ms", times(name)),
      figureOf(memory(name), "MB", peaks(name)),
    ]),
  ];
};

const importOptions = (
  name: FunctionName,
  line: NodeLine,
  times: (name: string) => number[],
): FigureOptions => {
  const clients = { name: "its AWS clients alone", value: round(median(times(clientsOf[name]))) };
  if (name === "webhook") {
    const share = WEBHOOK_OF_YARDSTICK * median(times(UNBUNDLED));
    return {
      yardstick: { name: "peer", value: peers.webhook.importMs[line] },
      ...(line === "22" && {
        target: {
          words: `at most ${WEBHOOK_IMPORT_MS} ms, or ${WEBHOOK_OF_YARDSTICK} of ${UNBUNDLED}`,
          limit: Math.max(WEBHOOK_IMPORT_MS, share),
        },
      }),
    };
  }
  if (name !== "launch") return { yardstick: clients };
  return {
    yardstick: { name: "peer", value: peers.launcher.importMs[line] },
    ...(line === "22" && {
      target: {
        words: `at most ${LAUNCHER_OF_PEER} of the peer's`,
        limit: LAUNCHER_OF_PEER * peers.launcher.importMs[line],
      },
    }),
  };
};
