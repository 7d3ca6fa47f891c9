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
import {
  handOver,
  rotate,
  secretsOf,
  sendJob,
  takeRegistration,
  useEverything,
  waitingJobs,
  type Traffic,
} from "./key-traffic";

const PREFIX = "acme";
const FLEET = "linux";
const CREDENTIAL = "/team/github-app-key";
const A = "arn:aws:kms:eu-central-1:123456789012:key/aaaaaaaa";
const B = "arn:aws:kms:eu-central-1:123456789012:key/bbbbbbbb";

/** Each change of a table's key takes the provider half a minute, of a queue's as long. */
const MINUTES = 10 * 60_000;

const appKey = makeAppKey();
const work = mkdtempSync(join(tmpdir(), "keys-"));
let moto: Moto;
let aws: Proxy;
let guard: KeyGuard;
let github: GithubServer;
let terraform: Terraform;
let ssm: SSMClient;
let stacks = 0;

type Keys = Pick<EphemeralRunnersProps, "kmsKeyArn" | "furtherKmsKeyArn">;

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
    .find(
      ({ type, values }) => type === "aws_lambda_function" && values.function_name === `${PREFIX}-${bundle}`,
    )!;
  const [{ variables }] = one.values.environment as [{ variables: { SETTINGS: string } }];
  return JSON.parse(variables.SETTINGS) as T;
};

/** The functions as they are applied now: while another apply runs, its state cannot be read. */
const functionsNow = (): Traffic => ({
  url: aws.url,
  prefix: PREFIX,
  fleet: FLEET,
  rotation: settingsOf<RotateTokensSettings>("rotate-tokens"),
  sweep: settingsOf<SweepSettings>("sweep"),
});

const PARAMETERS = ["installation-token", "webhook-secret"].map((name) => `/${PREFIX}/github/${name}`);

/** Under which keys things lie: the two tables, the queue, and the parameters with secrets. */
const keysNow = async (): Promise<readonly (string | undefined)[]> => {
  const things = emulatedKeys(moto.endpoint);
  const { ledgerTable, handoffTable, queueUrl } = settingsOf<SweepSettings>("sweep");
  const parameters = await things.parameters(PARAMETERS);
  return [
    await things.table(ledgerTable),
    await things.table(handoffTable),
    await things.queue(queueUrl),
    ...PARAMETERS.map((name) => parameters.get(name)),
  ];
};

interface Applied {
  /** Of the roles, while the apply ran. */
  readonly failures: readonly string[];
  readonly refusals: readonly string[];
  /** Milliseconds from the first of them to the last. */
  readonly gap: number;
}

let jobs = 0;

/** Applies, with every role at work meanwhile, and with a job and a registration that were there before; nothing of them is lost. */
const applyAtWork = async (keys: Keys): Promise<Applied> => {
  const before = functionsNow();
  const [job, instance] = [++jobs, `AROA:i-${jobs}`];
  await sendJob(before, job);
  await handOver(before, instance);
  const secrets = await secretsOf(before);
  guard.refusals.length = 0;
  let running = true;
  terraform.update(synth(keys));
  const done = terraform.apply().finally(() => (running = false));
  const failed: { readonly at: number; readonly what: string }[] = [];
  while (running) {
    for (const what of await useEverything(before)) failed.push({ at: Date.now(), what });
  }
  await done;
  const refusals = [...new Set(guard.refusals.splice(0))];
  const after = functionsNow();
  // Its rule runs it where the settings change; here nothing does.
  await rotate(after);

  expect(await useEverything(after)).toEqual([]);
  expect(await waitingJobs(after)).toContain(job);
  expect(await takeRegistration(after, instance)).toBe(true);
  expect(await secretsOf(after)).toEqual(secrets);
  expect(await terraform.plan()).toEqual([]);
  const [first, last] = [failed[0]?.at ?? 0, failed.at(-1)?.at ?? 0];
  return { failures: [...new Set(failed.map(({ what }) => what))], refusals, gap: last - first };
};

const NOTHING_REFUSED: Applied = { failures: [], refusals: [], gap: 0 };

beforeAll(async () => {
  moto = await startMoto();
  guard = keyGuard(emulatedKeys(moto.endpoint));
  aws = await startProxy(moto.endpoint, describeAwsCall);
  aws.intercept = guard.intercept;
  github = await GithubServer.start({
    app: { id: "123", publicKey: appKey.publicKey, installations: [{ id: 7, owner: "acme" }] },
  });
  github.state.hooks.set("app", { url: "", content_type: "json", insecure_ssl: "0" });
  ssm = new SSMClient({ endpoint: moto.endpoint, region: emulatorRegion, credentials: emulatorCredentials });
  await ssm.send(
    new PutParameterCommand({ Name: CREDENTIAL, Value: appKey.privateKey, Type: "SecureString" }),
  );
  terraform = await Terraform.prepare({ stack: synth({}), work: join(work, "terraform"), endpoint: aws.url });
  await terraform.apply();
  await rotate(functionsNow());
}, MINUTES);

afterAll(async () => {
  await aws.stop();
  await github.stop();
  await moto.stop();
  rmSync(work, { recursive: true, force: true });
});

it("without a key, needs none, and says so of its tables", async () => {
  expect(await useEverything(functionsNow())).toEqual([]);
  expect(await keysNow()).toEqual([undefined, undefined, undefined, undefined, undefined]);
  expect(await terraform.plan()).toEqual([]);
});

it(
  "a key that comes at once leaves roles without it for as long as its things change, and loses nothing",
  async () => {
    const { failures, refusals, gap } = await applyAtWork({ kmsKeyArn: A });

    expect(await keysNow()).toEqual([A, A, A, A, A]);
    expect(failures).not.toEqual([]);
    expect(refusals.every((refusal) => refusal.includes(A))).toBe(true);
    expect(gap).toBeLessThan(MINUTES);
  },
  MINUTES,
);

it(
  "another key that was made ready before takes its place with nothing refused, and nothing lost",
  async () => {
    expect(await applyAtWork({ kmsKeyArn: A, furtherKmsKeyArn: B })).toEqual(NOTHING_REFUSED);
    expect(await keysNow()).toEqual([A, A, A, A, A]);

    expect(await applyAtWork({ kmsKeyArn: B, furtherKmsKeyArn: A })).toEqual(NOTHING_REFUSED);
    expect(await keysNow()).toEqual([B, B, B, B, B]);
  },
  2 * MINUTES,
);

it(
  "a key goes with nothing refused, and nothing lost, while it may still be used",
  async () => {
    expect(await applyAtWork({ furtherKmsKeyArn: B })).toEqual(NOTHING_REFUSED);
    expect(await keysNow()).toEqual([undefined, undefined, undefined, undefined, undefined]);

    expect(await applyAtWork({})).toEqual(NOTHING_REFUSED);
  },
  2 * MINUTES,
);

it("asks AWS for no change of a table's key but the three that there were", () => {
  const asked = aws.calls
    .filter(({ name, body }) => name === "dynamodb:UpdateTable" && body.includes("SSESpecification"))
    .map(({ body, status }) => [(JSON.parse(body) as { SSESpecification: object }).SSESpecification, status]);

  const once = (key: string): unknown[] => [{ Enabled: true, KMSMasterKeyId: key, SSEType: "KMS" }, 200];
  const changes = [once(A), once(B), [{ Enabled: false }, 200]];
  expect(asked).toEqual(changes.flatMap((change) => [change, change]));
});

it(
  "the rotation makes no parameter anew that a destroy has taken away",
  async () => {
    const last = functionsNow();
    await terraform.destroy();
    await rotate(last);

    const left = await emulatedKeys(moto.endpoint).parameters([...PARAMETERS, CREDENTIAL]);
    expect([...left.keys()]).toEqual([CREDENTIAL]);
  },
  MINUTES,
);
