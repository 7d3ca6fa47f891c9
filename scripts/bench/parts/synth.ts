import { execFile } from "node:child_process";
import { readFileSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { compile } from "../../../__tests__/support/compile";
import { atMost, figureOf, type Figure, type FigureOptions, type Part } from "../figure";
import { median, round } from "../statistics";
import { withFolder } from "../with-folder";

/** What `children/usage.ts` tells. */
export interface Used {
  readonly milliseconds: number;
  readonly peakMb: number;
}

interface Program {
  readonly name: string;
  readonly words: readonly string[];
  readonly context?: object;
}

const root = resolve(__dirname, "../../..");
const RUNS = 9;
const OF_EMPTY = 1.5;
const PEAK_MB = 250;
const EMPTY = "empty app with one resource";
const REFERENCE = "reference app, 1 fleet";
/** By the number of their resources. */
export const examples = { smallest: "own-launch-template", largest: "several-accounts" } as const;
/** An installation has 10 fleets at the most, so 50 are 5 installations in one app. */
const growth = [
  { installations: 1, fleets: 1 },
  { installations: 1, fleets: 10 },
  { installations: 5, fleets: 10 },
] as const;

/** Synthesizes apps as a user does, in processes of their own. */
export const synth: Part = ({ quick, tell }) =>
  withFolder("bench-synth", async (work) => {
    symlinkSync(join(root, "node_modules"), join(work, "node_modules"));
    const usage = compile(resolve(__dirname, "../children/usage.ts"), join(work, "usage.js"));
    const programs = programsIn(work);
    const measured = new Map<string, Used[]>();
    let resources = 0;
    for (let run = 1; run <= (quick ? 2 : RUNS); run++) {
      tell(`run ${run}`);
      for (const program of programs(resources)) {
        measured.set(program.name, [
          ...(measured.get(program.name) ?? []),
          await synthesize(program, work, usage),
        ]);
        if (program.name === REFERENCE) resources = resourcesIn(join(work, "out"));
      }
    }
    return { figures: figuresOf(measured, resources) };
  });

const runnersOf = (fleets: number): object => ({
  region: "us-east-1",
  runners: {
    github: { org: "acme", appId: "123456", privateKeyParameter: "/acme/github-app-key" },
    fleets: Array.from({ length: fleets }, (_, index) => ({
      name: `fleet-${index + 1}`,
      labels: ["self-hosted", "linux", `fleet-${index + 1}`],
    })),
  },
});

const LIKE_REFERENCE = "as many queues as the reference app has resources";

const programsIn = (work: string): ((resources: number) => readonly Program[]) => {
  const child = compile(resolve(__dirname, "../children/synth.ts"), join(work, "synth.js"), {
    packages: "external",
  });
  const app = join(root, "lib/app/main.js");
  const library = join(root, "lib/constructs");
  return (resources) => [
    { name: REFERENCE, words: [app], context: runnersOf(1) },
    { name: "reference app, 10 fleets", words: [app], context: runnersOf(10) },
    { name: EMPTY, words: [child, "queues", "1"] },
    ...Object.entries(examples).map(([size, example]) => ({
      name: `${size} example, ${example}`,
      words: [exampleIn(work, example, library)],
    })),
    // How many those are is known once the reference app was synthesized.
    ...(resources > 0 ? [{ name: LIKE_REFERENCE, words: [child, "queues", String(resources)] }] : []),
    ...growth.map(({ installations, fleets }) => ({
      name: growthName(installations, fleets),
      words: [child, "installations", String(installations), String(fleets), library],
    })),
  ];
};

/** As in a team's own folder: the library is not part of the program. */
const exampleIn = (work: string, example: string, library: string): string =>
  compile(join(root, "examples", example, "main.ts"), join(work, `${example}.js`), {
    packages: "external",
    alias: { "cdktf-ephemeral-runners": library },
    external: [library],
  });

const growthName = (installations: number, fleets: number): string =>
  `${counted(installations * fleets, "fleet")} in ${counted(installations, "installation")}`;

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;

const synthesize = async ({ words, context }: Program, work: string, usage: string): Promise<Used> => {
  const file = join(work, "usage.json");
  await promisify(execFile)(process.execPath, ["--require", usage, ...words], {
    cwd: work,
    env: {
      PATH: process.env.PATH,
      BENCH_USAGE: file,
      CDKTF_OUTDIR: join(work, "out"),
      ...(context && { CDKTF_CONTEXT_JSON: JSON.stringify(context) }),
    },
  });
  return JSON.parse(readFileSync(file, "utf8")) as Used;
};

/** Of the reference app's one stack. */
const resourcesIn = (out: string): number => {
  const stack = readFileSync(join(out, "stacks/ephemeral-runners/cdk.tf.json"), "utf8");
  const { resource } = JSON.parse(stack) as { resource: Record<string, object> };
  return Object.values(resource).reduce((sum, ofType) => sum + Object.keys(ofType).length, 0);
};

const figuresOf = (measured: ReadonlyMap<string, readonly Used[]>, resources: number): Figure[] => {
  const times = (name: string): number[] =>
    (measured.get(name) ?? []).map(({ milliseconds }) => milliseconds);
  const empty = round(median(times(EMPTY)));
  const target: FigureOptions["target"] = {
    words: `at most ${OF_EMPTY} times an ${EMPTY}`,
    limit: OF_EMPTY * empty,
  };
  const figures = [...measured].flatMap(([name, used]) => [
    figureOf(`${name}: time`, "ms", times(name), {
      ...(name !== EMPTY && { yardstick: { name: EMPTY, value: empty } }),
      ...(name === REFERENCE && { target }),
    }),
    figureOf(
      `${name}: peak memory`,
      "MB",
      used.map(({ peakMb }) => peakMb),
      name === REFERENCE ? { target: atMost(PEAK_MB, "MB") } : {},
    ),
  ]);
  return [...figures, figureOf("reference app: resources", "resources", [resources])];
};
