import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { SqsQueue } from "@cdktf/provider-aws/lib/sqs-queue";
import { GithubProvider } from "@cdktf/provider-github/lib/provider";
import { TerraformStack, Testing } from "cdktf";
import { AwsEnvironment, EphemeralRunners, GithubConnection, JobQueue } from "../../constructs";
import { useProviders } from "../../constructs/providers";
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

    expect(Object.keys((json.data as Blocks).aws_service ?? {})).toEqual([
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

describe("a stack whose providers all have an alias", () => {
  const synth = (build: (stack: TerraformStack) => void): (() => void) => {
    const app = Testing.app();
    const stack = new TerraformStack(app, "test");
    new AwsProvider(stack, "Frankfurt", { alias: "frankfurt", region: "eu-central-1" });
    new AwsProvider(stack, "Paris", { alias: "paris", region: "eu-west-3" });
    build(stack);
    return () => app.synth();
  };
  const hub = (stack: TerraformStack, alias?: string) => new GithubProvider(stack, "Hub", { alias });
  const paris = (stack: TerraformStack) => stack.node.findChild("Paris") as AwsProvider;
  const why =
    "every AwsProvider of this stack has an alias (frankfurt, paris), and what is made here would have no region";

  it("is told, once, that an installation needs one of them", () => {
    const act = synth((stack) => {
      hub(stack);
      runners(stack, "A");
    });

    expect(act).toThrow(
      `[test/A] providers is missing: ${why}. Name the one that is meant, as in providers: [provider], or take the alias of one away.`,
    );
    expect(act).not.toThrow(/\[test\/A\/\w+\]/);
  });

  it("is told what GitHub's is needed for", () => {
    const act = synth((stack) => {
      hub(stack, "acme");
      runners(stack, "A", [paris(stack)]);
    });

    expect(act).toThrow(
      /^[^[]*\[test\/A\] providers is missing: every GithubProvider .*\(acme\), .* no owner\./m,
    );
  });

  it("may name the one that is meant, or set it by an aspect", () => {
    expect(
      synth((stack) => {
        hub(stack);
        runners(stack, "A", [paris(stack)]);
        const queue = new JobQueue(stack, "Queue", { prefix: "alone" });
        useProviders(queue, [paris(stack)]);
      }),
    ).not.toThrow();
  });

  it("is told of parts used alone", () => {
    const act = synth((stack) => void new JobQueue(stack, "Queue", { prefix: "alone" }));

    expect(act).toThrow(
      `[test/Queue] There is no provider to make this with: ${why}. Take the alias of one away, or set the provider of each resource by an aspect.`,
    );
  });

  it("is none once one of them has no alias", () => {
    expect(
      synth((stack) => {
        new AwsProvider(stack, "Default", { region: "eu-west-1" });
        hub(stack);
        runners(stack, "A");
      }),
    ).not.toThrow();
  });
});
