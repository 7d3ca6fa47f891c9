/** What the real AWS provider says of attributes and of regions; version 6, which no mirror here has, by its typings. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { App, TerraformOutput, TerraformStack } from "cdktf";
import { Construct } from "constructs";
import { AwsEnvironment } from "../../constructs";
import { useProviders } from "../../constructs/providers";
import { bySchema, byTypings, usesIn, type Judge } from "../support/deprecated";
import { presentStack, releasedNames, releasedStack, type GoldenStack } from "../support/golden";
import { startMoto, type Moto } from "../support/moto";
import { Terraform } from "../support/terraform";

/** A region of each partition but `aws-iso-e` and `aws-iso-f`, whose callers moto takes for those of the commercial partition. */
const REGIONS: Readonly<Record<string, string>> = {
  "eu-west-1": "amazonaws.com",
  "us-gov-west-1": "amazonaws.com",
  "cn-north-1": "amazonaws.com.cn",
  "eusc-de-east-1": "amazonaws.eu",
  "us-iso-east-1": "c2s.ic.gov",
  "us-isob-east-1": "sc2s.sgov.gov",
};

const work = mkdtempSync(join(tmpdir(), "provider-"));
let moto: Moto;
let terraform: Terraform;

const stackOfRegions = (): string => {
  const outdir = join(work, "synth");
  mkdirSync(outdir);
  const app = new App({ outdir });
  const stack = new TerraformStack(app, "regions");
  new AwsProvider(stack, "Aws", { region: "eu-west-1" });
  for (const region of Object.keys(REGIONS)) {
    const scope = new Construct(stack, region);
    useProviders(scope, [new AwsProvider(scope, "Aws", { alias: region, region })]);
    const aws = new AwsEnvironment(scope, "Environment");
    const value = {
      region: aws.region,
      host: aws.host("sqs"),
      gateway: aws.gatewayEndpoint("s3"),
      principals: (["apigateway", "ec2", "events", "lambda", "spot"] as const).map((one) =>
        aws.principal(one),
      ),
      arn: aws.parameterArn("/acme/key"),
    };
    new TerraformOutput(stack, `of-${region}`, { value });
  }
  app.synth();
  return join(outdir, "stacks", "regions");
};

beforeAll(async () => {
  moto = await startMoto();
  terraform = await Terraform.prepare({
    stack: stackOfRegions(),
    work: join(work, "terraform"),
    endpoint: moto.endpoint,
  });
});

afterAll(async () => {
  await moto.stop();
  rmSync(work, { recursive: true, force: true });
});

it("names hosts, gateways, principals and ARNs as the partition of the region does", async () => {
  await terraform.plan();
  const { planned_values: planned } = JSON.parse(await terraform.showPlan()) as {
    planned_values: { outputs: Record<string, { value: unknown }> };
  };

  const partitions: Readonly<Record<string, string>> = {
    "us-gov-west-1": "aws-us-gov",
    "cn-north-1": "aws-cn",
    "eusc-de-east-1": "aws-eusc",
    "us-iso-east-1": "aws-iso",
    "us-isob-east-1": "aws-iso-b",
  };
  for (const [region, domain] of Object.entries(REGIONS)) {
    // China's gateways are the only endpoints there whose name has no `cn.` before it.
    const prefix = domain.replace(/\.cn$/, "").split(".").reverse().join(".");
    expect(planned.outputs[`of-${region}`]?.value).toEqual({
      region,
      host: `sqs.${region}.${domain}`,
      gateway: `${prefix}.${region}.s3`,
      principals: ["apigateway", "ec2", "events", "lambda", "spot"].map((one) => `${one}.amazonaws.com`),
      arn: `arn:${partitions[region] ?? "aws"}:ssm:${region}:123456789012:parameter/acme/key`,
    });
  }
});

describe("deprecated attributes", () => {
  const judges: [name: string, judge: () => Promise<Judge>][] = [
    ["5.100, by its schema", async () => bySchema(await terraform.schemas())],
    ["6.x, by its typings", () => Promise.resolve(byTypings(process.env.PULUMI_AWS ?? ""))],
  ];
  const deprecatedIn = (judge: Judge, stacks: readonly GoldenStack[]): readonly string[] => {
    const uses = stacks.flatMap(usesIn);
    const found = uses.filter((use) => judge(use) === true);
    return [...new Set(found.map(({ kind, type, attribute }) => `${kind} ${type}.${attribute}`))];
  };

  it.each(judges)("of provider %s are used nowhere, and every type is known", async (_name, judge) => {
    const known = await judge();
    const stacks = releasedNames().map(presentStack);

    const unknown = stacks.flatMap(usesIn).filter((use) => known(use) === undefined);
    expect([...new Set(unknown.map(({ kind, type }) => `${kind} ${type}`))]).toEqual([]);
    expect(deprecatedIn(known, stacks)).toEqual([]);
  });

  it("are found: the first release asked for the region by one that 6.x deprecates", () => {
    const judge = byTypings(process.env.PULUMI_AWS ?? "");

    expect(deprecatedIn(judge, releasedNames().map(releasedStack))).toEqual(["data aws_region.id"]);
  });
});
