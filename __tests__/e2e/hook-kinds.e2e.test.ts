/**
 * A standing installation gets another kind of webhook and another runner group, and its own back: with the real terraform
 * and AWS provider, a stand-in of the GitHub provider, and the rotation run by the events that the applied rule hears of.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { GetFunctionConfigurationCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { GithubProvider } from "@cdktf/provider-github/lib/provider";
import { App, TerraformStack } from "cdktf";
import { GithubConnection } from "../../constructs/github-connection";
import { GithubOrgWebhook } from "../../constructs/github-org-webhook";
import { RunnerGroup } from "../../constructs/runner-group";
import { RunnerLauncher } from "../../constructs/runner-launcher";
import { TokenRotation } from "../../constructs/token-rotation";
import { rotateTokens } from "../../functions/rotate-tokens/rotate-tokens";
import type { RotateTokensSettings } from "../../functions/shared/contract";
import { acceptedSecrets, parseSecrets } from "../../functions/shared/webhook-secrets";
import { makeAppKey } from "../support/app-key";
import { matches, parameterEvent } from "../support/event-bridge";
import { GithubServer } from "../support/github-server";
import { terraformRoutes } from "../support/github-terraform";
import { emulatorCredentials, emulatorRegion, startMoto, type Moto } from "../support/moto";
import { describeAwsCall, startProxy, type Call, type Proxy } from "../support/proxy";
import { Terraform } from "../support/terraform";

const URL = "https://api.example.com/webhook";
const KEY = "/acme/key";
const SECRET = "/acme/github/webhook-secret";
/** From the write of a parameter until the function runs: EventBridge and a cold start take less than this by far. */
const EVENT_MS = 1000;
const SAMPLE_MS = 20;
const key = makeAppKey();
const work = mkdtempSync(join(tmpdir(), "hook-kinds-"));

let moto: Moto;
let aws: Proxy;
let github: GithubServer;
let terraform: Terraform;
let stacks = 0;
/** What Terraform did, in its order. */
let order: string[] = [];
/** Of the rule that waits for parameters, as it is applied now. */
let pattern: Readonly<Record<string, unknown>> = {};
const runs: Promise<unknown>[] = [];

interface Kind {
  readonly webhook: "organization" | "app";
  /** Absent: one of its own. */
  readonly group?: string;
  /** Whether the provider is there although nothing needs it. Default: true */
  readonly provider?: boolean;
}

const OWN: Kind = { webhook: "organization" };
const OTHER: Kind = { webhook: "app", group: "3" };

const synth = ({ webhook, group, provider = true }: Kind): string => {
  const app = new App({ outdir: join(work, `out-${++stacks}`) });
  const stack = new TerraformStack(app, "kinds");
  new AwsProvider(stack, "Aws", { region: emulatorRegion });
  if (provider) new GithubProvider(stack, "Github", { owner: "acme" });
  const connection = GithubConnection.app({
    org: "acme",
    appId: "123",
    privateKeyParameter: KEY,
    baseUrl: github.url,
  });
  const hookId =
    webhook === "organization" ? new GithubOrgWebhook(stack, "Webhook", { url: URL }).hookId : undefined;
  const rotation = new TokenRotation(stack, "Rotation", {
    prefix: "acme",
    github: connection,
    webhook: { kind: webhook, hookId, url: URL },
    renewRunnerVersion: false,
  });
  new RunnerLauncher(stack, "Launcher", {
    prefix: "acme",
    github: connection,
    fleets: [{ name: "linux", labels: ["self-hosted", "linux"] }],
    network: { subnetIds: ["subnet-1"], securityGroupIds: ["sg-1"] },
    queue: { url: "https://sqs.example.com/jobs", arn: "arn:aws:sqs:eu-central-1:123456789012:jobs" },
    rotateFunction: rotation.function.function,
    runnerGroup:
      group === undefined ? new RunnerGroup(stack, "Group", { name: "acme" }) : RunnerGroup.fromId(group),
    renewRunnerVersion: false,
  });
  app.synth();
  return withoutQueue(join(app.outdir, "stacks", "kinds"));
};

/** There is no queue that the mapping could be made for, and making one takes the provider 25 seconds. */
const withoutQueue = (folder: string): string => {
  const file = join(folder, "cdk.tf.json");
  const configuration = JSON.parse(readFileSync(file, "utf8")) as { resource: Record<string, unknown> };
  delete configuration.resource.aws_lambda_event_source_mapping;
  writeFileSync(file, JSON.stringify(configuration));
  return folder;
};

const clientConfig = () => ({ region: emulatorRegion, credentials: emulatorCredentials });

/** With the settings that the function has at that moment. */
const rotate = async (): Promise<void> => {
  await pause(EVENT_MS);
  const lambda = new LambdaClient({ ...clientConfig(), endpoint: moto.endpoint });
  const { Environment } = await lambda.send(
    new GetFunctionConfigurationCommand({ FunctionName: "acme-rotate-tokens" }),
  );
  const settings = JSON.parse(Environment?.Variables?.SETTINGS ?? "") as RotateTokensSettings;
  const ssm = new SSMClient({ ...clientConfig(), endpoint: aws.url });
  await rotateTokens({ ssm, settings, now: Date.now });
};

/** Does what EventBridge does, and notes what was done, once it is done. */
const hear = ({ name, body }: Call): void => {
  if (name.startsWith("lambda:PUT") && body.includes("FLEETS_REVISION")) order.push("launch updated");
  if (name !== "events:PutRule" && name !== "ssm:PutParameter") return;
  const input = parse(body) as Record<string, string | undefined>;
  if (input.EventPattern) pattern = parse(input.EventPattern);
  if (input.Value === undefined) return;
  const { Name: parameter = "" } = input;
  if (parameter === SECRET) secrets = input.Value;
  if (parameter.startsWith("/acme/fleets/")) order.push("fleet updated");
  if (parameter.endsWith("settings-revision")) order.push("revision written");
  if (matches(pattern, parameterEvent(parameter, input.Overwrite ? "Update" : "Create"))) runs.push(rotate());
};

const parse = (text: string): Record<string, unknown> => JSON.parse(text) as Record<string, unknown>;

/** What the secret's parameter holds. */
let secrets = "";

/** Whether GitHub tells of jobs, by any webhook, so that the webhook function takes it. */
const isHeard = (): boolean => {
  const accepted = acceptedSecrets(parseSecrets(secrets), Date.now());
  return [...github.state.hooks].some(
    ([path, { url, secret = "" }]) =>
      url === URL && accepted.includes(secret) && github.state.subscriptionOf(path).active,
  );
};

/** Milliseconds without such a webhook. */
const apply = async (kind: Kind): Promise<number> => {
  order = [];
  let gap = 0;
  let seen = Date.now();
  const sampler = setInterval(() => {
    const now = Date.now();
    if (!isHeard()) gap += now - seen;
    seen = now;
  }, SAMPLE_MS);
  terraform.update(synth(kind));
  await terraform.apply();
  for (let done = 0; done < runs.length; done++) await runs[done];
  runs.length = 0;
  await pause(2 * SAMPLE_MS);
  clearInterval(sampler);
  return gap;
};

const appHook = () => github.state.hooks.get("app");
const ownHook = () => [...github.state.hooks].find(([path]) => path.startsWith("orgs/"))?.[1];
const groups = () => github.state.groupsOf("orgs/acme");

beforeAll(async () => {
  moto = await startMoto();
  aws = await startProxy(moto.endpoint, describeAwsCall);
  aws.intercept = (call) => ({
    rewrite: (reply) => {
      if (reply.status < 300) hear(call);
      return reply;
    },
  });
  github = await GithubServer.start({
    app: { id: "123", publicKey: key.publicKey },
    pats: ["ghp_terraform"],
    routes: terraformRoutes("acme", (type) => order.push(`${type} destroyed`)),
  });
  github.state.hooks.set("app", { url: "", content_type: "form", insecure_ssl: "0" });
  await new SSMClient({ ...clientConfig(), endpoint: moto.endpoint }).send(
    new PutParameterCommand({ Name: KEY, Value: key.privateKey, Type: "SecureString" }),
  );
  terraform = await Terraform.prepare({
    stack: synth(OWN),
    work: join(work, "terraform"),
    endpoint: aws.url,
    notify: { url: `${github.url}/terraform`, token: "ghp_terraform" },
  });
  await apply(OWN);
});

afterAll(async () => {
  await Promise.all([github.stop(), aws.stop()]);
  await moto.stop();
  rmSync(work, { recursive: true, force: true });
});

it("gives the organization's webhook its secret after the first apply, without the schedule", () => {
  expect(isHeard()).toBe(true);
});

it("says, and changes nothing, when the provider is left out with the last resource of it", async () => {
  terraform.update(synth({ ...OTHER, provider: false }));

  await expect(terraform.plan()).rejects.toThrow(/"octocat"\s+is\s+a user/);

  expect(ownHook()).toBeDefined();
  expect(groups()).toHaveLength(1);
});

it("moves from the organization's webhook to the App's, and from its own group to another, within seconds", async () => {
  const gap = await apply(OTHER);

  if (process.env.SHOW) console.log("organization to app", gap, order);
  expect(appHook()).toMatchObject({ url: URL, content_type: "json" });
  expect(ownHook()).toBeUndefined();
  expect(groups()).toEqual([]);
  expect(isHeard()).toBe(true);
  expect(gap).toBeLessThan(EVENT_MS + 3000);
  const last = (what: string): number => order.lastIndexOf(what);
  expect(last("revision written")).toBeLessThan(last("github_organization_webhook destroyed"));
  expect(last("launch updated")).toBeGreaterThan(last("fleet updated"));
  expect(last("launch updated")).toBeLessThan(last("github_actions_runner_group destroyed"));
  expect(await terraform.plan()).toEqual([]);
});

it("moves back, with no moment in which no webhook is taken", async () => {
  const gap = await apply(OWN);

  if (process.env.SHOW) console.log("app to organization", gap, order);
  expect(ownHook()?.secret).toBe(appHook()?.secret);
  expect(groups()).toMatchObject([{ name: "acme" }]);
  expect(gap).toBe(0);
});
