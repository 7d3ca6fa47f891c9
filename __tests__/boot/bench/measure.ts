/** Boots machines one after the other, and tells what their boots took. */
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { userDataScript } from "../../../constructs/user-data";
import { Machine, layRunner } from "../machine";
import { ONE_JOB, jitConfig, propsFor } from "../scenario";
import { metadataService, runnerServer } from "../stand-ins";
import { USER_DATA_BEGINS, timelineOf } from "./timeline";
import type { Timeline } from "./timeline";

export interface Figure {
  readonly median: number;
  readonly least: number;
  readonly most: number;
  readonly samples: readonly number[];
}

export interface BootFigures {
  readonly name: "boot";
  readonly unit: "ms";
  readonly runs: number;
  /** Of the archive that is downloaded and unpacked. */
  readonly archiveBytes: number;
  /** By the case and the part of the boot; `own` is from the first line of user data to the runner's start. */
  readonly cases: Readonly<Record<string, Readonly<Record<string, Figure>>>>;
}

/** Answers at once; the first answers of the real services take some 50 ms each, with their TLS. */
const instantAws: RequestListener = (request, response) => {
  const taken = { Attributes: { environment: { S: `ACTIONS_RUNNER_INPUT_JITCONFIG=${jitConfig}` } } };
  const isTake = String(request.headers["x-amz-target"]).endsWith("DeleteItem");
  request.resume().once("end", () => response.end(JSON.stringify(isTake ? taken : {})));
};

/**
 * A runner of the real one's kind: what fills its archive is Node, several times over. Four copies make some 150 MB, and
 * three times as much unpacked.
 */
const packLargeRunner = (copies: number): Buffer => {
  const folder = mkdtempSync(join(tmpdir(), "runner-"));
  try {
    const runner = join(folder, "runner");
    layRunner(runner, ONE_JOB, "true");
    for (let copy = 0; copy < copies; copy++) copyFileSync(process.execPath, join(runner, `node-${copy}`));
    const archive = join(folder, "runner.tar.gz");
    execFileSync("tar", ["--create", "--gzip", "--file", archive, "--directory", runner, "."]);
    return readFileSync(archive);
  } finally {
    rmSync(folder, { recursive: true });
  }
};

const marked = (script: string): string =>
  script.replace("\n", `\nsystemd-cat --identifier=bench echo ${USER_DATA_BEGINS} &\n`);

const boot = async (archive: Buffer, baked: boolean): Promise<Timeline> => {
  const instanceId = `i-0${randomBytes(8).toString("hex")}`;
  const machine = await Machine.make(marked(userDataScript(propsFor(archive))), {
    metadata: metadataService(instanceId),
    aws: instantAws,
    runner: runnerServer(archive, () => undefined),
  });
  try {
    if (baked) layRunner(join(machine.root, "opt/actions-runner"), ONE_JOB, "true");
    await machine.live();
    return timelineOf(machine.journal());
  } finally {
    machine.destroy();
  }
};

const figureOf = (samples: readonly number[]): Figure => {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (index: number): number => sorted[index] ?? 0;
  return {
    median: (at((sorted.length - 1) >> 1) + at(sorted.length >> 1)) / 2,
    least: at(0),
    most: at(sorted.length - 1),
    samples,
  };
};

const figuresOf = (timelines: readonly Timeline[]): Readonly<Record<string, Figure>> =>
  Object.fromEntries(
    Object.keys(timelines[0] ?? {}).map((name) => [
      name,
      figureOf(timelines.map((timeline) => timeline[name] ?? 0)),
    ]),
  );

export interface MeasureOptions {
  /** Boots of each case. */
  readonly runs: number;
  /** Of Node in the archive; 0 leaves a few kilobytes. */
  readonly copies: number;
  readonly progress: (text: string) => void;
}

/** @throws Error when a machine did not come to its runner */
export const measureBoot = async ({ runs, copies, progress }: MeasureOptions): Promise<BootFigures> => {
  const archive = packLargeRunner(copies);
  const cases: Record<string, Readonly<Record<string, Figure>>> = {};
  for (const [name, baked] of [
    ["runner in the image", true],
    ["runner downloaded", false],
  ] as const) {
    const timelines: Timeline[] = [];
    for (let run = 0; run < runs; run++) {
      timelines.push(await boot(archive, baked));
      progress(`${name}: ${timelines.at(-1)?.["own"]} ms`);
    }
    cases[name] = figuresOf(timelines);
  }
  return { name: "boot", unit: "ms", runs, archiveBytes: archive.length, cases };
};
