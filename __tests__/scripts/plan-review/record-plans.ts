/**
 * Writes the plans that the plan review is tested with, as the real `terraform` and the real AWS provider show them, each
 * with the synthesized stack it is of. Run it when the reference app has changed, and look at what became of the Markdown:
 *
 *     TERRAFORM_PROVIDER_MIRROR=... tsx __tests__/scripts/plan-review/record-plans.ts
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { createApp } from "../../../main";
import { startMoto } from "../../support/moto";
import { Terraform } from "../../support/terraform";
import { attack } from "./attack";
import type { StackJson } from "./attack";

type Json = Record<string, unknown>;

const root = resolve(__dirname, "../../..");
const STACK = "cdk.tf.json";

const LINUX = { name: "linux-x64", labels: ["self-hosted", "linux", "x64"] };
const ARM = { name: "linux-arm64", labels: ["self-hosted", "linux", "arm64"], architecture: "arm64" };

/** The folder of the reference app's stack, with other fleets. */
const synthesize = (work: string, name: string, fleets: readonly Json[]): string => {
  const { context } = JSON.parse(readFileSync(join(root, "cdktf.json"), "utf8")) as {
    context: { runners: Json };
  };
  const outdir = join(work, name);
  createApp({ ...context, runners: { ...context.runners, fleets } }, outdir).synth();
  return join(outdir, "stacks", "ephemeral-runners");
};

const attacked = (stack: string, work: string): string => {
  const folder = join(work, "attacked");
  cpSync(stack, folder, { recursive: true });
  const json = JSON.parse(readFileSync(join(folder, STACK), "utf8")) as StackJson;
  attack(json);
  writeFileSync(join(folder, STACK), JSON.stringify(json, null, 2));
  return folder;
};

interface Plan {
  readonly prior_state?: State;
}
interface State {
  readonly values?: { readonly root_module: { readonly resources?: readonly { readonly mode: string }[] } };
}

/**
 * Managed resources stand in a plan three times: what they are before and after is in the changes, so that of the state
 * only what data sources said is kept, and of the values after nothing.
 */
const essential = (text: string): string => {
  const plan = JSON.parse(text) as Plan;
  const resources = plan.prior_state?.values?.root_module.resources?.filter(({ mode }) => mode === "data");
  const prior_state = { values: { root_module: { resources } } };
  return JSON.stringify({ ...plan, prior_state, planned_values: undefined });
};

const keep = (name: string, text: string): void =>
  writeFileSync(join(__dirname, "plans", `${name}.json.gz`), gzipSync(text, { level: 9 }));

const record = async (): Promise<void> => {
  const work = mkdtempSync(join(tmpdir(), "plans-"));
  const moto = await startMoto();
  try {
    const one = synthesize(work, "one", [LINUX]);
    const two = synthesize(work, "two", [LINUX, ARM]);
    const userData = synthesize(work, "user-data", [
      { ...LINUX, setupCommands: ["dnf install -y jq", "echo ready | tee /etc/motd"] },
    ]);
    const terraform = await Terraform.prepare({
      stack: one,
      work: join(work, "tf"),
      endpoint: moto.endpoint,
    });
    const plan = async (name: string, stack: string): Promise<void> => {
      cpSync(stack, terraform.work, { recursive: true });
      await terraform.plan();
      keep(name, essential(await terraform.showPlan()));
      keep(`${name}.stack`, readFileSync(join(stack, STACK), "utf8"));
      console.log(name);
    };
    await plan("first-apply", one);
    await terraform.apply();
    // A second apply settles what the emulator answers otherwise than the first time.
    await terraform.apply();
    await plan("no-change", one);
    await plan("user-data-change", userData);
    await plan("hostile", attacked(one, work));
    await plan("new-fleet", two);
    await terraform.apply();
    await plan("removed-fleet", one);
  } finally {
    await moto.stop();
    rmSync(work, { recursive: true, force: true });
  }
};

void record();
