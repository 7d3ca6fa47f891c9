/** A customer's key comes, changes and goes, with content under it and functions at work: by the real terraform, with what AWS refuses. */
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
import { emulatedKeys } from "../support/emulated-keys";
import { GithubServer } from "../support/github-server";
import { keyGuard, type KeyGuard } from "../support/key-guard";
import { emulatorCredentials, emulatorRegion, startMoto, type Moto } from "../support/moto";
import { describeAwsCall, startProxy, type Proxy } from "../support/proxy";
import { Terraform } from "../support/terraform";
import { handOver, rotate, secretsOf, sendJob, takeJobs, takeRegistration, useEverything, waitingJobs, type Traffic } from "./key-traffic";

const PREFIX = "acme";
const FLEET = "linux";
const CREDENTIAL = "/team/github-app-key";
const A = "arn:aws:kms:eu-central-1:123456789012:key/aaaaaaaa";
const B = "arn:aws:kms:eu-central-1:123456789012:key/bbbbbbbb";

const appKey = makeAppKey();
const work = mkdtempSync(join(tmpdir(), "keys-"));
let moto: Moto;
let aws: Proxy;
let guard: KeyGuard;
let github: GithubServer;
let terraform: Terraform;
let ssm: SSMClient;
let stacks = 0;

type Keys = Pick<EphemeralRunnersProps, "kmsKeyArn">;

const synth = (keys: Keys): string => {
  const app = Testing.stubVersion(new App({ outdir: join(work, `out-${++stacks}`), stackTraces: false }));
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
  return join(app.outdir, "stacks", "keys");
};

const settingsOf = <T>(bundle: string): T => {
  const one = terraform
    .resources()
    .find(({ type, values }) => type === "aws_lambda_function" && values.function_name === `${PREFIX}-${bundle}`)!;
  const [{ variables }] = one.values.environment as [{ variables: { SETTINGS: string } }];
  return JSON.parse(variables.SETTINGS) as T;
};

const traffic: Traffic = {
  get url() {
    return aws.url;
  },
  prefix: PREFIX,
  fleet: FLEET,
  rotation: () => settingsOf<RotateTokensSettings>("rotate-tokens"),
  sweep: () => settingsOf<SweepSettings>("sweep"),
};

const apply = async (keys: Keys): Promise<void> => {
  terraform.update(synth(keys));
  await terraform.apply();
};

beforeAll(async () => {
  moto = await startMoto();
  guard = keyGuard(emulatedKeys(moto.endpoint));
  aws = await startProxy(moto.endpoint, describeAwsCall);
  aws.intercept = guard.intercept;
  github = await GithubServer.start({ app: { id: "123", publicKey: appKey.publicKey, installations: [{ id: 7, owner: "acme" }] } });
  github.state.hooks.set("app", { url: "", content_type: "json", insecure_ssl: "0" });
  ssm = new SSMClient({ endpoint: moto.endpoint, region: emulatorRegion, credentials: emulatorCredentials });
  await ssm.send(new PutParameterCommand({ Name: CREDENTIAL, Value: appKey.privateKey, Type: "SecureString" }));
  terraform = await Terraform.prepare({ stack: synth({}), work: join(work, "terraform"), endpoint: aws.url });
  await terraform.apply();
  await rotate(traffic);
});

const timed = performance.now();
afterAll(async () => {
  console.log(timed);
  await aws.stop();
  await github.stop();
  await moto.stop();
  rmSync(work, { recursive: true, force: true });
});

it("TRIAL without a key", async () => {
  expect(await useEverything(traffic)).toEqual([]);
  expect(await terraform.plan()).toEqual([]);
});
it("TRIAL adds", async () => {
  await sendJob(traffic, 1);
  await handOver(traffic, "AROA:i-1");
  await apply({ kmsKeyArn: A }).catch((e) => console.log(String(e)));
  console.log(await terraform.plan());
  console.log(await useEverything(traffic), guard.refusals);
  expect(0).toBe(0);
});
it("TRIAL changes", async () => {
  await apply({ kmsKeyArn: B }).catch((e) => console.log(String(e)));
  console.log(await terraform.plan());
  console.log(await useEverything(traffic), guard.refusals.splice(0));
});
it("TRIAL removes", async () => {
  await apply({ }).catch((e) => console.log(String(e)));
  console.log(await terraform.plan());
  console.log(await useEverything(traffic), guard.refusals.splice(0));
});
void [secretsOf, takeJobs, takeRegistration, waitingJobs];
