import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { GithubProvider } from "@cdktf/provider-github/lib/provider";
import { App, TerraformResource, TerraformStack } from "cdktf";
import { createBackend } from "./scripts/app/backend";
import { checkContext } from "./scripts/app/context";
import { messageOf, readContext } from "./scripts/app/read-context";
import { DEFAULT_REGION } from "./scripts/app/rules";
import { EphemeralRunners, GithubConnection, RunnerGroup } from "./constructs";
import type { GithubContext, NamedStack, RunnersContext } from "./scripts/app/context";
import type { IRunnerGroup } from "./constructs";
import type { Construct } from "constructs";

/** The reference app: stacks with one installation each, out of `context` in cdktf.json. */

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

  public constructor(scope: Construct, context: NamedStack) {
    super(scope, context.name);
    const { region = DEFAULT_REGION, account, backend, keepGithubProvider = false, runners } = context;
    const { github, runnerGroup, ...props } = runners;
    const connection = connectionOf(github);

    this.runners = new EphemeralRunners(this, "Runners", {
      ...props,
      github: connection,
      runnerGroup: runnerGroupOf(runnerGroup),
    });
    new AwsProvider(this, "Aws", { region, ...(account !== undefined && { allowedAccountIds: [account] }) });
    if (keepGithubProvider || usesGithub(this)) {
      new GithubProvider(this, "Github", {
        // Its token comes from the environment: GITHUB_TOKEN.
        owner: connection.settings.owner,
        baseUrl: connection.providerBaseUrl,
      });
    }
    createBackend(this, backend);
    this.addOverride("terraform.required_version", REQUIRED_TERRAFORM);
    this.addOverride("terraform.required_providers.aws.version", REQUIRED_AWS_PROVIDER);
  }

  /** Without cdktf's first resolution of everything, which looks for references between stacks: here are none. */
  public override prepareStack(): void {
    this.ensureBackendExists();
  }
}

/**
 * @param outdir where the JSON goes; default: `CDKTF_OUTDIR`, else `cdktf.out`
 * @param source where the context was read, for messages; default: `cdktf.json`
 */
export const createApp = (context: Record<string, unknown>, outdir?: string, source?: string): App => {
  const stacks = checkContext(context, source);
  const app = new App({ context, outdir, stackTraces: false });
  for (const stack of stacks) new ReferenceStack(app, stack);
  return app;
};

/** CDKTF notes of each reference where it was made. That takes a tenth of the time, and nothing here prints it. */
const withoutTraces = (make: () => void): void => {
  Error.prepareStackTrace = () => "";
  try {
    make();
  } finally {
    Reflect.deleteProperty(Error, "prepareStackTrace");
  }
};

const main = (): void => {
  try {
    const { context, source } = readContext(__dirname, process.env);
    withoutTraces(() => createApp(context, undefined, source).synth());
  } catch (error) {
    console.error(messageOf(error));
    process.exitCode = 1;
  }
};

if (require.main === module) main();
