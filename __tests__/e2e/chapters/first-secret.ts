import { GetParameterCommand, ListTagsForResourceCommand } from "@aws-sdk/client-ssm";
import type {
  LaunchSettings,
  TokenValue,
  WebhookSecrets,
  WebhookSettings,
} from "../../../functions/shared/contract";
import { workflowJob } from "../../support/workflow-job";
import { deliver, parameterChanged } from "../traffic";
import { FLEET, ORGANIZATION, PREFIX, PRIVATE_KEY_PARAMETER, type World } from "../world";

const job = workflowJob("queued", { owner: ORGANIZATION, labels: FLEET.labels });

/** From an apply without any secret to a webhook that GitHub and we agree on, with no one's help. */
export const firstSecret = (world: () => World): void => {
  const secretParameter = (): string => world().settings<WebhookSettings>("webhook").secretParameter;
  const tokenParameter = (): string =>
    world().settings<LaunchSettings>("launch").githubTokens[0]?.parameter ?? "";
  const read = async (name: string): Promise<string> =>
    (await world().clients.ssm.send(new GetParameterCommand({ Name: name, WithDecryption: true }))).Parameter
      ?.Value ?? "";

  describe("the first secret", () => {
    it("refuses even what is signed with the throw-away secret", async () => {
      expect(world().hook).toMatchObject({ secret: "replaced-by-token-rotation" });
      expect(await deliver(world(), job)).toMatchObject({ status: 503 });
      expect(await deliver(world(), job, { secret: "unset" })).toMatchObject({ status: 503 });
    });

    it("runs the rotation when the parameters are made, which tells what is missing", async () => {
      const [first] = await parameterChanged(world(), secretParameter(), "Create");
      expect(first).toMatchObject({ failed: true });
      expect(JSON.stringify(first?.payload)).toContain(PRIVATE_KEY_PARAMETER);
    });

    it("does not run the rotation for what the rotation itself writes", async () => {
      expect(await parameterChanged(world(), secretParameter(), "Update")).toEqual([]);
      expect(await parameterChanged(world(), tokenParameter(), "Update")).toEqual([]);
    });

    it("runs the rotation for an apply that changes what it works with", async () => {
      const revision = `/${PREFIX}/github/settings-revision`;
      expect(await parameterChanged(world(), revision, "Update")).toHaveLength(1);
    });

    it("makes tokens and the secret as soon as the private key is stored", async () => {
      await world().storePrivateKey();
      const runs = await parameterChanged(world(), PRIVATE_KEY_PARAMETER, "Create");
      expect(runs).toMatchObject([{ failed: false }]);

      const { token, expiresAt } = JSON.parse(await read(tokenParameter())) as TokenValue;
      const { current } = JSON.parse(await read(secretParameter())) as WebhookSecrets;
      expect(Date.parse(expiresAt)).toBeGreaterThan(Date.now() + 50 * 60_000);
      expect(world().hook).toMatchObject({
        secret: current,
        url: world().terraform.outputs()["e2e-webhook-url"],
      });
      expect(JSON.stringify(runs)).not.toContain(token);
      expect(JSON.stringify(runs)).not.toContain(current);
    });

    it("writes the time of the token's end into a tag, for people", async () => {
      const { expiresAt } = JSON.parse(await read(tokenParameter())) as TokenValue;
      const { TagList } = await world().clients.ssm.send(
        new ListTagsForResourceCommand({ ResourceType: "Parameter", ResourceId: tokenParameter() }),
      );
      expect(TagList).toContainEqual({ Key: "ExpiresAt", Value: expiresAt });
    });

    it("keeps the secret when it runs again, and gives it to GitHub again", async () => {
      const before = await read(secretParameter());
      Object.assign(world().hook ?? {}, { secret: "lost", url: "https://elsewhere.example.com" });
      await world().invoke("rotate-tokens", {});
      expect(await read(secretParameter())).toBe(before);
      expect(world().hook).toMatchObject({
        secret: (JSON.parse(before) as WebhookSecrets).current,
        url: world().terraform.outputs()["e2e-webhook-url"],
      });
    });

    it("leaves no live secret in plan or state", async () => {
      const { token } = JSON.parse(await read(tokenParameter())) as TokenValue;
      const { current } = JSON.parse(await read(secretParameter())) as WebhookSecrets;
      const { terraform } = world();
      await terraform.refresh();
      expect(await terraform.plan()).toEqual([]);
      const written = terraform.stateFiles() + (await terraform.showPlan());
      expect(written).toContain(tokenParameter());
      for (const secret of [token, current, await read(PRIVATE_KEY_PARAMETER)]) {
        expect(secret.length).toBeGreaterThan(20);
        expect(written).not.toContain(secret);
        expect(written).not.toContain(secret.slice(-30, -4));
      }
    });
  });
};
