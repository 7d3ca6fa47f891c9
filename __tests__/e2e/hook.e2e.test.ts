/** Whatever Terraform does beside it, GitHub keeps the secret that the rotation gave it, and the switch that a person set. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GithubProvider } from "@cdktf/provider-github/lib/provider";
import { App, TerraformStack, Testing } from "cdktf";
import { GithubOrgWebhook } from "../../constructs/github-org-webhook";
import { GithubRepositoryWebhook } from "../../constructs/github-repository-webhook";
import { rotateTokens } from "../../functions/rotate-tokens/rotate-tokens";
import type { WebhookSecrets } from "../../functions/shared/contract";
import { makeAppKey } from "../support/app-key";
import { GithubServer } from "../support/github-server";
import { terraformRoutes } from "../support/github-terraform";
import { ssmMemory } from "../support/ssm-memory";
import { Terraform } from "../support/terraform";

const URL = "https://api.example.com/webhook";
const KEY = "/acme/key";
const SECRET = "/runners/github/webhook-secret";
const PLACEHOLDER = "replaced-by-token-rotation";
const key = makeAppKey();
const work = mkdtempSync(join(tmpdir(), "hook-"));
const ssm = ssmMemory({ [KEY]: key.privateKey, [SECRET]: "unset" });
let github: GithubServer;
let terraform: Terraform;

const synthesize = (): string => {
  const outdir = join(work, "cdktf.out");
  const app = Testing.stubVersion(new App({ outdir, stackTraces: false }));
  const stack = new TerraformStack(app, "hook");
  new GithubProvider(stack, "Github", { owner: "acme" });
  new GithubOrgWebhook(stack, "Webhook", { url: URL });
  app.synth();
  return join(outdir, "stacks", "hook");
};

beforeAll(async () => {
  github = await GithubServer.start({
    app: { id: "123", publicKey: key.publicKey },
    pats: ["ghp_terraform"],
    routes: terraformRoutes("acme"),
  });
  terraform = await Terraform.prepare({
    stack: synthesize(),
    work: join(work, "terraform"),
    endpoint: "http://127.0.0.1:1",
    notify: { url: `${github.url}/terraform`, token: "ghp_terraform" },
  });
  await terraform.apply();
  await rotate();
});

afterAll(async () => {
  await github.stop();
  rmSync(work, { recursive: true, force: true });
});

const hook = () => terraform.resources()[0]!;
const path = () => `orgs/acme/hooks/${String(hook().values.id)}`;
const atGithub = () => github.state.hooks.get(path());
const current = () => (JSON.parse(ssm.value(SECRET) ?? "") as WebhookSecrets).current;

const rotate = () =>
  rotateTokens({
    ssm: ssm.client,
    now: Date.now,
    settings: {
      installation: "runners",
      github: { apiUrl: github.url, webUrl: github.url, owner: "acme" },
      credential: { kind: "app", appId: "123", privateKeyParameter: KEY },
      webhook: {
        kind: "organization",
        hookId: String(hook().values.id),
        url: URL,
        secretParameter: SECRET,
        secretRotationDays: 7,
      },
    },
  });

const expectWorking = () =>
  expect(atGithub()).toEqual({ url: URL, secret: current(), content_type: "json", insecure_ssl: "0" });

it("gives GitHub the secret after the first apply", () => {
  expect(current()).toMatch(/^[0-9a-f]{64}$/);
  expectWorking();
});

it.each([
  ["switched off", { active: false, events: ["workflow_job"] }],
  ["given another event", { active: true, events: ["push", "workflow_job"] }],
  ["left without its event", { active: true, events: ["push"] }],
])("changes nothing of a webhook that was %s at GitHub, at any apply", async (_title, changed) => {
  Object.assign(github.state.subscriptionOf(path()), changed);

  const planned = await terraform.plan();
  await terraform.apply();

  expectWorking();
  expect(github.state.subscriptionOf(path())).toEqual(changed);
  expect(planned).toEqual([]);
});

it("has its event set again by the rotation, with the secret", async () => {
  await rotate();

  expect(github.state.subscriptionOf(path())).toEqual({ active: true, events: ["push", "workflow_job"] });
  expectWorking();
  expect(await terraform.plan()).toEqual([]);
});

it("sends the eight stars of an import nowhere, not even after a change at GitHub", async () => {
  const { address, values } = hook();
  await terraform.forget(address);
  await terraform.import(address, String(values.id));
  expect(JSON.stringify(hook().values)).toContain("********");
  github.state.subscriptionOf(path()).active = false;

  const planned = await terraform.plan();
  await terraform.apply();

  expectWorking();
  expect(github.state.subscriptionOf(path()).active).toBe(false);
  expect(planned).toEqual([]);
});

it("makes a webhook anew that was deleted at GitHub, which gets the same secret from the next rotation", async () => {
  github.state.hooks.delete(path());

  expect(await terraform.plan()).toMatchObject([
    { type: "github_organization_webhook", actions: ["create"] },
  ]);
  await terraform.apply();
  expect(atGithub()?.secret).toBe(PLACEHOLDER);
  await rotate();

  expectWorking();
});

it("deletes it with the stack", async () => {
  const last = path();
  await terraform.destroy();

  expect(github.state.hooks.has(last)).toBe(false);
});

describe("a repository's webhook that is removed", () => {
  let repository: Terraform;
  const hooks = () => [...github.state.hooks.keys()].filter((path) => path.startsWith("repos/"));
  const synth = (name: string, { withHook, withProvider }: { withHook: boolean; withProvider: boolean }) => {
    const outdir = join(work, name);
    const app = Testing.stubVersion(new App({ outdir, stackTraces: false }));
    const stack = new TerraformStack(app, "hook");
    if (withProvider) new GithubProvider(stack, "Github", { owner: "acme" });
    if (withHook) new GithubRepositoryWebhook(stack, "Webhook", { url: URL, repository: "widget" });
    app.synth();
    return join(outdir, "stacks", "hook");
  };

  beforeEach(async () => {
    repository = await Terraform.prepare({
      stack: synth("made", { withHook: true, withProvider: true }),
      work: mkdtempSync(join(work, "repository-")),
      endpoint: "http://127.0.0.1:1",
      notify: { url: `${github.url}/terraform`, token: "ghp_terraform" },
    });
    await repository.apply();
    expect(hooks()).toHaveLength(1);
  });

  it.each([
    [true, "is removed at GitHub while the provider is kept", 0],
    [false, "drops out of the state without a word, and stays at GitHub, when the provider goes with it", 1],
  ])("(%s) %s", async (withProvider, _title, left) => {
    repository.update(synth(`removed-${left}`, { withHook: false, withProvider }));

    await repository.apply();

    expect(repository.resources()).toEqual([]);
    expect(hooks()).toHaveLength(left);
  });
});
