/**
 * Writes plans of changes to an installation that stands, as the real `terraform` and the real AWS provider show them:
 *
 *     TERRAFORM_PROVIDER_MIRROR=... tsx __tests__/scripts/plan-review/record-second-day.ts [name...]
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeAppKey } from "../../support/app-key";
import { GithubServer } from "../../support/github-server";
import { terraformRoutes } from "../../support/github-terraform";
import { startMoto } from "../../support/moto";
import { Terraform } from "../../support/terraform";
import { essential, keep, STACK, synthesize } from "./recording";
import type { Json } from "./recording";

const REGION = "eu-central-1";
const region = { region: REGION };
const KEY = `arn:aws:kms:${REGION}:123456789012:key/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f`;
const LINUX = { name: "linux-x64", labels: ["self-hosted", "linux", "x64"] };
const ARM = { name: "linux-arm64", labels: ["self-hosted", "linux", "arm64"], architecture: "arm64" };

/** What stands. */
const STANDING: Json = {
  fleets: [LINUX, ARM],
  kmsKeyArn: KEY,
  repositories: ["widget", "gadget"],
  sourceAddresses: ["192.30.252.0/22", "185.199.108.0/22"],
};

/** What each plan changes of it. */
const CHANGED: Readonly<Record<string, Json>> = {
  "ordinary-week": {
    fleets: [{ ...LINUX, maximumMachines: 30, instanceTypes: ["m7i.large", "m6i.large"] }, ARM],
    tags: { team: "platform" },
    idleLimitMinutes: 7,
    repositories: ["widget", "gadget", "gizmo"],
    logRetentionDays: 60,
  },
  "another-cidr": { network: { cidrBlock: "10.8.0.0/16" } },
  "fewer-zones": { network: { zones: 2 } },
  "app-webhook": { webhook: "app", runnerGroup: { id: "7" } },
  "key-taken-out": { kmsKeyArn: undefined },
  "lists-taken-out": { repositories: undefined, sourceAddresses: undefined, publicRepositories: true },
  "another-prefix": { prefix: "acme-ci" },
  "another-organization": {
    github: { org: "other", appId: "123456", privateKeyParameter: "/acme/github-app-key" },
  },
  "another-region": {},
};

/** What each plan has beside the runners. */
const BESIDE: Readonly<Record<string, Json>> = { "app-webhook": { keepGithubProvider: true } };

const TERRAFORM_TOKEN = "ghp_of_whoever_runs_terraform";

/** GitHub as Terraform's provider meets it, which sees the webhooks of one organization. */
const startGithub = async (owner: () => string): Promise<GithubServer> =>
  GithubServer.start({
    app: { id: "123456", publicKey: makeAppKey().publicKey },
    pats: [TERRAFORM_TOKEN],
    routes: terraformRoutes(owner()).map((route) => ({
      ...route,
      answer: (call) => (terraformRoutes(owner())[0] ?? route).answer(call),
    })),
  });

/** An upgrade brings other code. */
const upgraded = (text: string): string => {
  const json = JSON.parse(text) as { resource: { aws_lambda_function: Record<string, Json> } };
  for (const one of Object.values(json.resource.aws_lambda_function)) one.source_code_hash = "b3RoZXI=";
  return JSON.stringify(json, null, 2);
};

const rewrite = (file: string, change: (text: string) => string): void =>
  writeFileSync(file, change(readFileSync(file, "utf8")));

const record = async (wanted: readonly string[]): Promise<void> => {
  const work = mkdtempSync(join(tmpdir(), "plans-"));
  const moto = await startMoto();
  let owner = "acme";
  const github = await startGithub(() => owner);
  try {
    const standing = synthesize(work, "standing", STANDING, region);
    const terraform = await Terraform.prepare({
      stack: standing,
      work: join(work, "tf"),
      endpoint: moto.endpoint,
      notify: { url: `${github.url}/terraform`, token: TERRAFORM_TOKEN },
    });
    await terraform.apply();
    // A second apply settles what the emulator answers otherwise than the first time.
    await terraform.apply();
    for (const name of Object.keys(CHANGED).filter((one) => wanted.length === 0 || wanted.includes(one))) {
      terraform.update(
        synthesize(work, name, { ...STANDING, ...CHANGED[name] }, { ...region, ...BESIDE[name] }),
      );
      if (name === "ordinary-week") rewrite(join(terraform.work, STACK), upgraded);
      if (name === "another-region")
        rewrite(join(terraform.work, "cdk_override.tf.json"), (text) => text.replace(REGION, "eu-west-1"));
      owner = name === "another-organization" ? "other" : "acme";
      await terraform.plan();
      keep(name, essential(await terraform.showPlan()));
      console.log(name);
    }
  } finally {
    await github.stop();
    await moto.stop();
    rmSync(work, { recursive: true, force: true });
  }
};

void record(process.argv.slice(2));
