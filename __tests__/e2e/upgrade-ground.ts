/** What the last release made stands in an emulated AWS; the present version goes over it, against a local GitHub. */
import { execFile } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EC2Client } from "@aws-sdk/client-ec2";
import { SQSClient } from "@aws-sdk/client-sqs";
import { SSMClient } from "@aws-sdk/client-ssm";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { makeAppKey } from "../support/app-key";
import { GithubServer } from "../support/github-server";
import { terraformRoutes } from "../support/github-terraform";
import { releasedStack } from "../support/golden";
import { LambdaRuntime } from "../support/lambda-runtime";
import { emulatorCredentials, emulatorRegion, startMoto, type Moto } from "../support/moto";
import { Terraform } from "../support/terraform";

const root = resolve(__dirname, "../..");
const TERRAFORM_TOKEN = "ghp_of_whoever_runs_terraform";
export const ORGANIZATION = "acme";
const APP_ID = "123456";

export class UpgradeGround {
  readonly clients;
  readonly privateKey: string;

  private constructor(
    readonly work: string,
    private readonly moto: Moto,
    readonly github: GithubServer,
    readonly lambda: LambdaRuntime,
    privateKey: string,
  ) {
    this.privateKey = privateKey;
    const config = { endpoint: moto.endpoint, region: emulatorRegion, credentials: emulatorCredentials };
    this.clients = {
      dynamodb: DynamoDBDocumentClient.from(new DynamoDBClient(config)),
      ec2: new EC2Client(config),
      sqs: new SQSClient({ ...config, useQueueUrlAsEndpoint: false }),
      ssm: new SSMClient(config),
    };
  }

  static async start(): Promise<UpgradeGround> {
    const work = mkdtempSync(join(tmpdir(), "upgrade-"));
    const moto = await startMoto();
    const { publicKey, privateKey } = makeAppKey();
    const github = await GithubServer.start({
      app: { id: APP_ID, publicKey, installations: [{ id: 7, owner: ORGANIZATION }] },
      pats: [TERRAFORM_TOKEN],
      routes: terraformRoutes(ORGANIZATION),
    });
    const lambda = await LambdaRuntime.start({
      work: join(work, "lambda"),
      region: emulatorRegion,
      endpoint: moto.endpoint,
      node: process.env.NODE_FOR_LAMBDA,
    });
    return new UpgradeGround(work, moto, github, lambda, privateKey);
  }

  async stop(): Promise<void> {
    for (const one of [this.lambda, this.github, this.moto]) await one.stop();
    rmSync(this.work, { recursive: true, force: true });
  }

  /** The last release, ready to be applied. */
  released(): Promise<Terraform> {
    return Terraform.prepare({
      stack: this.layReleased(join(this.work, "released")),
      work: join(this.work, "terraform"),
      endpoint: this.moto.endpoint,
      notify: { url: `${this.github.url}/terraform`, token: TERRAFORM_TOKEN },
    });
  }

  /** The present version in its place. */
  async upgrade(terraform: Terraform): Promise<void> {
    const out = join(this.work, "present");
    const env = { ...process.env, CDKTF_OUTDIR: out };
    await promisify(execFile)(process.execPath, [join(root, "lib/app/main.js")], { cwd: root, env });
    const stack = join(out, "stacks", "ephemeral-runners");
    this.pointAtGithub(stack, readFileSync(join(stack, "cdk.tf.json"), "utf8"));
    terraform.update(stack);
  }

  /** Takes the functions that are applied now, with their settings. */
  deploy(terraform: Terraform): void {
    const applied = terraform.resources().filter(({ type }) => type === "aws_lambda_function");
    this.lambda.deploy(
      applied.map(({ values }) => ({
        name: String(values.function_name),
        arn: String(values.arn),
        handler: String(values.handler),
        timeout: Number(values.timeout),
        memory: Number(values.memory_size),
        environment: (values.environment as [{ variables: Record<string, string> }])[0].variables,
        zip: join(terraform.work, String(values.filename)),
      })),
    );
  }

  /** The golden file leaves out the functions' code and the user data: any will do, as both change in place. */
  private layReleased(stack: string): string {
    const json = JSON.stringify(releasedStack("reference-app.golden.json")).replaceAll(
      '"USER DATA"',
      JSON.stringify(Buffer.from("#!/bin/sh\n").toString("base64")),
    );
    for (const [, path = ""] of json.matchAll(/"filename":"([^"]+)"/g)) {
      mkdirSync(dirname(join(stack, path)), { recursive: true });
      copyFileSync(join(root, "lib", "bundles", basename(path)), join(stack, path));
    }
    this.pointAtGithub(stack, json);
    return stack;
  }

  /** Of both versions, so that it is no difference between them. */
  private pointAtGithub(stack: string, json: string): void {
    writeFileSync(join(stack, "cdk.tf.json"), json.replaceAll("https://api.github.com", this.github.url));
  }
}
