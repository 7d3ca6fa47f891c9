/** The reference app, applied: an emulated AWS, a local GitHub, the bundled functions, and what happens between them. */
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EC2Client } from "@aws-sdk/client-ec2";
import { GetFunctionConfigurationCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { SQSClient } from "@aws-sdk/client-sqs";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { createApp } from "../../main";
import { makeAppKey } from "../support/app-key";
import { GithubServer } from "../support/github-server";
import type { HookConfig } from "../support/github-state";
import { terraformRoutes } from "../support/github-terraform";
import type { LambdaFunction } from "../support/lambda-process";
import { LambdaRuntime, type InvocationResult } from "../support/lambda-runtime";
import { emulatorCredentials, emulatorRegion, startMoto, type Moto } from "../support/moto";
import { describeAwsCall, describeGithubCall, startProxy, type Proxy } from "../support/proxy";
import { Terraform } from "../support/terraform";
import { Figures, type Measured } from "./figures";

export const ORGANIZATION = "octo-org";
export const PREFIX = "e2e";
export const FLEET = { name: "linux-x64", labels: ["self-hosted", "linux", "x64"] };
export const PRIVATE_KEY_PARAMETER = "/octo-org/github-app-key";
const APP_ID = "4711";
const STACK = "ephemeral-runners";
/** All that the reference app may have at GitHub, whatever it begins with. */
const GITHUB_TYPES = [
  "github_actions_runner_group",
  "github_organization_webhook",
  "github_repository_webhook",
];
const TERRAFORM_TOKEN = "ghp_of_whoever_runs_terraform";
const root = resolve(__dirname, "../..");

/** What stands before anything is applied. */
interface Ground {
  /** Folder of this run; removed at its end. */
  readonly work: string;
  readonly moto: Moto;
  readonly aws: Proxy;
  readonly github: GithubServer;
  readonly githubProxy: Proxy;
  readonly lambda: LambdaRuntime;
  readonly privateKey: string;
  readonly destroyedAtGithub: readonly string[];
  readonly clock: { ahead: number };
}

export interface WorldOptions {
  /** The context of cdktf.json. Default: {@link referenceContext} */
  readonly context?: (githubUrl: string) => Record<string, unknown>;
  /** Further Apps at GitHub, by id, which are installed at the organization too. */
  readonly apps?: readonly string[];
}

export class World {
  readonly clients;
  readonly figures = new Figures();
  readonly aws: Proxy;
  readonly github: GithubServer;
  readonly githubProxy: Proxy;
  readonly lambda: LambdaRuntime;
  readonly work: string;

  private constructor(
    private readonly ground: Ground,
    readonly terraform: Terraform,
  ) {
    ({
      aws: this.aws,
      github: this.github,
      githubProxy: this.githubProxy,
      lambda: this.lambda,
      work: this.work,
    } = ground);
    const { endpoint } = ground.moto;
    const config = { endpoint, region: emulatorRegion, credentials: emulatorCredentials };
    this.clients = {
      dynamodb: DynamoDBDocumentClient.from(new DynamoDBClient(config)),
      ec2: new EC2Client(config),
      lambda: new LambdaClient(config),
      sqs: new SQSClient({ ...config, useQueueUrlAsEndpoint: false }),
      ssm: new SSMClient(config),
    };
  }

  /** Everything stands, nothing is applied. */
  static async start({ context, apps = [] }: WorldOptions = {}): Promise<World> {
    const ground = await layGround(apps);
    const { url } = ground.githubProxy;
    try {
      const terraform = await Terraform.prepare({
        stack: await synthesize(ground, context?.(url) ?? referenceContext(url)),
        work: join(ground.work, "terraform"),
        endpoint: ground.aws.url,
        notify: { url: `${ground.github.url}/terraform`, token: TERRAFORM_TOKEN },
        githubTypes: GITHUB_TYPES,
        served: true,
      });
      return new World(ground, terraform);
    } catch (error) {
      await clear(ground);
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.terraform.stop();
    await clear(this.ground);
  }

  /** Another version of the stack, for the next plan or apply. Answers with the names of all stacks. */
  lay(context: Record<string, unknown>): readonly string[] {
    const outdir = join(this.work, `cdktf.out.${++this.laid}`);
    createApp(context, outdir).synth();
    const stacks = readdirSync(join(outdir, "stacks"));
    if (stacks.includes(STACK)) this.terraform.update(join(outdir, "stacks", STACK), { ownRegion: true });
    rmSync(outdir, { recursive: true });
    return stacks;
  }

  private laid = 0;

  /** Takes the functions that are applied now, with their settings. */
  async deploy(): Promise<void> {
    const applied = this.terraform.resources().filter(({ type }) => type === "aws_lambda_function");
    const functions = applied.map(async ({ values }): Promise<LambdaFunction> => {
      const FunctionName = String(values.function_name);
      const found = await this.clients.lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
      return {
        name: FunctionName,
        arn: found.FunctionArn ?? "",
        handler: found.Handler ?? "",
        timeout: found.Timeout ?? 3,
        memory: found.MemorySize ?? 128,
        environment: found.Environment?.Variables ?? {},
        zip: join(this.terraform.work, String(values.filename)),
      };
    });
    this.lambda.deploy(await Promise.all(functions));
  }

  /** The settings that the function reads. */
  settings<T>(bundle: string): T {
    const found = this.resource("aws_lambda_function", `${PREFIX}-${bundle}`, "function_name");
    const [{ variables }] = found.environment as [{ variables: { SETTINGS: string } }];
    return JSON.parse(variables.SETTINGS) as T;
  }

  /** One resource out of the state, by the value of an argument. */
  resource(type: string, value: string, argument = "name"): Readonly<Record<string, unknown>> {
    const found = this.terraform
      .resources()
      .filter((one) => one.type === type && one.values[argument] === value);
    if (found.length !== 1)
      throw new Error(`There are ${found.length} ${type} whose ${argument} is ${value}.`);
    return found[0]!.values;
  }

  invoke(bundle: string, event: unknown): Promise<InvocationResult> {
    return this.lambda.invoke(`${PREFIX}-${bundle}`, event);
  }

  /** The user's own step. Returns what was stored. */
  async storePrivateKey(Name = PRIVATE_KEY_PARAMETER): Promise<string> {
    await this.clients.ssm.send(
      new PutParameterCommand({
        Name,
        Value: this.ground.privateKey,
        Type: "SecureString",
        Overwrite: true,
      }),
    );
    return this.ground.privateKey;
  }

  /** Milliseconds by which GitHub's clock and that of the functions are ahead of this one. */
  get clock(): { ahead: number } {
    return this.ground.clock;
  }

  /** Address of the emulator itself, which notes no calls. */
  get moto(): string {
    return this.ground.moto.endpoint;
  }

  /** Types of what Terraform has destroyed at GitHub, in its order. */
  get destroyedAtGithub(): readonly string[] {
    return this.ground.destroyedAtGithub;
  }

  /** The webhook as GitHub has it. */
  get hook(): HookConfig | undefined {
    return [...this.github.state.hooks.values()][0];
  }

  /** What the functions asked of AWS and GitHub while `work` ran. */
  async callsOf<T>(work: () => Promise<T>): Promise<Measured & { result: T }> {
    const [fromAws, fromGithub, start] = [this.aws.calls.length, this.githubProxy.calls.length, Date.now()];
    const result = await work();
    await this.lambda.settle();
    return {
      result,
      aws: this.aws.calls.slice(fromAws).filter(({ caller }) => caller.startsWith(`${PREFIX}-`)),
      github: this.githubProxy.calls.slice(fromGithub),
      milliseconds: Date.now() - start,
    };
  }
}

const layGround = async (apps: readonly string[]): Promise<Ground> => {
  const work = mkdtempSync(join(tmpdir(), "e2e-"));
  const moto = await startMoto();
  const { publicKey, privateKey } = makeAppKey();
  const destroyedAtGithub: string[] = [];
  const app = (id: string, installation: number) => ({
    id,
    publicKey,
    installations: [{ id: installation, owner: ORGANIZATION }],
  });
  const clock = { ahead: 0 };
  const github = await GithubServer.start({
    now: () => Date.now() + clock.ahead,
    app: app(APP_ID, 7),
    apps: apps.map((id, index) => app(id, 8 + index)),
    pats: [TERRAFORM_TOKEN],
    routes: terraformRoutes(ORGANIZATION, (type) => destroyedAtGithub.push(type)),
  });
  const aws = await startProxy(moto.endpoint, describeAwsCall);
  const githubProxy = await startProxy(github.url, describeGithubCall);
  const lambda = await LambdaRuntime.start({
    work: join(work, "lambda"),
    region: emulatorRegion,
    endpoint: aws.url,
    node: process.env.NODE_FOR_LAMBDA,
    clock,
  });
  return { work, moto, aws, github, githubProxy, lambda, privateKey, destroyedAtGithub, clock };
};

const clear = async ({ work, moto, aws, github, githubProxy, lambda }: Ground): Promise<void> => {
  for (const one of [lambda, aws, githubProxy, github, moto]) await one.stop();
  rmSync(work, { recursive: true, force: true });
};

/** What a team begins with. */
export const referenceContext = (githubUrl: string) => ({
  region: emulatorRegion,
  runners: {
    github: {
      org: ORGANIZATION,
      appId: APP_ID,
      privateKeyParameter: PRIVATE_KEY_PARAMETER,
      baseUrl: githubUrl,
    },
    fleets: [FLEET],
    prefix: PREFIX,
  },
});

/** As a team does it: the built reference app, with the team's own context. Answers with the stack's folder. */
const synthesize = async ({ work }: Ground, context: Record<string, unknown>): Promise<string> => {
  const out = join(work, "cdktf.out");
  const env = { ...process.env, CDKTF_OUTDIR: out, CDKTF_CONTEXT_JSON: JSON.stringify(context) };
  await promisify(execFile)(process.execPath, [join(root, "lib/app/main.js")], { cwd: root, env });
  return join(out, "stacks", STACK);
};
