import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** No line of what is written may be this one. */
export const END_OF_FILE = "E-O-F";

const library = "/opt/ephemeral-runner";
const unitFolder = "/etc/systemd/system";
const programs = ["boot.sh", "idle.sh", "aws.py"];
const units = [
  "ephemeral-runner-boot.service",
  "ephemeral-runner.service",
  "ephemeral-runner-idle.service",
  "ephemeral-runner-finish.service",
];

/** The trap stands before anything that can fail: a boot that stopped there would leave a machine that nothing ends. */
const header = `#!/bin/bash
trap 'systemctl --no-block start ephemeral-runner-finish.service || systemctl poweroff --force' EXIT
set -euo pipefail
mkdir -pm 700 /etc/ephemeral-runner ${library}`;

/** Beside this file's folder in the repository; one further up in the package, where this file is compiled into lib/. */
const bootFolder = (): string => {
  const candidates = ["..", "../.."].map((up) => join(__dirname, up, "functions", "boot"));
  const found = candidates.find((folder) => existsSync(join(folder, "boot.sh")));
  if (!found)
    throw new Error(`functions/boot is missing from the package: looked in ${candidates.join(", ")}.`);
  return found;
};

/**
 * User data is short: comments, the descriptions of units and the interpreters of what is called with one stay in the
 * repository, and one space is enough for a step of indentation.
 */
const shorten = (text: string, step: number): string =>
  text
    .split("\n")
    .filter((line) => !/^\s*(#|$)|^Description=/.test(line))
    .map((line) => line.replace(/^ +/, ({ length }) => " ".repeat(length / step)))
    .join("\n");

const readBootFile = (name: string): string =>
  shorten(readFileSync(join(bootFolder(), name), "utf8"), name.endsWith(".py") ? 4 : 2);

const writeFile = (path: string, text: string): string =>
  `cat >${path} <<'${END_OF_FILE}'\n${text}\n${END_OF_FILE}`;

/** Short paths: start.sh goes on in the folder of the units. */
const writeFiles = (folder: string, files: readonly (readonly [name: string, text: string])[]): string[] => [
  `cd ${folder}`,
  ...files.map(([name, text]) => writeFile(name, text)),
];

/** The whole user data: lays out settings, units and programs, and starts the first unit. */
export const bootScript = (
  settings: Readonly<Record<string, string | number>>,
  allowances: readonly string[],
  setupCommands: readonly string[],
): string => {
  const lines = Object.entries(settings).map(([name, value]) => `${name}='${value}'`);
  const setup = [...allowances.map(readBootFile), ...setupCommands];
  return [
    header,
    writeFile("/etc/ephemeral-runner/settings", lines.join("\n")),
    ". /etc/ephemeral-runner/settings",
    ...writeFiles(library, [
      ...programs.map((name) => [name, readBootFile(name)] as const),
      ...(setup.length > 0 ? [["setup.sh", setup.join("\n")] as const] : []),
    ]),
    ...writeFiles(
      unitFolder,
      units.map((name) => [name, readBootFile(name)] as const),
    ),
    readBootFile("start.sh"),
    "",
  ].join("\n");
};
