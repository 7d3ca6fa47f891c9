import { TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { DeleteCommand, QueryCommand, ScanCommand } from "@aws-sdk/lib-dynamodb";
import {
  HANDOFF,
  LEDGER,
  machineOfRunner,
  runnerName,
  type LaunchSettings,
} from "../../functions/shared/contract";
import { FLEET_ITEM, holdsPlace, type Launch, type MachineState } from "../../functions/shared/ledger-items";
import { workflowJob } from "../support/workflow-job";
import { instancesOf } from "./machines";
import { deliver, drainQueue } from "./traffic";
import { FLEET, ORGANIZATION, PREFIX, type World } from "./world";

/** The event that the applied rule sends every two minutes. */
const scheduled = { source: "aws.scheduled", "detail-type": "Scheduled Event", detail: {} };
const scope = `orgs/${ORGANIZATION}`;
/** Longer than the longest wait that a function lays upon itself after one setback. */
const PATIENCE_MS = 90_000;

/** What there is in the four places that know of a machine, each by instance id and in order. */
export interface Standing {
  /** At EC2. */
  readonly instances: readonly string[];
  /** In the ledger, as holding a place. */
  readonly machines: readonly string[];
  /** In the handoff table. */
  readonly registrations: readonly string[];
  /** At GitHub. */
  readonly runners: readonly string[];
}

export const standing = async (world: World): Promise<Standing> => {
  const [instances, open, registrations] = await Promise.all([
    instancesOf(world),
    openItems(world),
    handoffs(world),
  ]);
  const machines = open.filter(
    ({ item, state }) => String(item).startsWith("machine#") && holdsPlace(state as MachineState),
  );
  return {
    instances: instances.map(({ InstanceId = "" }) => InstanceId).sort(),
    machines: machines.map(({ instanceId }) => String(instanceId)).sort(),
    registrations: registrations.map((key) => key.split(":")[1] ?? "").sort(),
    runners: world.github.state
      .runnersOf(scope)
      .map(({ name }) => machineOfRunner(PREFIX, name)?.instanceId ?? name)
      .sort(),
  };
};

/** Launches of which it is not yet known what became of them. */
export const launchesUnderWay = async (world: World): Promise<readonly Launch[]> => {
  const own = (await openItems(world)).find(({ item }) => item === FLEET_ITEM);
  return (own?.launches as Launch[] | undefined) ?? [];
};

export const deliverJobs = async (world: World, ids: readonly number[]): Promise<void> => {
  const jobs = ids.map((id) => workflowJob("queued", { owner: ORGANIZATION, labels: FLEET.labels, id }));
  const answers = await Promise.all(jobs.map((job) => deliver(world, job)));
  expect(answers.every(({ status }) => status === 202)).toBe(true);
};

export const sweepOnce = (world: World) => world.invoke("sweep", scheduled);

/** Lets the queue do its work, late messages included, until so many machines are registered. */
export const untilRegistered = async (world: World, count: number): Promise<void> => {
  const end = Date.now() + PATIENCE_MS;
  while ((await handoffs(world)).length < count) {
    if (Date.now() > end)
      throw new Error(`Not ${count} machines in time: ${JSON.stringify(await standing(world))}`);
    await drainQueue(world);
  }
};

/** Each machine takes its registration, runs one of the jobs and powers off; the sweep finds nothing left. */
export const runJobs = async (world: World, ids: readonly number[]): Promise<Standing> => {
  const { handoffTable } = world.settings<LaunchSettings>("launch");
  const InstanceIds = (await standing(world)).instances;
  for (const key of await handoffs(world)) {
    const Key = { [HANDOFF.partitionKey]: key };
    await world.clients.dynamodb.send(new DeleteCommand({ TableName: handoffTable, Key }));
  }
  const events = ids.map((id, index) =>
    workflowJob("completed", {
      owner: ORGANIZATION,
      labels: FLEET.labels,
      id,
      runnerName: runnerName(PREFIX, FLEET.name, InstanceIds[index] ?? ""),
    }),
  );
  await Promise.all(events.map((event) => deliver(world, event)));
  // As GitHub does with the record of an ephemeral runner after its job.
  const ran = new Set(InstanceIds.slice(0, ids.length));
  for (const runner of [...world.github.state.runnersOf(scope)]) {
    if (ran.has(machineOfRunner(PREFIX, runner.name)?.instanceId ?? ""))
      world.github.state.deregister(runner);
  }
  const end = Date.now() + PATIENCE_MS;
  for (let left = ids.length; left > 0;) {
    if (Date.now() > end) throw new Error(`${left} events were not taken in time.`);
    left -= (await drainQueue(world, left)).taken;
  }
  if (InstanceIds.length > 0) {
    await world.clients.ec2.send(new TerminateInstancesCommand({ InstanceIds: [...InstanceIds] }));
  }
  await sweepOnce(world);
  return standing(world);
};

const handoffs = async (world: World): Promise<string[]> => {
  const TableName = world.settings<LaunchSettings>("launch").handoffTable;
  const asked = new ScanCommand({ TableName, ConsistentRead: true });
  const { Items = [] } = await world.clients.dynamodb.send(asked);
  return Items.map((item) => String(item[HANDOFF.partitionKey]));
};

const openItems = async (world: World): Promise<Record<string, unknown>[]> => {
  const { Items = [] } = await world.clients.dynamodb.send(
    new QueryCommand({
      TableName: world.settings<LaunchSettings>("launch").ledgerTable,
      IndexName: LEDGER.openIndex,
      ConsistentRead: true,
      KeyConditionExpression: "#fleet = :fleet",
      ExpressionAttributeNames: { "#fleet": LEDGER.partitionKey },
      ExpressionAttributeValues: { ":fleet": FLEET.name },
    }),
  );
  return Items;
};
