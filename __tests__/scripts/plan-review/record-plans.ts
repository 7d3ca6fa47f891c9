/**
 * Writes the plans that the plan review is tested with, as the real `terraform` and the real AWS provider show them, each
 * with the synthesized stack it is of. Run it when the reference app has changed, and look at what became of the Markdown:
 *
 *     TERRAFORM_PROVIDER_MIRROR=... tsx __tests__/scripts/plan-review/record-plans.ts
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startMoto } from "../../support/moto";
import { Terraform } from "../../support/terraform";
import { attack } from "./attack";
import { essential, keep, STACK, synthesize } from "./recording";
import type { StackJson } from "./attack";

const LINUX = { name: "linux-x64", labels: ["self-hosted", "linux", "x64"] };
const ARM = { name: "linux-arm64", labels: ["self-hosted", "linux", "arm64"], architecture: "arm64" };

const attacked = (stack: string, work: string): string => {
  const folder = join(work, "attacked");
  cpSync(stack, folder, { recursive: true });
  const json = JSON.parse(readFileSync(join(folder, STACK), "utf8")) as StackJson;
  attack(json);
  writeFileSync(join(folder, STACK), JSON.stringify(json, null, 2));
  return folder;
};

const record = async (): Promise<void> => {
  const work = mkdtempSync(join(tmpdir(), "plans-"));
  const moto = await startMoto();
  try {
    const one = synthesize(work, "one", { fleets: [LINUX] });
    const two = synthesize(work, "two", { fleets: [LINUX, ARM] });
    const userData = synthesize(work, "user-data", {
      fleets: [{ ...LINUX, setupCommands: ["dnf install -y jq", "echo ready | tee /etc/motd"] }],
    });
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
