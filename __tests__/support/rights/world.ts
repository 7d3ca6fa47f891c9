/** The functions of an installation, in memory, on the settings that it gives them; every call to AWS is kept. */
import { EC2Client } from "@aws-sdk/client-ec2";
import { SSMClient } from "@aws-sdk/client-ssm";
import { takeNotice, type Notice } from "../../../functions/interruption/interruption";
import { takeMessages } from "../../../functions/launch/take-messages";
import { parametersOf } from "../../../functions/rotate-tokens/read-parameters";
import { parseRequest } from "../../../functions/rotate-tokens/request";
import { rotateTokens } from "../../../functions/rotate-tokens/rotate-tokens";
import {
  HANDOFF,
  LEDGER,
  UNSET,
  type InterruptionSettings,
  type LaunchSettings,
  type RotateTokensSettings,
  type SweepSettings,
  type WebhookSettings,
} from "../../../functions/shared/contract";
import { createLedger } from "../../../functions/shared/ledger";
import { createParts, type Clients } from "../../../functions/shared/parts";
import { createWake } from "../../../functions/shared/wake";
import { createSweepParts, type SweepClients } from "../../../functions/sweep/parts";
import { sweep } from "../../../functions/sweep/sweep";
import { wholeSettings } from "../../../functions/shared/whole-settings";
import { answerRequest } from "../../../functions/webhook/answer-request";
import { parameterReader } from "../../../functions/webhook/read-parameter";
import { createSecretStore } from "../../../functions/webhook/secret-store";
import { jobSender } from "../../../functions/webhook/send-job";
import { makeAppKey } from "../app-key";
import { InMemoryDynamoDb } from "../dynamodb";
import { START } from "../fleet-world";
import { Github } from "../github-core";
import type { Call } from "../proxy";
import type { Resource } from "../terraform";
import { sign } from "../workflow-job";
import { callOf } from "./implied";
import { ofType, settingsOf, wholeSettingsOf } from "./installation";
import { MemoryEc2 } from "./memory-ec2";

export const MINUTE = 60_000;
const PAT = "ghp_1";
const key = makeAppKey();

interface Command {
  readonly input: object;
  readonly constructor: { readonly name: string };
}

type Answers = Readonly<Record<string, (input: never) => unknown>>;

export class RightsWorld {
  readonly calls: Call[] = [];
  readonly parameters = new Map<string, string>();
  readonly queue: string[] = [];
  readonly ec2 = new MemoryEc2(() => this.time);
  readonly github: Github;
  time = START;
  readonly settings;
  private readonly database: InMemoryDynamoDb;

  constructor(private readonly resources: readonly Resource[]) {
    const of = <T>(bundle: string): T => wholeSettingsOf<T>(resources, bundle);
    this.settings = {
      webhook: of<WebhookSettings>("webhook"),
      launch: of<LaunchSettings>("launch"),
      sweep: of<SweepSettings>("sweep"),
      rotate: of<RotateTokensSettings>("rotate-tokens"),
      interruption: of<InterruptionSettings>("interruption"),
    };
    const { ledgerTable, handoffTable, github } = this.settings.launch;
    this.database = new InMemoryDynamoDb({
      [ledgerTable]: {
        keys: [LEDGER.partitionKey, LEDGER.sortKey],
        indexes: { [LEDGER.openIndex]: LEDGER.openKey },
      },
      [handoffTable]: { keys: [HANDOFF.partitionKey] },
    });
    const apps = this.apps.map(({ appId }, index) => ({
      ...{ id: appId, publicKey: key.publicKey },
      installations: [{ id: 7 + index, owner: github.owner }],
    }));
    this.github = new Github({ apps, pats: [PAT], now: () => this.time });
    this.storeParameters();
  }

  /** The function's own role. */
  roleOf(bundle: keyof typeof this.settings): string {
    return `${this.settings.launch.installation}-${bundle === "rotate" ? "rotate-tokens" : bundle}`;
  }

  /** A delivery of GitHub; its message, if it makes one, stands in the queue. */
  async deliver(payload: object): Promise<unknown> {
    const role = this.roleOf("webhook");
    const settings = settingsOf<WebhookSettings>(this.resources, "webhook");
    const body = JSON.stringify(payload);
    const secrets = JSON.parse(this.parameters.get(settings.secretParameter) ?? "{}") as { current?: string };
    const get = (input: object) =>
      Promise.resolve(this.record(role, "ssm", "GetParameters", input, this.ssm));
    return answerRequest(
      {
        headers: {
          "content-type": "application/json",
          "x-github-event": "workflow_job",
          "x-hub-signature-256": sign(body, secrets.current ?? ""),
        },
        body,
      },
      async () => ({
        settings: await wholeSettings(settings, get as never)(),
        store: createSecretStore(parameterReader(settings.secretParameter, get as never), () => this.time),
        send: jobSender(settings.queueUrl, this.sendMessage(role)),
        now: () => this.time,
      }),
    );
  }

  /** All that stands in the queue, to a cold function. */
  async launch(): Promise<void> {
    const records = this.queue.splice(0).map((body, index) => ({ messageId: `${index}`, body }));
    const parts = createParts(this.settings.launch, this.clients("launch"));
    await takeMessages(parts, records, this.time + MINUTE);
  }

  async sweep(): Promise<void> {
    const clients = this.sweepClients();
    const settings = await wholeSettings(
      settingsOf<SweepSettings>(this.resources, "sweep"),
      clients.readParameters,
    )();
    await sweep(createSweepParts(settings, clients), settings, this.time + MINUTE);
  }

  rotate(request: unknown = {}): Promise<unknown> {
    const { now, fetch } = this.clients("rotate");
    const ssm = this.parameterStore(this.roleOf("rotate"));
    return rotateTokens({ ssm, now, fetch, settings: this.settings.rotate }, parseRequest(request));
  }

  async interrupt(instanceId: string): Promise<void> {
    const { installation, fleets, ledgerTable: table } = this.settings.interruption;
    const { documents: client, wake, now } = this.clients("interruption");
    const ledger = createLedger({ client, table, handoffTable: "none", installation, now });
    await takeNotice({ installation, fleets, ledger, wake }, {
      time: new Date(this.time).toISOString(),
      "detail-type": "EC2 Spot Instance Interruption Warning",
      detail: { "instance-id": instanceId },
    } as Notice);
  }

  private get apps(): readonly { readonly appId: string; readonly privateKeyParameter: string }[] {
    const { credential, furtherApps = [] } = this.settings.rotate;
    return [...(credential.kind === "app" ? [credential] : []), ...furtherApps];
  }

  /** As after an apply, with what the team stores itself. */
  private storeParameters(): void {
    const { credential, webhook } = this.settings.rotate;
    for (const { name, insecure_value: value } of ofType(this.resources, "aws_ssm_parameter"))
      this.parameters.set(String(name), typeof value === "string" ? value : UNSET);
    for (const { privateKeyParameter } of this.apps) this.parameters.set(privateKeyParameter, key.privateKey);
    if (credential.kind === "token") this.parameters.set(credential.tokenParameter, PAT);
    if (!webhook) this.parameters.set(this.settings.webhook.secretParameter, '{"current":"by hand"}');
    const { owner, repository } = this.settings.launch.github;
    const config = { url: "", content_type: "json", insecure_ssl: "0" };
    const hook = `hooks/${webhook?.hookId}`;
    for (const path of [`orgs/${owner}/${hook}`, `repos/${owner}/${repository}/${hook}`, "app"])
      this.github.state.hooks.set(path, config);
  }

  private clients(bundle: keyof typeof this.settings): Clients {
    const role = this.roleOf(bundle);
    const answer = this.database.client();
    return {
      documents: (name, input) => {
        this.calls.push(callOf(role, `dynamodb:${name}`, input));
        return answer(name, input);
      },
      ec2: Object.assign(new EC2Client({}), { send: this.sender(role, "ec2", this.ec2.calls) }),
      readParameters: parametersOf(this.parameterStore(role)),
      invoke: async (functionName, payload) => {
        this.calls.push(callOf(role, "lambda:Invoke", { FunctionName: functionName }));
        return { payload: JSON.stringify(await this.rotate(JSON.parse(payload))) };
      },
      wake: createWake(this.settings.launch.queueUrl, this.sendMessage(role)),
      fetch: this.github.fetch,
      now: () => this.time,
    };
  }

  private sweepClients(): SweepClients {
    return {
      ...this.clients("sweep"),
      getLogEvents: (input) => {
        this.calls.push(callOf(this.roleOf("sweep"), "logs:GetLogEvents", input));
        return Promise.resolve({ events: [] });
      },
    };
  }

  private parameterStore(role: string): SSMClient {
    return Object.assign(new SSMClient({}), { send: this.sender(role, "ssm", this.ssm) });
  }

  private sender(role: string, service: string, answers: Answers) {
    return ({ input, constructor: { name } }: Command) =>
      Promise.resolve().then(() => this.record(role, service, name.replace(/Command$/, ""), input, answers));
  }

  private record(role: string, service: string, name: string, input: object, answers: Answers): unknown {
    const run = answers[name];
    if (!run) throw new Error(`${name} is not known here.`);
    this.calls.push(callOf(role, `${service}:${name}`, input));
    return run(input as never);
  }

  private sendMessage(role: string) {
    return (input: object): Promise<Record<string, unknown>> => {
      this.calls.push(callOf(role, "sqs:SendMessage", input));
      this.queue.push((input as { MessageBody: string }).MessageBody);
      return Promise.resolve({});
    };
  }

  private readonly ssm: Answers = {
    GetParameters: ({ Names }: { Names: string[] }) => ({
      Parameters: Names.flatMap((Name) =>
        this.parameters.has(Name) ? [{ Name, Value: this.parameters.get(Name) }] : [],
      ),
    }),
    PutParameter: ({ Name, Value }: { Name: string; Value: string }) => this.parameters.set(Name, Value),
    AddTagsToResource: () => ({}),
  };
}
