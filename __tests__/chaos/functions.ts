import { takeNotice, type InterruptionParts } from "../../functions/interruption/interruption";
import { takeMessages, type LaunchParts } from "../../functions/launch/take-messages";
import { parametersOf } from "../../functions/rotate-tokens/read-parameters";
import { rotateTokens, type RotateTokensDeps } from "../../functions/rotate-tokens/rotate-tokens";
import { createLedger } from "../../functions/shared/ledger";
import { createParts, type Clients } from "../../functions/shared/parts";
import type { RotationRequest } from "../../functions/shared/token";
import type { SweepSettings } from "../../functions/shared/contract";
import { createWake } from "../../functions/shared/wake";
import { createSweepParts, type SweepClients, type SweepParts } from "../../functions/sweep/parts";
import { sweep } from "../../functions/sweep/sweep";
import type { WebhookDeps } from "../../functions/webhook/answer-delivery";
import { createSecretStore } from "../../functions/webhook/secret-store";
import { jobSender } from "../../functions/webhook/send-job";
import { INSTALLATION, LEDGER_TABLE } from "../support/fleet-world";
import { asGithubWrites } from "../support/github-time";
import { getLogEvents, invokeFunction, sendMessage } from "./aws-clients";
import { LambdaFunction, type Sandbox } from "./lambda";
import type { Batch } from "./queue";
import { rotateTokensSettings, sweepSettings, webhookSettings } from "./settings";
import { webOf } from "./web";
import type { World } from "./world";

/** Milliseconds after which a function is stopped, as in the constructs. */
const TIME_OUTS = { webhook: 8000, launch: 60_000, sweep: 60_000, rotate: 60_000, interruption: 30_000 };
/** Tries of calls within which a function that is to die does so: about as many as it makes. */
const LAST_CALLS = { webhook: 3, launch: 15, sweep: 80, rotate: 10, interruption: 5 };
/** Lambda's own, for events that nobody waits for. */
const RETRIES_AFTER_MS = [60_000, 120_000];

/** The real verbs with their real parts, over simulated clients. */
export class Functions {
  readonly webhook: LambdaFunction<WebhookDeps>;
  readonly launch: LambdaFunction<LaunchParts>;
  readonly sweep: LambdaFunction<SweepParts>;
  readonly rotate: LambdaFunction<RotateTokensDeps>;
  readonly interruption: LambdaFunction<InterruptionParts>;
  private readonly sweepSettings: SweepSettings;

  constructor(private readonly world: World) {
    this.webhook = this.make("webhook", (sandbox) => this.webhookParts(sandbox));
    const settings = (this.sweepSettings = sweepSettings(world.rules.apps, world.rules.furtherFleets));
    this.launch = this.make("launch", (sandbox) => createParts(settings, this.clients(sandbox)));
    this.sweep = this.make("sweep", (sandbox) => createSweepParts(settings, this.sweepClients(sandbox)));
    this.rotate = this.make("rotate", (sandbox) => this.rotateParts(sandbox));
    this.interruption = this.make("interruption", (sandbox) => this.interruptionParts(sandbox));
  }

  get all(): readonly LambdaFunction<unknown>[] {
    return [this.webhook, this.launch, this.sweep, this.rotate, this.interruption];
  }

  async takeBatch(batch: Batch): Promise<readonly string[]> {
    const { batchItemFailures } = await this.launch.invoke((parts, deadline) =>
      takeMessages(parts, batch, deadline),
    );
    return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
  }

  runSweep(): Promise<void> {
    return this.sweep.invoke((parts, deadline) => sweep(parts, this.sweepSettings, deadline));
  }

  runRotation(request: RotationRequest = {}): Promise<unknown> {
    return this.rotate.invoke((deps) => rotateTokens(deps, request));
  }

  /** EventBridge invokes without waiting, and Lambda repeats twice what fails. */
  async tellInterruption(instanceId: string, announcedAt: number): Promise<void> {
    const notice = {
      // Without fractions: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html
      time: asGithubWrites(announcedAt),
      "detail-type": "EC2 Spot Instance Interruption Warning",
      detail: { "instance-id": instanceId },
    } as Parameters<typeof takeNotice>[1];
    await this.repeated(() => this.interruption.invoke((parts) => takeNotice(parts, notice)));
  }

  async repeated(invoke: () => Promise<unknown>): Promise<void> {
    for (const pause of [...RETRIES_AFTER_MS, undefined]) {
      try {
        await invoke();
        return;
      } catch {
        if (pause !== undefined) await this.world.clock.sleep(pause);
      }
    }
  }

  private make<Parts>(
    name: keyof typeof TIME_OUTS,
    make: (sandbox: Sandbox) => Parts,
  ): LambdaFunction<Parts> {
    const { clock, random, rules } = this.world;
    const limits = { timeoutMs: TIME_OUTS[name], lastCall: LAST_CALLS[name] };
    return new LambdaFunction(clock, random.of(name), rules.lambda, { name, make, ...limits });
  }

  private clients(sandbox: Sandbox): Clients {
    const { clock, database, ec2, parameters, queue, wire } = this.world;
    return {
      documents: database.client((call, run) => wire.send(sandbox, call as never, run)),
      ec2: ec2.client(sandbox, wire),
      readParameters: parametersOf(parameters.client(sandbox, wire)),
      invoke: invokeFunction(sandbox, wire, (request) => this.runRotation(request)),
      wake: createWake(this.sweepSettings.queueUrl, sendMessage(sandbox, wire, queue)),
      fetch: webOf(this.world, sandbox),
      now: () => clock.now,
    };
  }

  private sweepClients(sandbox: Sandbox): SweepClients {
    const { logs, wire } = this.world;
    return { ...this.clients(sandbox), getLogEvents: getLogEvents(sandbox, wire, logs) };
  }

  private webhookParts(sandbox: Sandbox): WebhookDeps {
    const { clock, parameters, queue, wire } = this.world;
    const now = (): number => clock.now;
    const settings = webhookSettings(this.world.rules.furtherFleets);
    const { secretParameter, queueUrl } = settings;
    const read = (): Promise<string | undefined> =>
      wire.send(sandbox, "GetParameters of the webhook", () => parameters.values.get(secretParameter));
    return {
      settings,
      store: createSecretStore(read, now),
      send: jobSender(queueUrl, sendMessage(sandbox, wire, queue)),
      now,
    };
  }

  private rotateParts(sandbox: Sandbox): RotateTokensDeps {
    const { parameters, wire } = this.world;
    const { now, fetch } = this.clients(sandbox);
    return {
      ssm: parameters.client(sandbox, wire),
      now,
      fetch,
      settings: rotateTokensSettings(this.world.rules.apps),
    };
  }

  private interruptionParts(sandbox: Sandbox): InterruptionParts {
    const { documents, now, wake } = this.clients(sandbox);
    const ledger = createLedger({
      client: documents,
      table: LEDGER_TABLE,
      handoffTable: "",
      installation: INSTALLATION,
      now,
    });
    return { installation: INSTALLATION, fleets: this.sweepSettings.fleets, ledger, wake };
  }
}
