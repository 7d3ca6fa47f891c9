/** What the last release made stands in AWS, with live content in it, and the present version is applied over it. */
import { RunInstancesCommand } from "@aws-sdk/client-ec2";
import { ReceiveMessageCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { GetParametersCommand, PutParameterCommand } from "@aws-sdk/client-ssm";
import { PutCommand, ScanCommand } from "@aws-sdk/lib-dynamodb";
import { HANDOFF, machineOfRunner, TAG } from "../../functions/shared/contract";
import { unreleased } from "../support/golden";
import type { Change, Terraform } from "../support/terraform";
import { sign, workflowJob } from "../support/workflow-job";
import { JOBS, RELEASED_FLEET, RELEASED_PREFIX, releasedContent, SECRET } from "./released-content";
import { ORGANIZATION, UpgradeGround } from "./upgrade-ground";

const LABELS = ["self-hosted", "linux", "x64"];
const LEDGER = `${RELEASED_PREFIX}-ledger`;
const HANDOFFS = `${RELEASED_PREFIX}-handoff`;
const PRIVATE_KEY = "/acme/github-app-key";

let ground: UpgradeGround;
let terraform: Terraform;
let content: ReturnType<typeof releasedContent>;
let instanceId: string;
let changes: Change[];
let before: Awaited<ReturnType<typeof seen>>;

const valuesOf = (type: string, name: string) =>
  terraform.resources().find((one) => one.type === type && one.values.name === name)!.values;
const queueUrl = (): string => String(valuesOf("aws_sqs_queue", `${RELEASED_PREFIX}-jobs`).url);

const rows = async (TableName: string): Promise<Record<string, unknown>[]> => {
  const { Items = [] } = await ground.clients.dynamodb.send(
    new ScanCommand({ TableName, ConsistentRead: true }),
  );
  return Items.sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));
};

/** All that lives, but for the queue. */
const seen = async () => {
  const Names = Object.keys(content.parameters);
  const { Parameters = [] } = await ground.clients.ssm.send(
    new GetParametersCommand({ Names, WithDecryption: true }),
  );
  return {
    ledger: await rows(LEDGER),
    handoff: await rows(HANDOFFS),
    secrets: Parameters.map(({ Name, Value, Type }) => ({ Name, Value, Type })),
    hooks: [...ground.github.state.hooks],
    runners: ground.github.state.runnersOf(`orgs/${ORGANIZATION}`).map(({ name }) => name),
  };
};

const putContent = async (): Promise<void> => {
  const { dynamodb, ec2, sqs, ssm } = ground.clients;
  // Not in the installation's network, which is a matter of the network's own tests.
  const { Instances = [] } = await ec2.send(
    new RunInstancesCommand({
      ...{ ImageId: "ami-12c6146b", InstanceType: "m5.large", MinCount: 1, MaxCount: 1 },
      TagSpecifications: [
        {
          ResourceType: "instance",
          Tags: [
            { Key: TAG.installation, Value: RELEASED_PREFIX },
            { Key: TAG.fleet, Value: RELEASED_FLEET },
          ],
        },
      ],
    }),
  );
  instanceId = Instances[0]?.InstanceId ?? "";
  const { unique_id: roleId } = valuesOf("aws_iam_role", `${RELEASED_PREFIX}_${RELEASED_FLEET}_runner`);
  const token = ground.github.state.mintInstallationToken();
  content = releasedContent({ now: Date.now(), instanceId, roleId: String(roleId), token });
  for (const Item of content.ledger) await dynamodb.send(new PutCommand({ TableName: LEDGER, Item }));
  for (const Item of content.handoff) await dynamodb.send(new PutCommand({ TableName: HANDOFFS, Item }));
  for (const MessageBody of content.queue)
    await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl(), MessageBody }));
  const secrets = { ...content.parameters, [PRIVATE_KEY]: ground.privateKey };
  for (const [Name, Value] of Object.entries(secrets))
    await ssm.send(new PutParameterCommand({ Name, Value, Type: "SecureString", Overwrite: true }));
  const { actions } = ground.github.state;
  const run = actions.addRun(`${ORGANIZATION}/app`, 1);
  for (const id of Object.values(JOBS)) actions.addJob(run, LABELS, { id });
  const name = `${RELEASED_PREFIX}_${RELEASED_FLEET}_${instanceId}`;
  const labels = LABELS.map((label, id) => ({ id, name: label, type: "custom" as const }));
  const record = { id: 7, name, os: "linux", status: "online" as const, ephemeral: true, labels };
  ground.github.state.runnersOf(`orgs/${ORGANIZATION}`).push({ ...record, busy: true, runner_group_id: 1 });
  const [path = ""] = ground.github.state.hooks.keys();
  Object.assign(ground.github.state.hooks.get(path) ?? {}, { secret: SECRET });
};

beforeAll(async () => {
  ground = await UpgradeGround.start();
  terraform = await ground.released();
  await terraform.apply();
  expect(await terraform.plan()).toEqual([]);
  await putContent();
  before = await seen();
  await ground.upgrade(terraform);
  changes = await terraform.plan();
  await terraform.apply();
}, 900_000);

afterAll(() => ground.stop());

describe("an upgrade from the last release", () => {
  it("destroys and replaces nothing that the changelog does not name", () => {
    const lost = changes.filter(({ actions }) => actions.includes("delete"));
    expect(lost.filter(({ address }) => !unreleased.includes(`\`${address}\``))).toEqual([]);
    // Code and user data are others than those that were laid out: the plan is one over what was released.
    expect(changes.map(({ type }) => type)).toEqual(
      expect.arrayContaining(["aws_lambda_function", "aws_launch_template"]),
    );
  });

  it("leaves nothing to do for a second plan", async () => {
    expect(await terraform.plan()).toEqual([]);
  }, 120_000);

  it("leaves ledger, handoff, secrets, hook and runners as they were", async () => {
    expect(before.ledger).toHaveLength(content.ledger.length);
    expect(before.hooks).toHaveLength(1);
    expect(await seen()).toEqual(before);
  });
});

describe("the functions of the present version", () => {
  const invoke = async (bundle: string, event: object): Promise<unknown> => {
    const { payload, failed } = await ground.lambda.invoke(`${RELEASED_PREFIX}-${bundle}`, event);
    expect({ payload, failed }).toMatchObject({ failed: false });
    await ground.lambda.settle();
    return payload;
  };
  const scheduled = { source: "aws.scheduled", "detail-type": "Scheduled Event", detail: {} };
  const jobRow = async (jobId: number) =>
    (await rows(LEDGER)).find(({ item }) => item === `job#${jobId}`) as Record<string, unknown>;
  /** Machines that found a registration in the handoff table, without what stood there. */
  const handedOver = async (): Promise<string[]> =>
    (await rows(HANDOFFS))
      .map((row) => String(row[HANDOFF.partitionKey]))
      .filter((key) => content.handoff.every((old) => old[HANDOFF.partitionKey] !== key));

  beforeAll(() => ground.deploy(terraform));

  it("take a message of the last release, and launch for it and for the jobs that waited", async () => {
    const { Messages = [] } = await ground.clients.sqs.send(
      new ReceiveMessageCommand({ QueueUrl: queueUrl(), MaxNumberOfMessages: 10 }),
    );
    expect(Messages.map(({ Body }) => Body)).toEqual(content.queue);

    const Records = Messages.map(({ MessageId, Body }) => ({ messageId: MessageId, body: Body }));
    expect(await invoke("launch", { Records })).toEqual({ batchItemFailures: [] });

    expect((await jobRow(JOBS.onTheQueue)).state).toBe("waiting");
    // One that waited, and one whose message was on its way. The token was the last release's.
    expect(await handedOver()).toHaveLength(2);
  }, 60_000);

  it("sweep over rows of the last release, and look after its machine", async () => {
    await invoke("sweep", scheduled);

    const machine = (await rows(LEDGER)).find(({ item }) => item === `machine#${instanceId}`);
    expect(machine).toMatchObject({ state: "busy", jobId: JOBS.running });
    expect((await jobRow(JOBS.waiting)).labels).toEqual(LABELS);
    const log = [...ground.lambda.logs.values()].join("\n");
    expect(log).toContain('"level":"INFO"');
    expect(log.split("\n").filter((line) => line.includes('"level":"ERROR"'))).toEqual([]);
  }, 60_000);

  it("take a delivery that is signed with the secret of the last release", async () => {
    const runnerName = `${RELEASED_PREFIX}_${RELEASED_FLEET}_${instanceId}`;
    expect(machineOfRunner(RELEASED_PREFIX, runnerName)).toBeDefined();
    const payload = workflowJob("completed", {
      ...{ owner: ORGANIZATION, labels: LABELS, id: JOBS.running, runnerName },
    });
    const body = JSON.stringify(payload);
    const answer = (await invoke("webhook", {
      version: "2.0",
      routeKey: "POST /webhook",
      rawPath: "/webhook",
      headers: {
        "content-type": "application/json",
        "x-github-delivery": "of-the-upgrade",
        "x-github-event": "workflow_job",
        "x-hub-signature-256": sign(body, SECRET),
      },
      requestContext: { http: { method: "POST", path: "/webhook", sourceIp: "140.82.115.1" } },
      body,
      isBase64Encoded: false,
    })) as { statusCode: number };
    expect(answer.statusCode).toBe(202);

    const { Messages = [] } = await ground.clients.sqs.send(
      new ReceiveMessageCommand({ QueueUrl: queueUrl(), MaxNumberOfMessages: 10 }),
    );
    const Records = Messages.map(({ MessageId, Body }) => ({ messageId: MessageId, body: Body }));
    await invoke("launch", { Records });

    expect((await jobRow(JOBS.running)).state).toBe("done");
    const machine = (await rows(LEDGER)).find(({ item }) => item === `machine#${instanceId}`);
    expect(machine).toMatchObject({ state: "ending" });
  }, 60_000);

  it("rotate over tokens and secret of the last release, and know its hook", async () => {
    await invoke("rotate-tokens", scheduled);

    const after = await seen();
    expect(after.hooks.map(([path]) => path)).toEqual(before.hooks.map(([path]) => path));
    expect(after.secrets.map(({ Name, Type }) => ({ Name, Type }))).toEqual(
      before.secrets.map(({ Name, Type }) => ({ Name, Type })),
    );
    const secret = after.secrets.find(({ Name }) => Name?.endsWith("webhook-secret"))?.Value ?? "";
    expect([JSON.parse(secret)]).toMatchObject([
      expect.objectContaining({ current: expect.any(String) as string }),
    ]);
    expect(secret).toContain(SECRET);
  }, 60_000);
});
