import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TerraformStack } from "cdktf";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { SqsQueue } from "@cdktf/provider-aws/lib/sqs-queue";
import { GithubProvider } from "@cdktf/provider-github/lib/provider";
import { AwsEnvironment, EphemeralRunners, GithubConnection } from "../../constructs";
import { synthesize } from "../support/synth";
import type * as Cdktf from "cdktf";
import type { TerraformProvider } from "cdktf";

const github = GithubConnection.app({ org: "acme", appId: "1", privateKeyParameter: "/acme/key" });
const fleets = [{ name: "linux", labels: ["linux"] }];

type Blocks = Record<string, Record<string, { readonly provider?: string }>>;

const runners = (stack: TerraformStack, id: string, providers?: TerraformProvider[]): EphemeralRunners =>
  new EphemeralRunners(stack, id, { github, fleets, providers });

const providersIn = (json: Record<string, unknown>, id: string): Record<string, string[]> => {
  const all = Object.entries({ ...(json.resource as Blocks), ...(json.data as Blocks) });
  const of = (kind: string): string[] => [
    ...new Set(
      all
        .filter(([type]) => type.startsWith(kind))
        .flatMap(([, byName]) => Object.entries(byName))
        .filter(([name]) => name.startsWith(`${id}_`))
        .map(([, { provider = "default" }]) => provider),
    ),
  ];
  return { aws: of("aws_"), github: of("github_") };
};

describe("providers with an alias", () => {
  it("make all of their installation, and nothing of another", () => {
    const { json } = synthesize((stack) => {
      const aws = new AwsProvider(stack, "Other", { alias: "other", region: "us-east-2" });
      const hub = new GithubProvider(stack, "Hub", { alias: "hub" });
      runners(stack, "A");
      runners(stack, "B", [aws, hub]);
      runners(stack, "C", [aws]);
    });

    expect(providersIn(json, "A")).toEqual({ aws: ["default"], github: ["default"] });
    expect(providersIn(json, "B")).toEqual({ aws: ["aws.other"], github: ["github.hub"] });
    expect(providersIn(json, "C")).toEqual({ aws: ["aws.other"], github: ["default"] });
  });

  it("are asked where they are, though the stack knows where its own are", () => {
    const { json } = synthesize((stack) => {
      const aws = new AwsProvider(stack, "Other", { alias: "other", region: "us-east-2" });
      const own = new AwsEnvironment(stack, "Own");
      expect(runners(stack, "A").launcher.aws).toBe(own);
      expect(runners(stack, "B", [aws]).launcher.aws).not.toBe(own);
    });

    expect(Object.keys((json.data as Blocks).aws_region ?? {})).toEqual([
      expect.stringMatching(/^B_Aws_/),
      expect.stringMatching(/^Own_/),
    ]);
  });

  it("make all of their installation in an App of another copy of CDKTF", () => {
    let other: typeof Cdktf | undefined;
    jest.isolateModules(() => {
      other = jest.requireActual<typeof Cdktf>("cdktf");
    });
    const { App, TerraformStack: OtherStack } = other!;
    expect(OtherStack).not.toBe(TerraformStack);
    const outdir = mkdtempSync(join(tmpdir(), "copy-"));
    const app = new App({ outdir, skipValidation: true });
    const stack = new OtherStack(app, "stack");
    runners(stack, "B", [new AwsProvider(stack, "Other", { alias: "other", region: "us-east-2" })]);
    app.synth();
    const text = readFileSync(join(outdir, "stacks/stack/cdk.tf.json"), "utf8");
    rmSync(outdir, { recursive: true });

    expect(providersIn(JSON.parse(text) as Record<string, unknown>, "B").aws).toEqual(["aws.other"]);
  });

  it("leave alone what names a provider of its own", () => {
    const { json } = synthesize((stack) => {
      const one = new AwsProvider(stack, "One", { alias: "one" });
      const two = new AwsProvider(stack, "Two", { alias: "two" });
      new SqsQueue(runners(stack, "A", [one]), "Extra", { provider: two });
    });
    const { aws_sqs_queue: queues = {} } = json.resource as Blocks;

    expect(queues[Object.keys(queues).find((name) => name.startsWith("A_Extra"))!]?.provider).toBe("aws.two");
  });

  it.each<[(stack: TerraformStack) => unknown, string]>([
    [() => "aws.other", "providers must be a list of providers, such as [new AwsProvider(...)]."],
    [() => ["aws.other"], "providers must be a list of providers, such as [new AwsProvider(...)]."],
    [
      (stack) => ["a", "b"].map((alias) => new AwsProvider(stack, alias, { alias })),
      "providers names two providers of aws: everything here is made with one of them.",
    ],
  ])("are refused as %s", (providers, message) => {
    expect(() => synthesize((stack) => void runners(stack, "A", providers(stack) as never))).toThrow(message);
  });
});
