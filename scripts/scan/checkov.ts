/** checkov from PyPI, in a virtual environment that is kept in `.cache/`. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

const REQUIREMENTS = join(__dirname, "requirements.txt");

/** Its name changes with what is in it. */
const home = resolve(
  __dirname,
  "../../.cache",
  `checkov-${createHash("sha256").update(readFileSync(REQUIREMENTS)).digest("hex").slice(0, 12)}`,
);

/** What checkov says of one resource. */
export interface CheckResult {
  /** E.g. `CKV_AWS_50`. */
  readonly check: string;
  readonly title: string;
  /** The resource's name in Terraform, without its type. */
  readonly resource: string;
  /** Path of the file from the folder that was scanned. */
  readonly file: string;
  readonly passed: boolean;
}

/** `terraform_json`: what CDKTF synthesizes, in files `*.tf.json`; `terraform_plan`: what `terraform show -json` prints. */
export type Framework = "terraform_json" | "terraform_plan";

/** Makes the virtual environment (a minute, once) and answers with its folder of programs. */
const installCheckov = async (): Promise<string> => {
  const programs = join(home, "bin");
  if (existsSync(programs)) return programs;
  mkdirSync(dirname(home), { recursive: true });
  const attempt = `${home}.${process.pid}`;
  await run("python3", ["-m", "venv", attempt]);
  const pip = ["-m", "pip", "install", "--quiet", "--no-deps", "--requirement", REQUIREMENTS];
  await run(join(attempt, "bin", "python"), pip);
  try {
    renameSync(attempt, home);
  } catch (error) {
    rmSync(attempt, { recursive: true, force: true });
    if (!existsSync(programs)) throw error;
  }
  return programs;
};

interface Report {
  readonly summary?: { readonly parsing_errors: number };
  readonly results?: Readonly<Record<"passed_checks" | "failed_checks", readonly RawResult[]>>;
}

interface RawResult {
  readonly check_id: string;
  readonly check_name: string;
  readonly resource: string;
  readonly file_path: string;
}

/**
 * Scans every file in a folder that the framework knows. Nothing is fetched or sent.
 *
 * @throws Error when checkov cannot read a file, or finds none: nothing found must not look like nothing wrong
 */
export const runCheckov = async (folder: string, framework: Framework): Promise<readonly CheckResult[]> => {
  const programs = await installCheckov();
  const words = ["--directory", folder, "--framework", framework, "--output", "json", "--compact"];
  // Called by the venv's own Python: the program's first line names the folder in which it was installed.
  const { stdout, stderr } = await run(
    join(programs, "python"),
    [join(programs, "checkov"), ...words, "--skip-download", "--soft-fail"],
    { env: { PATH: process.env.PATH, HOME: folder }, maxBuffer: 2 ** 28 },
  );
  const { summary, results } = JSON.parse(stdout) as Report;
  if (results === undefined || summary?.parsing_errors !== 0)
    throw new Error(`checkov could not read what is in ${folder}:\n${stderr.slice(-2000)}`);
  return [
    ...results.passed_checks.map((result) => resultOf(result, true)),
    ...results.failed_checks.map((result) => resultOf(result, false)),
  ];
};

/** Before the first point stands the type, or else the word "resource" or "data": checkov is not of one mind. */
const resultOf = (
  { check_id, check_name, resource, file_path }: RawResult,
  passed: boolean,
): CheckResult => ({
  check: check_id,
  title: check_name,
  resource: resource.replace(/^[^.]*\./, ""),
  file: file_path.replace(/^\//, ""),
  passed,
});
