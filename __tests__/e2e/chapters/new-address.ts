import { workflowJob } from "../../support/workflow-job";
import { deliver } from "../traffic";
import { FLEET, ORGANIZATION, type World } from "../world";

/** The webhook's address is part of what Terraform may make anew; GitHub must learn of it without anyone's help. */
export const newAddress = (world: () => World): void => {
  describe("a new address", () => {
    it("reaches GitHub with the next rotation, and the secret stays", async () => {
      const { terraform } = world();
      const secret = world().hook?.secret;
      const before = terraform.outputs()["e2e-webhook-url"];
      const api = terraform.resources().find(({ type }) => type === "aws_apigatewayv2_api")!;
      await terraform.apply({ replace: [api.address] });
      await world().deploy();
      const after = terraform.outputs()["e2e-webhook-url"];
      expect(after).not.toBe(before);
      expect(world().hook?.url).toBe(before);

      expect(await world().invoke("rotate-tokens", {})).toMatchObject({ failed: false });
      expect(world().hook).toMatchObject({ url: after, secret });
      const job = workflowJob("queued", { owner: ORGANIZATION, labels: FLEET.labels, id: 99001 });
      expect(await deliver(world(), job)).toMatchObject({ status: 202 });
    });
  });
};
