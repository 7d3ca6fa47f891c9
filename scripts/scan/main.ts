/** Scans what the reference app synthesizes with checkov: `npm run scan`. No check may fail but those in suppressions.ts. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createApp } from "../../main";
import { parseContext } from "../app/read-context";
import { runCheckov } from "./checkov";
import { idleSuppressions, judge } from "./judge";
import type { Variant, Verdict } from "./judge";
import { suppressions } from "./suppressions";

type Props = Readonly<Record<string, unknown>>;

/** Everything that a prop can do for a check, by the prop's name. */
const strict: Readonly<Record<string, Props>> = {
  kmsKeyArn: { kmsKeyArn: "arn:aws:kms:us-east-1:111122223333:key/00000000-0000-0000-0000-000000000000" },
  logRetentionDays: { logRetentionDays: 365 },
  "network.existing": { network: { existing: { subnetIds: ["subnet-1"], securityGroupIds: ["sg-1"] } } },
};

const variants: readonly (Variant & { readonly props: Props })[] = [
  { name: "defaults", sets: [], props: {} },
  { name: "strict", sets: Object.keys(strict), props: Object.assign({}, ...Object.values(strict)) as Props },
];

/** Lays the variant's stack into its folder, without what checkov 3.3 cannot read: a text in the block `terraform`, and `removed`. */
const layStack = (folder: string, props: Props): void => {
  const context = parseContext(readFileSync(resolve(__dirname, "../../cdktf.json"), "utf8"), "cdktf.json");
  const out = join(folder, "out");
  createApp({ ...context, runners: { ...(context["runners"] as Props), ...props } }, out).synth();
  const file = join(out, "stacks", "ephemeral-runners", "cdk.tf.json");
  const all = JSON.parse(readFileSync(file, "utf8")) as Props;
  const stack = { ...all, terraform: undefined, removed: undefined };
  rmSync(out, { recursive: true });
  writeFileSync(join(folder, "stack.tf.json"), JSON.stringify(stack, null, 1));
};

const report = ({ variant, passed, suppressed, failed }: Verdict): string =>
  [
    `${variant.padEnd(10)}${String(passed).padStart(5)} passed,${String(failed.length).padStart(4)} failed,${String(suppressed).padStart(4)} suppressed`,
    ...failed.map(({ check, title, resource }) => `  ${check} ${resource}: ${title}`),
  ].join("\n");

const scan = async (folder: string): Promise<boolean> => {
  for (const { name, props } of variants) {
    mkdirSync(join(folder, name));
    layStack(join(folder, name), props);
  }
  const results = await runCheckov(folder, "terraform_json");
  const verdicts = variants.map((variant) =>
    judge(
      variant,
      results.filter(({ file }) => file.startsWith(`${variant.name}/`)),
      suppressions,
    ),
  );
  const idle = idleSuppressions(results, suppressions);
  console.log(verdicts.map(report).join("\n"));
  for (const { check, resources } of idle)
    console.log(
      `${check} ${String(resources)} suppresses nothing: take it out of scripts/scan/suppressions.ts.`,
    );
  return idle.length === 0 && verdicts.every(({ failed }) => failed.length === 0);
};

const main = async (): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), "scan-"));
  try {
    if (!(await scan(folder))) process.exitCode = 1;
  } catch (error) {
    console.error(`scan: ${(error as Error).message}`);
    process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
};

void main();
