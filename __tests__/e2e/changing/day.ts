/**
 * A working day of a small team, in a shorter time: jobs, deliveries, machines and sweeps, by what is applied at each moment. It
 * goes on while Terraform applies.
 */
import { setTimeout as wait } from "node:timers/promises";
import {
  DeleteMessageBatchCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import type { APIGatewayProxyStructuredResultV2, SQSBatchResponse } from "aws-lambda";
import { matches, parameterEvent } from "../../support/event-bridge";
import type { Delivery } from "../../support/github-deliveries";
import type { Status, WorkflowJob } from "../../support/github-workflow";
import { emulatorRegion } from "../../support/moto";
import { sign, workflowJob } from "../../support/workflow-job";
import { ORGANIZATION, PREFIX, type World } from "../world";
import { Applied } from "./applied";
import { BUSY, NARROW, REPOSITORY } from "./ground";
import { Machines } from "./machines";
import { rung } from "./rung";

const JOB_EVERY_MS = 5000;
const RUNS_MS = 4000;
/** Seconds that a message is left in the queue, over the beginning of an apply. */
const QUEUED_S = 10;
const SWEEP_EVERY_MS = 8000;
/** After it the functions' clock is put forward, by more than the longest wait that a function lays upon itself. */
const PATIENCE_MS = 40_000;
const FORWARD_MS = 7 * 60_000;
const scheduled = { source: "aws.scheduled", "detail-type": "Scheduled Event", detail: {} };

export interface DayReport {
  /** What must not be: jobs that wait for ever or failed, machines over the cap or without ground. */
  readonly wrong: readonly string[];
  /** Alarms that rang. */
  readonly alarms: readonly string[];
  /** Jobs whose labels no fleet has any more. */
  readonly unserved: number;
  readonly jobs: number;
  /** Jobs that ran only after the clock was put forward. */
  readonly late: number;
  /** Events of GitHub that no function took: while there was no hook, or it was refused. */
  readonly missed: number;
}

export class Day {
  readonly applied: Applied;
  private readonly machines: Machines;
  private stopped = false;
  private paused = true;
  private readonly loops: Promise<void>[] = [];
  private readonly errors = new Set<string>();
  private jobs: WorkflowJob[] = [];
  private missed = 0;
  private heard = 0;
  /** Launch functions that run. */
  private launching = 0;
  private told = new Map<string, number>();
  /** Jobs of whose beginning GitHub does not tell: their messages are in the queue already. */
  private readonly silent = new Set<number>();
  private ran = 0;
  private asked = 0;
  private readonly work = new Set<Promise<unknown>>();
  private caps: Readonly<Record<string, number>> = {};
  private letGo: () => void = () => undefined;
  private long: Promise<void> = Promise.resolve();
  /** As the webhook function wrote it, of the last job. */
  private message?: string;

  constructor(private readonly world: World) {
    this.applied = new Applied(world);
    world.lambda.source = this.applied.function;
    this.machines = new Machines(world, {
      runs: ({ labels }) => (labels.includes("narrow") ? this.long : RUNS_MS),
      cap: (fleet) => this.caps[fleet] ?? 20,
    });
    const { state } = world.github;
    state.actions.onJob = (action, job) => this.tell(action, job);
    state.deliveries.deliver = (delivery) => this.carry(delivery);
  }

  start(): void {
    this.every(JOB_EVERY_MS, () => {
      if (!this.paused) this.addJob(BUSY.labels);
      return Promise.resolve();
    });
    this.every(600, () => this.poll());
    this.every(800, () => this.machines.look());
    this.every(400, () => this.hear());
    this.every(SWEEP_EVERY_MS, () => this.sweep());
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.loops);
  }

  /** From here on the report counts. A long job runs on the narrow fleet, and another one waits for it. */
  async begin(caps: Readonly<Record<string, number>>, traffic: boolean): Promise<void> {
    this.caps = caps;
    this.jobs = [];
    this.errors.clear();
    this.machines.wrong.clear();
    this.missed = 0;
    this.told = new Map([...this.world.lambda.logs].map(([name, text]) => [name, text.length]));
    this.ran = this.world.lambda.invocations.length;
    this.asked = this.world.aws.calls.length;
    this.paused = !traffic;
    if (!traffic) return;
    this.long = new Promise((done) => (this.letGo = done));
    const first = this.addJob(NARROW.labels);
    await this.until(() => first.status !== "queued", 30_000);
    this.addJob(NARROW.labels);
    await this.until(() => this.message !== undefined, 10_000);
    if (this.message !== undefined) await this.leaveInQueue(this.message);
  }

  /** A message that waits while Terraform applies, sent with the rights of the webhook function. */
  private async leaveInQueue(like: string): Promise<void> {
    const job = this.addJob(BUSY.labels, true);
    const body = { ...(JSON.parse(like) as object), fleet: BUSY.name, jobId: job.id, runId: job.run_id };
    const sqs = this.sqs(`${PREFIX}-webhook`);
    const [mapping] = await this.applied.mappings();
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: mapping?.queue }));
    const MessageBody = JSON.stringify({ ...body, createdAt: job.created_at });
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, DelaySeconds: QUEUED_S }));
  }

  private sqs(role: string): SQSClient {
    return new SQSClient({
      endpoint: this.world.aws.url,
      region: emulatorRegion,
      credentials: { accessKeyId: role, secretAccessKey: "test" },
      useQueueUrlAsEndpoint: false,
    });
  }

  /** The long job ends, and for the functions time passes in which idle machines end. */
  letGoOn(): void {
    this.release();
    this.world.clock.ahead += FORWARD_MS;
  }

  /** The long job ends. */
  release(): void {
    this.letGo();
    this.long = Promise.resolve();
  }

  /** No job comes any more, and no machine runs: what docs/changing.md calls empty. */
  async empty(): Promise<void> {
    this.paused = true;
    this.release();
    await this.until(() => this.waiting().length === 0 && this.machines.running === 0, 90_000);
  }

  /**
   * One job more, and the answer to whether all have run.
   * @param serves whether a fleet has the labels of the narrow one; else its jobs are given up, and not lost
   */
  async end(serves: boolean): Promise<DayReport> {
    this.paused = true;
    const last = this.addJob(BUSY.labels);
    if (serves) this.addJob(NARROW.labels);
    this.release();
    const isUnserved = ({ labels }: WorkflowJob): boolean =>
      !serves && labels.join() === NARROW.labels.join();
    const left = (): readonly WorkflowJob[] => this.waiting().filter((job) => !isUnserved(job));
    let late = 0;
    for (let turn = 0; turn < 3 && left().length > 0; turn++) {
      await this.until(() => left().length === 0, PATIENCE_MS);
      if (left().length === 0) break;
      late = left().length;
      this.world.clock.ahead += FORWARD_MS;
    }
    const lost = left();
    const unserved = this.waiting().filter(isUnserved);
    // The sweep finds that nobody serves them, and in a later one that it is still so.
    for (let turn = 0; turn < 2 && unserved.length > 0; turn++) {
      await wait(1.5 * SWEEP_EVERY_MS);
      this.world.clock.ahead += FORWARD_MS;
    }
    if (unserved.length > 0) await wait(1.5 * SWEEP_EVERY_MS);
    const failed = this.jobs.filter(({ conclusion }) => conclusion && conclusion !== "success");
    const { actions } = this.world.github.state;
    for (const { id } of this.waiting()) actions.cancel(actions.jobs.get(id)!);
    return {
      wrong: [
        ...lost.map(({ name }) => `job ${name}${name === last.name ? ", after the apply," : ""} waits`),
        ...failed.map(({ name }) => `job ${name} failed`),
        ...this.machines.wrong,
        ...this.errors,
      ],
      alarms: rung(
        this.logged(),
        this.world.lambda.invocations.slice(this.ran),
        this.world.aws.calls.slice(this.asked),
      ),
      unserved: unserved.length,
      jobs: this.jobs.length,
      late: late - lost.length,
      missed: this.missed,
    };
  }

  waiting(): readonly WorkflowJob[] {
    return this.jobs.filter(({ status }) => status !== "completed");
  }

  async until(done: () => boolean, within: number): Promise<void> {
    for (const end = Date.now() + within; !done() && Date.now() < end;) await wait(200);
  }

  /** Since the beginning. */
  private logged(): string {
    return [...this.world.lambda.logs].map(([name, text]) => text.slice(this.told.get(name) ?? 0)).join("\n");
  }

  private every(milliseconds: number, act: () => Promise<unknown>): void {
    const loop = async (): Promise<void> => {
      while (!this.stopped) {
        await act().catch((error: unknown) => this.errors.add(String(error)));
        await wait(milliseconds);
      }
    };
    this.loops.push(loop());
  }

  private addJob(labels: readonly string[], silent = false): WorkflowJob {
    const { actions, nextId } = this.world.github.state;
    const id = nextId.call(this.world.github.state);
    if (silent) this.silent.add(id);
    const job = actions.addJob(actions.addRun(REPOSITORY), labels, { id });
    this.jobs.push(job);
    return job;
  }

  /** To every hook of the organization, and to the App's. */
  private tell(
    action: Status,
    { id, run_id, labels, runner_name, conclusion, created_at }: WorkflowJob,
  ): void {
    if (action === "queued" && this.silent.has(id)) return;
    const payload = workflowJob(action, {
      owner: ORGANIZATION,
      labels,
      id,
      ...(runner_name && { runnerName: runner_name }),
      ...(conclusion && { conclusion: conclusion as "success" }),
    }) as { workflow_job: object; repository: object };
    Object.assign(payload.workflow_job, { run_id, created_at });
    Object.assign(payload.repository, { name: REPOSITORY.split("/")[1], full_name: REPOSITORY });
    const { hooks, deliveries } = this.world.github.state;
    const sendings = [...hooks.entries()]
      .filter(([, { url }]) => url !== "")
      .map(([hook]) => deliveries.send(hook, { event: "workflow_job", action, payload }));
    const all = Promise.all(sendings).then((sent) => {
      if (!sent.some(({ status_code }) => status_code === 202)) this.missed++;
    });
    this.track(all);
  }

  private track(work: Promise<unknown>): void {
    const safe = work.catch((error: unknown) => this.errors.add(String(error)));
    this.work.add(safe);
    void safe.finally(() => this.work.delete(safe));
  }

  /** As GitHub does, to where the hook points now and signed with the secret that it has now. */
  private async carry({ hook, event, payload, guid }: Delivery): Promise<number> {
    const config = this.world.github.state.hooks.get(hook);
    const name = config && (await this.applied.behind(config.url));
    if (!config || !name) return 0;
    const body = JSON.stringify(payload);
    const { payload: answer, failed } = await this.world.lambda.invoke(name, {
      version: "2.0",
      routeKey: "POST /webhook",
      rawPath: "/webhook",
      headers: {
        "content-type": "application/json",
        "user-agent": "GitHub-Hookshot/044aadd",
        "x-github-delivery": guid,
        "x-github-event": event,
        "x-hub-signature-256": sign(body, config.secret ?? ""),
      },
      requestContext: { http: { method: "POST", path: "/webhook", sourceIp: "140.82.115.1" } },
      body,
      isBase64Encoded: false,
    });
    return failed ? 500 : ((answer as APIGatewayProxyStructuredResultV2).statusCode ?? 500);
  }

  /** As the event source mapping does, with the rights of the function that it reads for. */
  private async poll(): Promise<void> {
    for (const { function: name, queue, batchSize, atOnce } of await this.applied.mappings()) {
      if (this.launching >= atOnce) continue;
      const sqs = this.sqs(name);
      const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: queue }));
      const asked = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: Math.min(10, batchSize) });
      const { Messages = [] } = await sqs.send(asked);
      if (Messages.length === 0) continue;
      this.message = Messages.find(({ Body }) => Body?.includes('"queued"'))?.Body ?? this.message;
      const Records = Messages.map(({ MessageId, ReceiptHandle, Body }) => ({
        messageId: MessageId,
        receiptHandle: ReceiptHandle,
        body: Body,
        attributes: { ApproximateReceiveCount: "1" },
        messageAttributes: {},
        eventSource: "aws:sqs",
        eventSourceARN: `arn:aws:sqs:${emulatorRegion}:123456789012:${queue}`,
        awsRegion: emulatorRegion,
      }));
      const launched = this.world.lambda.invoke(name, { Records }).then(async ({ payload, failed }) => {
        const kept = new Set(
          failed
            ? Messages.map(({ MessageId }) => MessageId)
            : (payload as SQSBatchResponse).batchItemFailures.map(({ itemIdentifier }) => itemIdentifier),
        );
        const done = Messages.filter(({ MessageId }) => !kept.has(MessageId));
        const Entries = done.map(({ MessageId, ReceiptHandle }) => ({ Id: MessageId, ReceiptHandle }));
        if (Entries.length > 0) await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
      });
      this.launching++;
      this.track(launched.finally(() => this.launching--));
    }
  }

  /** Changes of parameters, by whomever, reach the rules that are applied: within seconds, as EventBridge says. */
  private async hear(): Promise<void> {
    const calls = this.world.aws.calls.slice(this.heard);
    const answered = calls.findIndex(({ end }) => end === 0);
    const heard = answered < 0 ? calls : calls.slice(0, answered);
    this.heard += heard.length;
    const events = heard
      .filter(({ name, status }) => /^ssm:(Put|Delete)Parameter$/.test(name) && status === 200)
      .map(({ name, body }) => {
        const { Name, Overwrite } = JSON.parse(body) as { Name: string; Overwrite?: boolean };
        return parameterEvent(
          Name,
          name === "ssm:DeleteParameter" ? "Delete" : Overwrite ? "Update" : "Create",
        );
      });
    if (events.length === 0) return;
    const rules = await this.applied.rules();
    for (const event of events)
      for (const { pattern, targets } of rules)
        if (pattern && matches(pattern, event))
          for (const target of targets) this.track(this.world.lambda.invoke(target, event));
  }

  private async sweep(): Promise<void> {
    const rules = await this.applied.rules();
    const sweeps = rules
      .filter(({ schedule }) => schedule)
      .flatMap(({ targets }) => targets)
      .filter((name) => name.endsWith("-sweep"));
    for (const name of new Set(sweeps)) await this.world.lambda.invoke(name, scheduled);
  }
}
