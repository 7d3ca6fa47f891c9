import { GetParameterCommand, PutParameterCommand } from "@aws-sdk/client-ssm";
import {
  redeliveryDays,
  type LaunchSettings,
  type RotateTokensSettings,
  type TokenValue,
  type WebhookSecrets,
  type WebhookSettings,
} from "../../../functions/shared/contract";
import { workflowJob } from "../../support/workflow-job";
import { deliver } from "../traffic";
import { FLEET, ORGANIZATION, PRIVATE_KEY_PARAMETER, type World } from "../world";

const DAY_MS = 24 * 60 * 60_000;
/** Until `next` is settled, and sandboxes have read it. */
const HALF_AN_HOUR_MS = 30 * 60_000;

/** Two rotations of everything, in days that pass by making all times that are stored so much older. */
export const secretRotation = (world: () => World): void => {
  const live = new Set<string>();
  let jobId = 97001;
  const secretParameter = (): string => world().settings<WebhookSettings>("webhook").secretParameter;
  const tokenParameter = (): string =>
    world().settings<LaunchSettings>("launch").githubTokens[0]?.parameter ?? "";

  const read = async (name: string): Promise<string> => {
    const asked = new GetParameterCommand({ Name: name, WithDecryption: true });
    return (await world().clients.ssm.send(asked)).Parameter?.Value ?? "";
  };
  const secrets = async (): Promise<WebhookSecrets> =>
    JSON.parse(await read(secretParameter())) as WebhookSecrets;
  /** Of all that is or was ever good for anything. */
  const noteLive = async (): Promise<void> => {
    const { current, next, previous } = await secrets();
    const { token } = JSON.parse(await read(tokenParameter())) as TokenValue;
    const key = (await read(PRIVATE_KEY_PARAMETER)).split("\n").filter((line) => line.length > 40);
    for (const value of [current, next, previous, token, ...key]) if (value) live.add(value);
  };
  const pass = async (milliseconds: number): Promise<void> => {
    const ISO = /\d{4}-\d\d-\d\dT[\d:.]+Z/g;
    const earlier = (time: string): string => new Date(Date.parse(time) - milliseconds).toISOString();
    for (const Name of [secretParameter(), tokenParameter()]) {
      const Value = (await read(Name)).replace(ISO, earlier);
      const write = new PutParameterCommand({ Name, Value, Type: "SecureString", Overwrite: true });
      await world().clients.ssm.send(write);
    }
    // In such times every sandbox reads its secrets again.
    world().lambda.cold();
  };
  const rotate = async (): Promise<void> => {
    expect(await world().invoke("rotate-tokens", {})).toMatchObject({ failed: false });
    await noteLive();
  };
  const answerTo = async (secret?: string): Promise<number> => {
    const job = workflowJob("completed", { owner: ORGANIZATION, labels: FLEET.labels, id: jobId++ });
    return (await deliver(world(), job, secret === undefined ? {} : { secret })).status;
  };

  describe("the rotation of the webhook's secret", () => {
    it("stores the next one, which counts before GitHub has it", async () => {
      await noteLive();
      const { current } = await secrets();
      await pass(7 * DAY_MS);
      await rotate();

      const { next = "" } = await secrets();
      expect(next).toMatch(/^[0-9a-f]{64}$/);
      expect(world().hook?.secret).toBe(current);
      expect(await answerTo()).toBe(202);
      expect(await answerTo(next)).toBe(202);
    });

    it("leaves a working pair when GitHub refuses the next one, and when its answer is lost", async () => {
      const { next } = await secrets();
      const PATCH = "PATCH /orgs/{org}/hooks/{hook_id}/config";
      await pass(HALF_AN_HOUR_MS);
      for (const fault of [{ status: 502 }, { loseAnswer: true }]) {
        world().github.inject({ route: PATCH, times: 1, ...fault });
        expect(await world().invoke("rotate-tokens", {})).toMatchObject({ failed: true });
        expect(await answerTo()).toBe(202);
      }
      expect(world().hook?.secret).toBe(next);
    });

    it("gives GitHub the next one, and still takes what the one before has signed", async () => {
      const { current: before, next } = await secrets();
      await rotate();

      expect(await secrets()).toMatchObject({ current: next, previous: before });
      expect(world().hook?.secret).toBe(next);
      expect(await answerTo()).toBe(202);
      expect(await answerTo(before)).toBe(202);
    });

    it("takes nothing that the one before has signed once GitHub cannot send it any more", async () => {
      const { previous } = await secrets();
      const days = redeliveryDays(world().settings<RotateTokensSettings>("rotate-tokens").github);
      await pass((days - 1) * DAY_MS);
      expect(await answerTo(previous)).toBe(202);
      await pass(DAY_MS);
      expect(await answerTo(previous)).toBe(401);
      expect(await answerTo()).toBe(202);
      await rotate();
      expect(await secrets()).not.toHaveProperty("previous");
      expect(await answerTo(previous)).toBe(401);
    });

    it("starts anew where a secret has leaked and its parameter was unset", async () => {
      const { current: leaked } = await secrets();
      const Name = secretParameter();
      await world().clients.ssm.send(
        new PutParameterCommand({ Name, Value: "unset", Type: "SecureString", Overwrite: true }),
      );
      await rotate();
      world().lambda.cold();
      expect(await answerTo(leaked)).toBe(401);
      expect(await answerTo()).toBe(202);
    });

    it("leaves no value that was ever live in plan, state or the functions' logs", async () => {
      const { terraform, lambda } = world();
      await terraform.refresh();
      expect(await terraform.plan()).toEqual([]);
      const written = {
        plan: await terraform.showPlan(),
        state: terraform.stateFiles(),
        logs: [...lambda.logs.values()].join(""),
        answers: JSON.stringify(lambda.invocations.map(({ payload }) => payload)),
      };
      expect(written.state).toContain(secretParameter());
      expect(written.logs).toContain("webhook secret rotated");
      // Three secrets, tokens of three runs, the lines of a private key.
      expect(live.size).toBeGreaterThan(20);
      for (const [where, text] of Object.entries(written))
        for (const value of live)
          for (const part of [value, value.slice(0, 30)])
            expect({ where, found: text.includes(part) }).toEqual({ where, found: false });
    });
  });
};
