import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCheckov } from "../../../scripts/scan/checkov";
import { judge } from "../../../scripts/scan/judge";
import { suppressions } from "../../../scripts/scan/suppressions";
import type { Change } from "../../support/terraform";
import { workflowJob } from "../../support/workflow-job";
import { deliver } from "../traffic";
import { FLEET, ORGANIZATION, type World } from "../world";

const job = workflowJob("queued", { owner: ORGANIZATION, labels: FLEET.labels });

/** Terraform and the real AWS provider take what we synthesize, and an apply that was cut half-way heals. */
export const apply = (world: () => World): void => {
  describe("plan and apply", () => {
    it("validates", async () => {
      await expect(world().terraform.validate()).resolves.toBeUndefined();
    });

    it("plans nothing but new resources", async () => {
      const changes = await world().terraform.plan();
      expect(changes.filter(({ actions }) => actions.join() !== "create")).toEqual([]);
      const types = new Set(changes.map(({ type }) => type));
      expect([...types].filter((type) => type.startsWith("github_")).sort()).toEqual([
        "github_actions_runner_group",
        "github_organization_webhook",
      ]);
      world().figures.note("resources", String(changes.length));
    });

    it("plans nothing that is failed by checkov without a reason", async () => {
      const folder = mkdtempSync(join(tmpdir(), "plan-"));
      writeFileSync(join(folder, "plan.json"), await world().terraform.showPlan());
      const results = await runCheckov(folder, "terraform_plan");
      rmSync(folder, { recursive: true });

      const verdict = judge({ name: "plan", sets: [] }, results, suppressions);
      expect(verdict.failed).toEqual([]);
      expect(verdict.suppressed).toBeGreaterThan(0);
    });

    it("is scanned by its plan, for checkov reads no synthesized stack", async () => {
      const folder = mkdtempSync(join(tmpdir(), "stack-"));
      cpSync(join(world().terraform.work, "cdk.tf.json"), join(folder, "cdk.tf.json"));

      await expect(runCheckov(folder, "terraform_json")).rejects.toThrow("checkov could not read");
      rmSync(folder, { recursive: true });
    });

    it("refuses every delivery after an apply that was cut half-way", async () => {
      world().aws.refused = ["events:PutTargets"];
      await expect(world().terraform.apply()).rejects.toThrow("Refused by a test.");
      world().aws.refused = [];
      expect(world().hook).toMatchObject({ secret: "replaced-by-token-rotation" });
      await world().deploy();
      expect(await deliver(world(), job)).toMatchObject({ status: 503 });
    });

    it("heals with the next apply", async () => {
      await world().terraform.apply();
      await world().deploy();
    });

    it("shows no change in a second plan", async () => {
      expect(await world().terraform.plan()).toEqual([] satisfies Change[]);
    });
  });
};
