/** Fleets come and go in a standing installation: the real terraform, and the order in which it calls AWS. */
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { App, TerraformStack } from "cdktf";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EphemeralRunners } from "../../constructs/ephemeral-runners";
import { GithubConnection } from "../../constructs/github-connection";
import { RunnerGroup } from "../../constructs/runner-group";
import type { FleetProps } from "../../constructs/fleet";
import { emulatorRegion, startMoto, type Moto } from "../support/moto";
import { describeAwsCall, startProxy, type Call, type Proxy } from "../support/proxy";
import { Terraform } from "../support/terraform";

const work = mkdtempSync(join(tmpdir(), "fleets-"));
const small: FleetProps = { name: "small", labels: ["small"] };
const large: FleetProps = { name: "large", labels: ["large"] };
let moto: Moto;
let aws: Proxy;
let terraform: Terraform;
let stacks = 0;

/** @returns the folder of the stack */
const synth = (...fleets: readonly FleetProps[]): string => {
  const app = new App({ outdir: join(work, `out-${++stacks}`) });
  const stack = new TerraformStack(app, "fleets");
  new AwsProvider(stack, "Aws", { region: emulatorRegion });
  new EphemeralRunners(stack, "Runners", {
    prefix: "acme",
    github: GithubConnection.app({ org: "acme", appId: "1", privateKeyParameter: "/acme/key" }),
    webhook: "manual",
    runnerGroup: RunnerGroup.defaultGroup({ acceptSharedGroup: true }),
    network: { existing: { subnetIds: ["subnet-1", "subnet-2"], securityGroupIds: ["sg-1"] } },
    fleets,
    createSpotServiceLinkedRole: true,
  });
  app.synth();
  return join(app.outdir, "stacks", "fleets");
};

interface Configuration {
  removed?: readonly { readonly from: string }[];
  resource: Record<string, Record<string, object>>;
}

/** As 0.1.0 wrote it: Terraform makes the account's role for spot. */
const withSpotRole = (folder: string): string => {
  const file = join(folder, "cdk.tf.json");
  const { removed = [], ...configuration } = JSON.parse(readFileSync(file, "utf8")) as Configuration;
  const [type = "", id = ""] = removed[0]?.from.split(".") ?? [];
  configuration.resource[type] = { [id]: { aws_service_name: "spot.amazonaws.com" } };
  writeFileSync(file, JSON.stringify(configuration));
  return folder;
};

/** Calls of the apply, in their order. */
const apply = async (folder: string): Promise<Call[]> => {
  terraform.update(folder);
  const from = aws.calls.length;
  await terraform.apply();
  return aws.calls.slice(from);
};

const told = (calls: readonly Call[], name: RegExp, body: string): number[] =>
  calls.filter((call) => name.test(call.name) && call.body.includes(body)).map(({ time }) => time);

/** Calls, of all that were made so far, that have to do with roles that belong to services. */
const aboutServiceRoles = (): readonly string[] =>
  aws.calls.map(({ name }) => name).filter((name) => /^iam:(Create|Delete)ServiceLinkedRole/.test(name));

beforeAll(async () => {
  moto = await startMoto();
  aws = await startProxy(moto.endpoint, describeAwsCall);
  terraform = await Terraform.prepare({
    stack: withSpotRole(synth(small, large)),
    work: join(work, "terraform"),
    endpoint: aws.url,
  });
  await terraform.apply();
}, 600_000);

afterAll(async () => {
  await aws.stop();
  await moto.stop();
  rmSync(work, { recursive: true, force: true });
});

it("the account's role for spot is forgotten, and not destroyed", async () => {
  terraform.update(synth(small, large));

  const changes = await terraform.plan();

  expect(
    changes.filter(({ type }) => type === "aws_iam_service_linked_role").map(({ actions }) => actions),
  ).toEqual([["forget"]]);
  await terraform.apply();
  expect(await terraform.plan()).toEqual([]);
  // The one that laid it out as 0.1.0 did.
  expect(aboutServiceRoles()).toEqual(["iam:CreateServiceLinkedRole"]);
}, 600_000);

it("a fleet that is removed goes after the functions have forgotten it", async () => {
  const calls = await apply(synth(small));

  const updates = told(calls, /^lambda:PUT .*\/configuration$/, "");
  const forgotten = Math.max(...updates);
  const gone = [
    ...told(calls, /ssm:DeleteParameter/, "/acme/fleets/large"),
    ...told(calls, /ec2:DeleteLaunchTemplate/, ""),
  ];
  // Webhook, launch, sweep and interruption were told of it.
  expect(updates).toHaveLength(4);
  expect(gone).toHaveLength(2);
  expect(Math.min(...gone)).toBeGreaterThan(forgotten);
  expect(await terraform.plan()).toEqual([]);
}, 600_000);

it("it comes back, and the destroy leaves nothing but the account's role for spot", async () => {
  await apply(synth(small, large));
  expect(await terraform.plan()).toEqual([]);

  await terraform.destroy();

  expect(terraform.resources()).toEqual([]);
  expect(aboutServiceRoles()).toEqual(["iam:CreateServiceLinkedRole"]);
}, 600_000);
