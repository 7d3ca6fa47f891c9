import { RunInstancesCommand } from "@aws-sdk/client-ec2";
import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { LEDGER, runnerName, TAG, type LaunchSettings } from "../../../functions/shared/contract";
import { machineItem } from "../../../functions/shared/ledger-items";
import { countByName } from "../../support/proxy";
import { workflowJob } from "../../support/workflow-job";
import { instancesOf, runAll } from "../machines";
import { standing, sweepOnce, untilRegistered } from "../standing";
import { deliver } from "../traffic";
import { FLEET, ORGANIZATION, PREFIX, type World } from "../world";

const scope = `orgs/${ORGANIZATION}`;
const nothing = { instances: [], machines: [], registrations: [], runners: [] };

/** What no event tells of, and what the sweep makes of it. */
export const sweep = (world: () => World): void => {
  let id = 99001;
  const job = (action: "queued" | "in_progress", rest: object = {}) =>
    workflowJob(action, { owner: ORGANIZATION, labels: FLEET.labels, id, ...rest });
  const machineInLedger = async (instanceId: string): Promise<Record<string, unknown> | undefined> => {
    const { Item } = await world().clients.dynamodb.send(
      new GetCommand({
        TableName: world().settings<LaunchSettings>("launch").ledgerTable,
        Key: { [LEDGER.partitionKey]: FLEET.name, [LEDGER.sortKey]: machineItem(instanceId) },
      }),
    );
    return Item;
  };
  const launchOne = async (): Promise<string> => {
    id++;
    await deliver(world(), job("queued"));
    // Wake-ups of the days before may come in between.
    await untilRegistered(world(), 1);
    const [machine] = await instancesOf(world());
    return machine?.InstanceId ?? "";
  };

  describe("the sweep", () => {
    it("leaves nothing of machines that are gone", async () => {
      await runAll(world());

      expect(await sweepOnce(world())).toMatchObject({ failed: false });

      expect(await standing(world())).toEqual(nothing);
    });

    it("changes nothing where all is as it should be", async () => {
      await launchOne();
      const before = await standing(world());

      const { result, aws, github } = await world().callsOf(() => sweepOnce(world()));

      expect(result).toMatchObject({ failed: false });
      expect(await standing(world())).toEqual(before);
      expect(Object.keys(countByName(aws))).not.toContain("ec2:TerminateInstances");
      expect(Object.keys(countByName(github)).filter((name) => name.startsWith("DELETE"))).toEqual([]);
      world().figures.note(
        "a sweep with nothing to do",
        `${aws.length} AWS + ${github.length} GitHub (${Object.entries(countByName([...aws, ...github]))
          .map(([name, times]) => `${times} ${name}`)
          .join(", ")})`,
      );
    });

    it("ends a machine that nobody knows, and removes a record that nobody needs", async () => {
      const { instances } = await standing(world());
      const tags = { [TAG.installation]: PREFIX, [TAG.fleet]: FLEET.name, [TAG.launch]: "unheard-of" };
      const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
      await world().clients.ec2.send(
        new RunInstancesCommand({
          ImageId: "ami-12c6146b",
          MinCount: 1,
          MaxCount: 1,
          TagSpecifications: [{ ResourceType: "instance", Tags }],
        }),
      );
      const known = world().github.state.runnersOf(scope)[0]!;
      const stray = { ...known, id: 4242, name: runnerName(PREFIX, FLEET.name, "i-0123456789abcdef9") };
      world().github.state.runnersOf(scope).push(stray);

      await sweepOnce(world());

      expect(await standing(world())).toMatchObject({ instances, runners: instances });
    });

    it("has a delivery that failed sent again, and its job gets a machine", async () => {
      await runAll(world());
      await sweepOnce(world());
      const { deliveries, hooks } = world().github.state;
      const [hook = ""] = [...hooks.keys()];
      id++;
      await deliveries.send(hook, { event: "workflow_job", action: "queued", payload: job("queued") });
      deliveries.deliver = async ({ payload, guid }) =>
        (await deliver(world(), payload as object, { delivery: guid })).status;

      await sweepOnce(world());
      await deliveries.settle();
      await untilRegistered(world(), 1);

      expect((await standing(world())).machines).toHaveLength(1);
    });

    it("lets go of a machine whose interruption is announced, and the job that waits gets another", async () => {
      await runAll(world());
      await sweepOnce(world());
      const instanceId = await launchOne();

      await world().invoke("interruption", {
        source: "aws.ec2",
        time: new Date().toISOString(),
        "detail-type": "EC2 Spot Instance Interruption Warning",
        detail: { "instance-id": instanceId, "instance-action": "terminate" },
      });
      await untilRegistered(world(), 2);
      await sweepOnce(world());

      expect(await machineInLedger(instanceId)).toHaveProperty("interruptedAt");
      const { instances, runners } = await standing(world());
      expect(instances).toHaveLength(2);
      expect(runners).toEqual(instances.filter((one) => one !== instanceId));
    });
  });
};
