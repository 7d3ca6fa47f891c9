import {
  DescribeInstanceAttributeCommand,
  DescribeInstancesCommand,
  TerminateInstancesCommand,
  type Instance,
} from "@aws-sdk/client-ec2";
import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import { LEDGER, runnerName, TAG, type LaunchSettings } from "../../functions/shared/contract";
import { holdsPlace, type MachineState } from "../../functions/shared/ledger-items";
import { workflowJob } from "../support/workflow-job";
import { deliver, drainQueue } from "./traffic";
import { FLEET, ORGANIZATION, PREFIX, type World } from "./world";

/** Machines of ours that have not ended. */
export const instancesOf = async (world: World): Promise<Instance[]> => {
  const { Reservations = [] } = await world.clients.ec2.send(
    new DescribeInstancesCommand({
      Filters: [
        { Name: `tag:${TAG.installation}`, Values: [PREFIX] },
        { Name: "instance-state-name", Values: ["pending", "running"] },
      ],
    }),
  );
  return Reservations.flatMap(({ Instances = [] }) => Instances);
};

/** In base64. */
export const userDataOf = async (world: World, InstanceId: string): Promise<string | undefined> => {
  const asked = new DescribeInstanceAttributeCommand({ InstanceId, Attribute: "userData" });
  return (await world.clients.ec2.send(asked)).UserData?.Value;
};

/** All that is open in the ledger, of one kind: the jobs stand in the `queue`. */
const openItems = async (world: World, kind: "queue" | "machine"): Promise<Record<string, unknown>[]> => {
  const { Items = [] } = await world.clients.dynamodb.send(
    new QueryCommand({
      TableName: world.settings<LaunchSettings>("launch").ledgerTable,
      IndexName: LEDGER.openIndex,
      ConsistentRead: true,
      KeyConditionExpression: "#fleet = :fleet AND begins_with(#open, :kind)",
      ExpressionAttributeNames: { "#fleet": LEDGER.partitionKey, "#open": LEDGER.openKey },
      ExpressionAttributeValues: { ":fleet": FLEET.name, ":kind": kind },
    }),
  );
  return Items;
};

/** Every job that waits is run by a machine that stands ready, and every machine powers off. */
export const runAll = async (world: World): Promise<void> => {
  const [jobs, open] = await Promise.all([openItems(world, "queue"), openItems(world, "machine")]);
  const machines = open.filter(({ state }) => holdsPlace(state as MachineState));
  for (const [index, { instanceId }] of machines.entries()) {
    const id = Number(jobs[index]?.jobId);
    const name = runnerName(PREFIX, FLEET.name, String(instanceId));
    await deliver(
      world,
      workflowJob("completed", { owner: ORGANIZATION, labels: FLEET.labels, id, runnerName: name }),
    );
  }
  for (let left = machines.length; left > 0;) {
    const { taken } = await drainQueue(world, left);
    if (taken === 0) throw new Error(`${left} events were not taken in time.`);
    left -= taken;
  }
  const InstanceIds = (await instancesOf(world)).map(({ InstanceId }) => InstanceId ?? "");
  if (InstanceIds.length > 0) await world.clients.ec2.send(new TerminateInstancesCommand({ InstanceIds }));
};
