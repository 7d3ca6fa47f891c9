/** An installation under keys: an emulated AWS that refuses what AWS refuses, a local GitHub, and every role at work while it is changed. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { App, TerraformStack, Testing } from "cdktf";
import { EphemeralRunners, type EphemeralRunnersProps } from "../../constructs/ephemeral-runners";
import { GithubConnection } from "../../constructs/github-connection";
import { RunnerGroup } from "../../constructs/runner-group";
import type { RotateTokensSettings, SweepSettings } from "../../functions/shared/contract";
import { makeAppKey } from "../support/app-key";
import { emulatedKeys, type Key, type KeyedThings } from "../support/emulated-keys";
import { GithubServer } from "../support/github-server";
import { keyGuard, type KeyGuard } from "../support/key-guard";
import { emulatorCredentials, emulatorRegion, startMoto, type Moto } from "../support/moto";
import { describeAwsCall, startProxy, type Proxy } from "../support/proxy";
import { Terraform } from "../support/terraform";
import {
  handOver,
  rotate,
  secretsOf,
  sendJob,
  takeRegistration,
  useEverything,
  waitingJobs,
  type Failures,
  type Traffic,
} from "./key-traffic";

const PREFIX = "acme";
const FLEET = "linux";
const SECRETS = ["installation-token", "webhook-secret"].map((name) => `/${PREFIX}/github/${name}`);

/** What the team stores itself. */
export const CREDENTIAL = "/team/github-app-key";
export const [A, B] = ["aaaaaaaa", "bbbbbbbb"].map(
  (id) => `arn:aws:kms:${emulatorRegion}:123456789012:key/${id}`,
) as [string, string];

/** The provider waits for half a minute for each change of a table's key, and of a queue's. */
export const MINUTES = 10 * 60_000;

export type Keys = Pick<EphemeralRunnersProps, "kmsKeyArn" | "furtherKmsKeyArn">;

export interface Applied {
  /** Of the roles, while the apply ran. */
  readonly failures: Failures;
  readonly refusals: readonly string[];
}

export const NOTHING_REFUSED: Applied = { failures: [], refusals: [] };

interface Ground {
  readonly work: string;
  readonly moto: Moto;
  readonly aws: Proxy;
  readonly guard: KeyGuard;
  readonly github: GithubServer;
}

export class KeyWorld {
  private jobs = 0;
  private stacks = 0;
  private readonly things: KeyedThings;
  private terraform!: Terraform;

  private constructor(private readonly ground: Ground) {
    this.things = emulatedKeys(ground.moto.endpoint);
  }

  /** Applied with these keys, and with the tokens that the first run of the rotation makes. */
  static async start(keys: Keys): Promise<KeyWorld> {
    const world = new KeyWorld(await layGround());
    const { work, aws } = world.ground;
    const stack = world.synth(keys);
    world.terraform = await Terraform.prepare({ stack, work: join(work, "terraform"), endpoint: aws.url });
    await world.terraform.apply();
    await rotate(world.functionsNow());
    return world;
  }

  async stop(): Promise<void> {
    const { work, moto, aws, github } = this.ground;
    for (const one of [aws, github, moto]) await one.stop();
    rmSync(work, { recursive: true, force: true });
  }

  /** The functions as they are applied now: while another apply runs, its state cannot be read. */
  functionsNow(): Traffic {
    return {
      url: this.ground.aws.url,
      prefix: PREFIX,
      fleet: FLEET,
      rotation: this.settings<RotateTokensSettings>("rotate-tokens"),
      sweep: this.settings<SweepSettings>("sweep"),
    };
  }

  /** Under which keys things lie: the two tables, the queue, and the parameters with secrets. */
  async keysNow(): Promise<readonly Key[]> {
    const { ledgerTable, handoffTable, queueUrl } = this.settings<SweepSettings>("sweep");
    const parameters = await this.things.parameters(SECRETS);
    return [
      await this.things.table(ledgerTable),
      await this.things.table(handoffTable),
      await this.things.queue(queueUrl),
      ...SECRETS.map((name) => parameters.get(name)),
    ];
  }

  /** Those that there are, of the parameters with secrets and what the team stores. */
  async parametersNow(): Promise<readonly string[]> {
    return [...(await this.things.parameters([...SECRETS, CREDENTIAL])).keys()];
  }

  /** What AWS was asked to do with the keys of tables, each with the status of the answer. */
  get tableChanges(): readonly unknown[] {
    return this.ground.aws.calls
      .filter(({ name, body }) => name === "dynamodb:UpdateTable" && body.includes("SSESpecification"))
      .map(({ body, status }) => [
        (JSON.parse(body) as { SSESpecification: object }).SSESpecification,
        status,
      ]);
  }

  plan() {
    return this.terraform.plan();
  }

  destroy(): Promise<void> {
    return this.terraform.destroy();
  }

  /**
   * Applies, with every role at work meanwhile, and with a job and a registration that were there before. Afterwards all of it
   * is there, every role works, and the next plan is empty.
   */
  async applyAtWork(keys: Keys): Promise<Applied> {
    const { guard } = this.ground;
    const before = this.functionsNow();
    const [job, instance] = [++this.jobs, `AROA:i-${this.jobs}`];
    await sendJob(before, job);
    await handOver(before, instance);
    const secrets = await secretsOf(before);
    guard.refusals.length = 0;
    const failures = await this.workWhile(before, keys);
    const refusals = [...new Set(guard.refusals.splice(0))];
    const after = this.functionsNow();
    // Its rule runs it where the settings change; here nothing does.
    await rotate(after);

    expect(await useEverything(after)).toEqual([]);
    expect(await waitingJobs(after)).toContain(job);
    expect(await takeRegistration(after, instance)).toBe(true);
    expect(await secretsOf(after)).toEqual(secrets);
    expect(await this.plan()).toEqual([]);
    return { failures, refusals };
  }

  private async workWhile(traffic: Traffic, keys: Keys): Promise<Failures> {
    let running = true;
    this.terraform.update(this.synth(keys));
    const done = this.terraform.apply().finally(() => (running = false));
    const failures = new Set<string>();
    while (running) for (const failure of await useEverything(traffic)) failures.add(failure);
    await done;
    return [...failures];
  }

  private settings<T>(bundle: string): T {
    const one = this.terraform
      .resources()
      .find(
        ({ type, values }) =>
          type === "aws_lambda_function" && values.function_name === `${PREFIX}-${bundle}`,
      );
    const [{ variables }] = one!.values.environment as [{ variables: { SETTINGS: string } }];
    return JSON.parse(variables.SETTINGS) as T;
  }

  private synth(keys: Keys): string {
    const { work, github } = this.ground;
    const outdir = join(work, `out-${++this.stacks}`);
    const app = Testing.stubVersion(new App({ outdir, stackTraces: false }));
    const stack = new TerraformStack(app, "keys");
    new AwsProvider(stack, "Aws", { region: emulatorRegion });
    new EphemeralRunners(stack, "Runners", {
      prefix: PREFIX,
      github: GithubConnection.app({
        ...{ org: "acme", appId: "123", privateKeyParameter: CREDENTIAL },
        baseUrl: github.url,
      }),
      fleets: [{ name: FLEET, labels: [FLEET], imageId: "ami-0123456789abcdef0" }],
      webhook: "app",
      runnerGroup: RunnerGroup.fromId("7"),
      network: { existing: { subnetIds: ["subnet-1"], securityGroupIds: ["sg-1"] } },
      ...keys,
    });
    app.synth();
    return join(outdir, "stacks", "keys");
  }
}

const layGround = async (): Promise<Ground> => {
  const work = mkdtempSync(join(tmpdir(), "keys-"));
  const { publicKey, privateKey } = makeAppKey();
  const moto = await startMoto();
  const guard = keyGuard(emulatedKeys(moto.endpoint));
  const aws = await startProxy(moto.endpoint, describeAwsCall);
  aws.intercept = guard.intercept;
  const installations = [{ id: 7, owner: "acme" }];
  const github = await GithubServer.start({ app: { id: "123", publicKey, installations } });
  github.state.hooks.set("app", { url: "", content_type: "json", insecure_ssl: "0" });
  const config = { endpoint: moto.endpoint, region: emulatorRegion, credentials: emulatorCredentials };
  await new SSMClient(config).send(
    new PutParameterCommand({ Name: CREDENTIAL, Value: privateKey, Type: "SecureString" }),
  );
  return { work, moto, aws, guard, github };
};
