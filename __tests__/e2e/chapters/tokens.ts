import { GetParameterCommand, PutParameterCommand } from "@aws-sdk/client-ssm";
import { runnerName, UNSET, type LaunchSettings, type TokenValue } from "../../../functions/shared/contract";
import { workflowJob } from "../../support/workflow-job";
import { instancesOf, runAll } from "../machines";
import { deliver, drainQueue } from "../traffic";
import { FLEET, ORGANIZATION, PREFIX, type World } from "../world";

/** A token that launch cannot use costs a moment, never a job. */
export const tokens = (world: () => World): void => {
  let id = 66001;
  const tokenParameter = (): string =>
    world().settings<LaunchSettings>("launch").githubTokens[0]?.parameter ?? "";
  const runsOfRotation = (): unknown[] =>
    world()
      .lambda.invocations.filter(({ name }) => name === `${PREFIX}-rotate-tokens`)
      .map(({ event }) => event);
  const runJob = async (): Promise<unknown[]> => {
    await runAll(world());
    const before = runsOfRotation().length;
    const job = workflowJob("queued", { owner: ORGANIZATION, labels: FLEET.labels, id: id++ });
    expect(await deliver(world(), job)).toMatchObject({ status: 202 });
    expect(await drainQueue(world())).toEqual({ taken: 1, failed: 0 });
    const machines = await instancesOf(world());
    expect(machines).toHaveLength(1);
    const runners = world()
      .github.state.runnersOf(`orgs/${ORGANIZATION}`)
      .map(({ name }) => name);
    expect(runners).toContain(runnerName(PREFIX, FLEET.name, machines[0]!.InstanceId ?? ""));
    return runsOfRotation().slice(before);
  };

  describe("tokens", () => {
    it("are made by the first launch while they are unset", async () => {
      await world().clients.ssm.send(
        new PutParameterCommand({
          Name: tokenParameter(),
          Value: UNSET,
          Type: "SecureString",
          Overwrite: true,
        }),
      );
      world().lambda.cold();
      expect(await runJob()).toEqual([{ refresh: false }]);
    });

    it("are renewed by launch when GitHub refuses the one at hand", async () => {
      const read = new GetParameterCommand({ Name: tokenParameter(), WithDecryption: true });
      const { Parameter } = await world().clients.ssm.send(read);
      world().github.state.revoke((JSON.parse(Parameter?.Value ?? "") as TokenValue).token);
      expect(await runJob()).toEqual([{ refresh: true }]);
    });

    it("are kept from job to job", async () => {
      expect(await runJob()).toEqual([]);
    });

    it("are nowhere in what the functions logged, and neither is the webhook's secret", () => {
      const logs = [...world().lambda.logs.values()].join("");
      expect(logs).toContain("webhook set");
      expect(logs).not.toMatch(/ghs_\w{20}|BEGIN RSA/);
      expect(world().hook?.secret).toMatch(/^\w{64}$/);
      expect(logs).not.toContain(world().hook?.secret);
    });
  });
};
