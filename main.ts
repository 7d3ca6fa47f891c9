import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { GithubProvider } from "@cdktf/provider-github/lib/provider";
import { App, CONTEXT_ENV, LocalBackend, TerraformResource, TerraformStack } from "cdktf";
import { ConfigurationError, EphemeralRunners, GithubConnection, RunnerGroup } from "./constructs";
import { checkContext, messageOf, parseContext } from "./scripts/context";
import type { IRunnerGroup } from "./constructs";
import type { GithubContext, RunnersContext } from "./scripts/context";
import type { Construct } from "constructs";

/** The reference app: one stack with one installation, out of `context` in cdktf.json. */

const STACK = "ephemeral-runners";

/** What the package was made for: `value_wo` came with Terraform 1.11 and, of the AWS provider, with 5.88. */
const REQUIRED_TERRAFORM = ">= 1.11";
const REQUIRED_AWS_PROVIDER = ">= 5.100, < 7";

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
    const { region, runners } = checkContext(
      this.node.tryGetContext("region"),
      this.node.tryGetContext("runners"),
    );
    const { github, runnerGroup, ...props } = runners;
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
  if (existsSync(path)) return parseContext(readFileSync(path, "utf8"), path);
  if (dirname(from) === from)
    throw new ConfigurationError("There is no cdktf.json: run this in the project.");
  return readContext(dirname(from));
};

const main = (): void => {
  try {
    createApp(process.env[CONTEXT_ENV] === undefined ? readContext(__dirname) : {}).synth();
  } catch (error) {
    console.error(messageOf(error));
    process.exitCode = 1;
  }
};

if (require.main === module) main();
