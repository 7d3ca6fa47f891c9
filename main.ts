import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { GithubProvider } from "@cdktf/provider-github/lib/provider";
import { App, CONTEXT_ENV, LocalBackend, TerraformResource, TerraformStack } from "cdktf";
import { ConfigurationError, EphemeralRunners, GithubConnection, RunnerGroup } from "./constructs";
import type { EphemeralRunnersProps, GithubAppProps, GithubTokenProps, IRunnerGroup } from "./constructs";
import type { Construct } from "constructs";

/** The reference app: one stack with one installation, out of `context` in cdktf.json. */

const STACK = "ephemeral-runners";
const DEFAULT_REGION = "us-east-1";

/** What the package was made for: `value_wo` came with Terraform 1.11 and, of the AWS provider, with 5.88. */
const REQUIRED_TERRAFORM = ">= 1.11";
const REQUIRED_AWS_PROVIDER = ">= 5.100, < 7";

type GithubContext = GithubAppProps | GithubTokenProps;

/** Props of EphemeralRunners as JSON: `github` and `runnerGroup` are what their factories take. */
interface RunnersContext extends Omit<EphemeralRunnersProps, "github" | "runnerGroup"> {
  readonly github: GithubContext;
  /** `{ "id": "3", "name": "runners" }`, or `{ "default": true }` for GitHub's default group. */
  readonly runnerGroup?: { readonly id: string; readonly name?: string } | { readonly default: true };
}

type Kind = "a text" | "a number" | "true or false" | "a list" | "an object";

const kindOf = (value: unknown): Kind | undefined => {
  if (Array.isArray(value)) return "a list";
  if (value !== null && typeof value === "object") return "an object";
  return ({ string: "a text", number: "a number", boolean: "true or false" } as const)[
    typeof value as "string" | "number" | "boolean"
  ];
};

const RUNNERS_CONTEXT: Readonly<Record<keyof RunnersContext, Kind>> = {
  github: "an object",
  fleets: "a list",
  prefix: "a text",
  network: "an object",
  webhook: "a text",
  runnerGroup: "an object",
  repositories: "a list",
  publicRepositories: "true or false",
  tags: "an object",
  permissionsBoundaryArn: "a text",
  kmsKeyArn: "a text",
  logRetentionDays: "a number",
  alarmActions: "a list",
  runtime: "a text",
  rotationMinutes: "a number",
  throttlingRateLimit: "a number",
  throttlingBurstLimit: "a number",
  reservedConcurrency: "a number",
  maximumConcurrency: "a number",
  createSpotServiceLinkedRole: "true or false",
  ledgerDeletionProtection: "true or false",
};

const checkContext = (context: unknown): RunnersContext => {
  const given = (kindOf(context) === "an object" ? context : {}) as Record<string, unknown>;
  const kinds: Readonly<Record<string, Kind>> = RUNNERS_CONTEXT;
  const mistakes = [
    ...["github", "fleets"].filter((key) => given[key] === undefined).map((key) => `${key} is missing.`),
    ...Object.entries(given).flatMap(([key, value]) => {
      const kind = kinds[key];
      if (kind === undefined) return [`${key} is unknown. Known are: ${Object.keys(kinds).join(", ")}.`];
      return kindOf(value) === kind ? [] : [`${key} must be ${kind}, and is ${JSON.stringify(value)}.`];
    }),
  ];
  if (mistakes.length > 0)
    throw new ConfigurationError(`context.runners in cdktf.json: ${mistakes.join(" ")}`);
  return given as unknown as RunnersContext;
};

const connectionOf = (github: GithubContext): GithubConnection =>
  "tokenParameter" in github ? GithubConnection.token(github) : GithubConnection.app(github);

const runnerGroupOf = (group: RunnersContext["runnerGroup"]): IRunnerGroup | undefined => {
  if (group === undefined) return undefined;
  return "id" in group
    ? RunnerGroup.fromId(group.id, group.name)
    : RunnerGroup.defaultGroup({ acceptSharedGroup: group.default });
};

/** A team that lets GitHub's own resources be needs neither the provider nor a token for it. */
const usesGithub = (scope: Construct): boolean =>
  scope.node
    .findAll()
    .some(
      (construct) =>
        TerraformResource.isTerraformResource(construct) &&
        construct.terraformGeneratorMetadata?.providerName === "github",
    );

/** The stack with what the library leaves to the team: providers, versions and the place of the state. */
class ReferenceStack extends TerraformStack {
  public readonly runners: EphemeralRunners;

  public constructor(scope: Construct, id: string) {
    super(scope, id);
    const { github, runnerGroup, ...props } = checkContext(this.node.tryGetContext("runners"));
    const region = (this.node.tryGetContext("region") as string | undefined) ?? DEFAULT_REGION;
    const connection = connectionOf(github);

    this.runners = new EphemeralRunners(this, "Runners", {
      ...props,
      github: connection,
      runnerGroup: runnerGroupOf(runnerGroup),
    });
    new AwsProvider(this, "Aws", { region });
    if (usesGithub(this)) {
      new GithubProvider(this, "Github", {
        owner: connection.settings.owner,
        // Its token comes from the environment: GITHUB_TOKEN.
        ...(github.baseUrl !== undefined && { baseUrl: `${github.baseUrl}/` }),
      });
    }
    // The project's folder, seen from cdktf.out/stacks/<stack>. With no backend CDKTF writes that folder's own path.
    new LocalBackend(this, { path: `../../../terraform.${id}.tfstate` });
    this.addOverride("terraform.required_version", REQUIRED_TERRAFORM);
    this.addOverride("terraform.required_providers.aws.version", REQUIRED_AWS_PROVIDER);
  }
}

/** @param outdir where the JSON goes; default: `CDKTF_OUTDIR`, else `cdktf.out` */
export const createApp = (context: Record<string, unknown>, outdir?: string): App => {
  const app = new App({ context, outdir, stackTraces: false });
  new ReferenceStack(app, STACK);
  return app;
};

/** The context of cdktf.json beside this file or above it, which only the CDKTF CLI hands over by itself. */
const readContext = (from: string): Record<string, unknown> => {
  const path = join(from, "cdktf.json");
  if (existsSync(path))
    return (JSON.parse(readFileSync(path, "utf8")) as { context?: Record<string, unknown> }).context ?? {};
  if (dirname(from) === from)
    throw new ConfigurationError("There is no cdktf.json: run this in the project.");
  return readContext(dirname(from));
};

const main = (): void => {
  try {
    createApp(process.env[CONTEXT_ENV] === undefined ? readContext(__dirname) : {}).synth();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
};

if (require.main === module) main();
