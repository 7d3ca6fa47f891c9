import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { addedSince, inventoryOf, type Inventory } from "../inventory";
import { instancesOf } from "../machines";
import { PRIVATE_KEY_PARAMETER, type World } from "../world";

const readme = readFileSync(resolve(__dirname, "../../../README.md"), "utf8");

/** Kinds that the reference app does not make: the inventory asks for them since functions and machines could. */
const NOT_MADE = ["policy", "volume"];

/**
 * The README's last step, after all that the functions have done.
 *
 * @param before what stood before anything was applied
 */
export const destroy = (world: () => World, before: () => Inventory): void => {
  describe("destroy", () => {
    let standing: readonly string[];

    it("comes once no machine runs, as the README says", async () => {
      expect(readme).toContain("To remove it all: [empty the fleets]");
      const InstanceIds = (await instancesOf(world())).map(({ InstanceId = "" }) => InstanceId);
      if (InstanceIds.length > 0)
        await world().clients.ec2.send(new TerminateInstancesCommand({ InstanceIds }));
      expect(await instancesOf(world())).toEqual([]);

      // What the inventory cannot see it would not miss either.
      standing = addedSince(before(), await inventoryOf(world().moto));
      const kinds = new Set(standing.map((line) => line.replace(/ \S+$/, "")));
      const unseen = Object.keys(before()).filter((kind) => !kinds.has(kind) && !NOT_MADE.includes(kind));
      expect(unseen).toEqual([]);
    });

    it("destroys all that was applied, at AWS and at GitHub", async () => {
      await world().terraform.destroy();

      expect(world().terraform.resources()).toEqual([]);
      expect(world().hook).toBeUndefined();
      expect([...world().destroyedAtGithub].sort()).toEqual([
        "github_actions_runner_group",
        "github_organization_webhook",
      ]);
    });

    it("leaves nothing behind but what the README names", async () => {
      const left = addedSince(before(), await inventoryOf(world().moto));

      world().figures.note("destroy", `${standing.length} things before, ${left.length} after`);
      expect(left).toEqual([`parameter ${PRIVATE_KEY_PARAMETER}`]);
      expect(readme).toMatch(
        /destroy`[^]{0,120}then delete the private key's parameter and the GitHub App\./,
      );
    });

    it("has Terraform plan everything anew", async () => {
      const changes = await world().terraform.plan();

      expect(new Set(changes.map(({ actions }) => actions.join()))).toEqual(new Set(["create"]));
    });
  });
};
