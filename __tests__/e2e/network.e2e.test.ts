/** The real terraform makes networks, and changes those that stand, in a region that shows the account three zones. */
import { DataAwsSubnets } from "@cdktf/provider-aws/lib/data-aws-subnets";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { App, TerraformStack } from "cdktf";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FleetSettings } from "../../functions/shared/contract";
import { GithubConnection } from "../../constructs/github-connection";
import { RunnerLauncher } from "../../constructs/runner-launcher";
import { RunnerNetwork, type RunnerNetworkProps } from "../../constructs/runner-network";
import { emulatorRegion, startMoto, type Moto } from "../support/moto";
import { Terraform } from "../support/terraform";

const work = mkdtempSync(join(tmpdir(), "network-"));
let moto: Moto;
let terraform: Terraform;
let stacks = 0;

/** @returns the folder of the stack */
const synth = (build: (stack: TerraformStack) => void): string => {
  const app = new App({ outdir: join(work, `out-${++stacks}`) });
  const stack = new TerraformStack(app, "network");
  new AwsProvider(stack, "Aws", { region: emulatorRegion });
  build(stack);
  app.synth();
  return join(app.outdir, "stacks", "network");
};

const network = (props: Partial<RunnerNetworkProps> = {}): string =>
  synth((stack) => void new RunnerNetwork(stack, "Network", { prefix: "acme", ...props }));

interface Configuration {
  resource: Record<"aws_subnet" | "aws_route_table_association", Record<string, Record<string, unknown>>>;
  data: { aws_availability_zones: object };
}

/** With subnets in zones that are chosen otherwise, and are taken as they are. */
const inZones = (folder: string, zoneOf: (index: number, found: string) => string): string => {
  const file = join(folder, "cdk.tf.json");
  const configuration = JSON.parse(readFileSync(file, "utf8")) as Configuration;
  const { aws_subnet: subnets, aws_route_table_association: associations } = configuration.resource;
  const [found] = Object.keys(configuration.data.aws_availability_zones);
  Object.values(subnets).forEach((subnet, index) => {
    subnet.availability_zone = zoneOf(index, `data.aws_availability_zones.${found}.names`);
  });
  for (const association of Object.values(associations)) delete association.lifecycle;
  writeFileSync(file, JSON.stringify(configuration));
  return folder;
};

/** As older versions wrote it: subnets go round the zones, and may meet in one. */
const goingRound = (folder: string): string =>
  inZones(folder, (index, found) => `\${element(${found}, ${index})}`);

const subnetsMade = () =>
  terraform
    .resources()
    .filter(({ type }) => type === "aws_subnet")
    .sort((one, other) => (String(one.values.cidr_block) < String(other.values.cidr_block) ? -1 : 1))
    .map(({ values }) => values);
const zonesMade = () => subnetsMade().map(({ availability_zone: zone }) => String(zone).slice(-1));

beforeAll(async () => {
  moto = await startMoto();
  terraform = await Terraform.prepare({
    stack: network(),
    work: join(work, "terraform"),
    endpoint: moto.endpoint,
    served: true,
  });
});

afterAll(async () => {
  terraform?.stop();
  await moto.stop();
  rmSync(work, { recursive: true, force: true });
});

it("a network with more zones than the account sees is not planned, and the plan says how many there are", async () => {
  terraform.replace(network({ zones: 4 }));

  const refusal: unknown = await terraform.plan().catch((error: unknown) => error);

  expect(String(refusal).replace(/[\s│]+/g, " ")).toMatch(
    /asks for 4 zones, and this account sees 3 in the region that need no opt-in: set zones \(network\.zones\) to that number/,
  );
});

it("subnets that stand in one zone from an older version are left alone", async () => {
  terraform.replace(goingRound(network({ zones: 4 })));
  await terraform.apply();
  expect(zonesMade()).toEqual(["a", "b", "c", "a"]);

  terraform.update(network({ zones: 4 }));

  expect(await terraform.plan()).toEqual([]);
});

it("a subnet that is added goes into a zone that none is in", async () => {
  terraform.replace(inZones(network({ zones: 2 }), (index) => `${emulatorRegion}${index === 0 ? "c" : "a"}`));
  await terraform.apply();

  terraform.update(network());
  const changes = await terraform.plan();
  const { planned_values: planned } = JSON.parse(await terraform.showPlan()) as {
    planned_values: { root_module: { resources: { type: string; values: Record<string, string> }[] } };
  };

  expect(changes.map(({ type, actions }) => `${actions.join()} ${type}`).sort()).toEqual([
    "create aws_route_table_association",
    "create aws_subnet",
  ]);
  const zones = planned.root_module.resources
    .filter(({ type }) => type === "aws_subnet")
    .map(({ values }) => values.availability_zone?.slice(-1));
  expect(zones.sort()).toEqual(["a", "b", "c"]);
});

describe("subnets from a data source", () => {
  /** In the VPC that the test before has left. */
  const launcher = (vpcId: string): string =>
    synth((stack) => {
      const found = new DataAwsSubnets(stack, "Found", { filter: [{ name: "vpc-id", values: [vpcId] }] });
      new RunnerLauncher(stack, "Launcher", {
        prefix: "acme",
        github: GithubConnection.app({ org: "acme", appId: "1", privateKeyParameter: "/acme/key" }),
        fleets: [{ name: "linux", labels: ["linux"] }],
        network: { subnetIds: found.ids, securityGroupIds: ["sg-1"] },
        queue: { arn: `arn:aws:sqs:${emulatorRegion}:123456789012:jobs`, url: "https://sqs" },
        rotateFunction: { arn: "arn:aws:lambda:x", functionName: "rotate" },
        runnerGroup: { id: "7", name: "acme" },
      });
    });

  it("are in the fleet's settings and in the policies, each by its ARN", async () => {
    const ids = subnetsMade().map(({ id }) => String(id));
    terraform.replace(launcher(String(subnetsMade()[0]?.vpc_id)));

    const planned = await terraform.plan();
    expect(planned.map(({ type }) => type)).toContain("aws_ssm_parameter");
    await terraform.apply().catch((error: unknown) => {
      // The emulator has no such queue to connect with the function; all that is looked at here is there by then.
      if (!String(error).includes("EventSourceMapping")) throw error;
    });

    const of = (type: string) => terraform.resources().find((one) => one.type === type)?.values;
    const settings = JSON.parse(String(of("aws_ssm_parameter")?.insecure_value)) as FleetSettings;
    expect([...settings.subnetIds].sort()).toEqual([...ids].sort());
    const policies = terraform
      .resources()
      .filter(({ type, values }) => type === "aws_iam_role_policy" && values.name === "acme-launch");
    const { Statement } = JSON.parse(String(policies[0]?.values.policy)) as {
      Statement: { Sid: string; Resource: string[] }[];
    };
    expect(Statement.find(({ Sid }) => Sid === "LaunchInSubnets")?.Resource).toEqual(
      settings.subnetIds.map((id) => `arn:aws:ec2:${emulatorRegion}:123456789012:subnet/${id}`),
    );
  });

  it("are counted at plan: a list without one is refused", async () => {
    terraform.replace(launcher("vpc-0"));
    const empty: unknown = await terraform.plan().catch((error: unknown) => error);

    expect(String(empty).replace(/[\s│]+/g, " ")).toContain(
      "The list of subnetIds is empty: it must name at least one.",
    );
  });
});
