/**
 * Writes the plans that the audit is tested with, as the real `terraform` and the real AWS provider show them: of the
 * first apply, where much is not known yet, and of a stack that stands. Run it when the reference app has changed:
 *
 *     TERRAFORM_PROVIDER_MIRROR=... tsx __tests__/scripts/audit/record-plans.ts
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createApp } from "../../../main";
import { startMoto } from "../../support/moto";
import { Terraform } from "../../support/terraform";

interface Plan {
  readonly format_version: string;
  readonly terraform_version: string;
  readonly resource_changes: readonly {
    readonly address: string;
    readonly mode: string;
    readonly type: string;
    readonly change: { readonly actions: unknown; readonly after: unknown; readonly after_unknown: unknown };
  }[];
  readonly configuration: {
    readonly root_module: {
      readonly resources: readonly { readonly address: string; readonly expressions: unknown }[];
    };
  };
}

const root = resolve(__dirname, "../../..");

/** What a reader of the plan needs: not the state before, not the outputs, not the providers. A line a resource. */
const essential = (text: string): string => {
  const { format_version, terraform_version, resource_changes, configuration } = JSON.parse(text) as Plan;
  const changes = resource_changes.map(
    ({ address, mode, type, change: { actions, after, after_unknown } }) => ({
      address,
      mode,
      type,
      change: { actions, after, after_unknown },
    }),
  );
  const resources = configuration.root_module.resources.map(({ address, expressions }) => ({
    address,
    expressions,
  }));
  const head = JSON.stringify({ format_version, terraform_version }).slice(0, -1);
  return `${head},"resource_changes":[${lines(changes)}],"configuration":{"root_module":{"resources":[${lines(resources)}]}}}\n`;
};

/** Without what is null: to a reader that is the same as absent. */
const lines = (all: readonly unknown[]): string =>
  `\n${all.map((one) => JSON.stringify(one, (_key, value: unknown) => value ?? undefined)).join(",\n")}\n`;

const record = async (): Promise<void> => {
  const work = mkdtempSync(join(tmpdir(), "plans-"));
  const moto = await startMoto();
  try {
    const outdir = join(work, "cdktf.out");
    const { context } = JSON.parse(readFileSync(join(root, "cdktf.json"), "utf8")) as {
      context: Record<string, unknown>;
    };
    createApp(context, outdir).synth();
    const stack = join(outdir, "stacks", "ephemeral-runners");
    const terraform = await Terraform.prepare({ stack, work: join(work, "tf"), endpoint: moto.endpoint });
    for (const name of ["first-plan.json", "standing-plan.json"]) {
      await terraform.plan();
      writeFileSync(join(__dirname, "plans", name), essential(await terraform.showPlan()));
      await terraform.apply();
    }
  } finally {
    await moto.stop();
    rmSync(work, { recursive: true, force: true });
  }
};

void record();
