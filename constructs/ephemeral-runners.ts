import { Annotations, TerraformOutput, TerraformStack } from "cdktf";
import { Construct } from "constructs";
import { AwsEnvironment } from "./aws-environment";
import { checkCommon, commonOf, nameOf, prefixFrom } from "./common";
import { installationMistakes } from "./ephemeral-runners-checks";
import { fleetRoutes } from "./fleet";
import { checkFleets, labelWarnings } from "./fleet-checks";
import { checkConnection } from "./github-connection";
import { GithubOrgWebhook } from "./github-org-webhook";
import { GithubRepositoryWebhook } from "./github-repository-webhook";
import { kindOfWebhook } from "./github-webhook";
import { JobQueue } from "./job-queue";
import { budgetOf, checkBudget } from "./monthly-budget";
import { forgetFirst } from "./new-before-old";
import { inApp, sameLabelWarnings } from "./other-installations";
import { placeInProviders, useProviders } from "./providers";
import { RunnerGroup } from "./runner-group";
import { RunnerLauncher } from "./runner-launcher";
import { RunnerNetwork } from "./runner-network";
import { checkNetwork } from "./runner-network-checks";
import { checkProps } from "./schema/check-props";
import { EPHEMERAL_RUNNERS } from "./shape";
import { SpotInterruption } from "./spot-interruption";
import { Sweeper } from "./sweeper";
import { TokenRotation } from "./token-rotation";
import { addCheck } from "./validation";
import { WebhookApi } from "./webhook-api";
import type { FunctionProps, NamedProps } from "./common";
import type { FleetProps } from "./fleet";
import type { GithubConnection } from "./github-connection";
import type { WebhookKind } from "./github-webhook";
import type { BudgetProps, MonthlyBudget } from "./monthly-budget";
import type { IRunnerGroup } from "./runner-group";
import type { Serves } from "./other-installations";
import type { RunnerLauncherProps } from "./runner-launcher";
import type { RunnerLaunchTemplate } from "./runner-launch-template";
import type { RunnerNetworkProps } from "./runner-network";
import type { SweeperProps } from "./sweeper";
import type { TokenRotationProps } from "./token-rotation";
import type { WebhookApiProps } from "./webhook-api";
import type { TerraformProvider } from "cdktf";

/** What an installation is told: whose jobs, on which machines. All else has a default. */
export interface EphemeralRunnersProps
  extends
    Omit<FunctionProps, "prefix">,
    BudgetProps,
    Pick<
      RunnerLauncherProps,
      | "maximumConcurrency"
      | "createSpotServiceLinkedRole"
      | "requireLaunchTemplate"
      | "ledgerDeletionProtection"
    >,
    Pick<TokenRotationProps, "rotationMinutes" | "webhookSecretRotationDays" | "renewRunnerVersion">,
    Pick<
      SweeperProps,
      | "sweepMinutes"
      | "idleLimitMinutes"
      | "checkAfterMinutes"
      | "rerunInterruptedJobs"
      | "onDemandAfterInterruptions"
      | "backlogRepositories"
      | "maximumMachineHoursPerDay"
    >,
    Pick<
      WebhookApiProps,
      | "repositories"
      | "publicRepositories"
      | "sourceAddresses"
      | "throttlingRateLimit"
      | "throttlingBurstLimit"
      | "reservedConcurrency"
    > {
  /** Whose jobs are served: `GithubConnection.app(...)` or `GithubConnection.token(...)`. */
  readonly github: GithubConnection;

  /** The kinds of machines, each with the labels that jobs ask for it by. At least one. */
  readonly fleets: readonly FleetProps[];

  /**
   * First part of the name of every resource, and of every runner at GitHub: 1 to 20 characters of a-z, 0-9 and `-`,
   * beginning with a letter. Two installations in one AWS account or one organization need two prefixes.
   * @default the construct's id in lower case, such as "linux-runners" for "LinuxRunners", cut off after 20 characters
   */
  readonly prefix?: string;

  /**
   * Where machines stand.
   * @default a small VPC of its own: three public subnets, nothing comes in, only port 443 goes out
   */
  readonly network?: Omit<RunnerNetworkProps, keyof NamedProps>;

  /**
   * The webhook that sends the events: `organization`, `repository`, `app` or `manual`.
   * @default one that Terraform makes, at the level of `github`
   */
  readonly webhook?: WebhookKind;

  /**
   * The runner group that machines join: a RunnerGroup, `RunnerGroup.fromId` or `RunnerGroup.defaultGroup`.
   * @default one of its own, named like the prefix, for all private repositories; none at the level of a repository
   */
  readonly runnerGroup?: IRunnerGroup;

  /**
   * The providers that everything here is made with, where the stack's own are not meant: an `AwsProvider` with an alias
   * for another account or region, a `GithubProvider` with one for another organization, or both.
   * @default the stack's providers without an alias
   */
  readonly providers?: readonly TerraformProvider[];
}

/**
 * Ephemeral runners for GitHub Actions: every job that asks for a fleet's labels gets a machine of its own, launched for
 * it, used once, destroyed.
 */
export class EphemeralRunners extends Construct {
  /** First part of every name. */
  public readonly prefix: string;
  /** Where the machines stand. */
  public readonly network: RunnerNetwork;
  /** What the webhook says, until it is written down. */
  public readonly queue: JobQueue;
  /** The door that GitHub's events come through. */
  public readonly webhook: WebhookApi;
  /** Absent where Terraform makes no webhook at GitHub. */
  public readonly githubWebhook?: GithubOrgWebhook | GithubRepositoryWebhook;
  /** Keeper of tokens and of the webhook's secret. */
  public readonly rotation: TokenRotation;
  /** The group that machines join; a RunnerGroup where this construct made it. */
  public readonly runnerGroup: IRunnerGroup;
  /** What makes machines of jobs, with its tables. */
  public readonly launcher: RunnerLauncher;
  /** What repairs where no event came. */
  public readonly sweeper: Sweeper;
  /** What hears that spot machines will be taken. */
  public readonly interruption: SpotInterruption;
  /** Absent without `monthlyBudgetUsd`. */
  public readonly budget?: MonthlyBudget;
  /** Where the webhook at GitHub must point to. */
  public readonly webhookUrlOutput: TerraformOutput;
  /** Which parameter holds the webhook's secret. */
  public readonly webhookSecretParameterOutput: TerraformOutput;
  private readonly serves: Serves;

  public constructor(scope: Construct, id: string, props: EphemeralRunnersProps) {
    super(scope, id);
    checkProps(this, props, EPHEMERAL_RUNNERS);
    useProviders(this, props.providers);
    this.prefix = props.prefix ?? prefixFrom(id);
    const common = commonOf({ ...props, prefix: this.prefix });
    checkCommon(this, common);
    checkConnection(this, props.github);
    checkFleets(this, props.fleets);
    const { github, fleets, repositories } = props;
    this.serves = { path: this.node.path, github, fleets, repositories };
    const earlier = inApp(this, isEphemeralRunners).flatMap((one) => (one === this ? [] : [one.serves]));
    for (const warning of [...labelWarnings(fleets), ...sameLabelWarnings(this.serves, earlier)])
      Annotations.of(this).addWarning(warning);
    checkNetwork(this, props.network ?? {}, "network.");
    checkBudget(this, props);
    addCheck(this, () => [...this.prefixMistakes(), ...installationMistakes(props)]);

    AwsEnvironment.of(this);
    this.network = new RunnerNetwork(this, "Network", { ...props.network, ...common });
    this.queue = new JobQueue(this, "Queue", common);
    this.webhook = this.createWebhook(common, props);
    this.githubWebhook = this.createGithubWebhook(props);
    this.rotation = this.createRotation(common, props);
    this.runnerGroup = props.runnerGroup ?? this.createRunnerGroup(props);
    this.launcher = this.createLauncher(common, props);
    this.sweeper = this.createSweeper(common, props);
    for (const { function: reader } of [this.launcher.launch, this.sweeper.sweep])
      forgetFirst(reader, this.rotation.parameters);
    this.interruption = new SpotInterruption(this, "Interruption", { ...common, launcher: this.launcher });
    this.budget = budgetOf(this, common, props);
    this.webhookUrlOutput = this.createOutput(
      "webhook-url",
      "Where GitHub sends its events",
      this.webhook.url,
    );
    this.webhookSecretParameterOutput = this.createOutput(
      "webhook-secret-parameter",
      "SSM parameter with the secret of GitHub's webhook",
      this.webhook.secretParameter,
    );
    placeInProviders(this, props.providers);
  }

  /** By the fleet's name. */
  public get launchTemplates(): Readonly<Record<string, RunnerLaunchTemplate>> {
    return this.launcher.launchTemplates;
  }

  private createWebhook(common: FunctionProps, props: EphemeralRunnersProps): WebhookApi {
    return new WebhookApi(this, "Webhook", {
      ...common,
      github: props.github,
      queue: this.queue.queue,
      routes: fleetRoutes(props.fleets),
      repositories: props.repositories,
      publicRepositories: props.publicRepositories,
      sourceAddresses: props.sourceAddresses,
      throttlingRateLimit: props.throttlingRateLimit,
      throttlingBurstLimit: props.throttlingBurstLimit,
      reservedConcurrency: props.reservedConcurrency,
    });
  }

  private createGithubWebhook(
    props: EphemeralRunnersProps,
  ): GithubOrgWebhook | GithubRepositoryWebhook | undefined {
    const { url } = this.webhook;
    const { repository } = props.github.settings;
    const kind = kindOfWebhook(props);
    if (kind === "organization") return new GithubOrgWebhook(this, "GithubWebhook", { url });
    if (kind === "repository" && repository !== undefined)
      return new GithubRepositoryWebhook(this, "GithubWebhook", { url, repository });
    return undefined;
  }

  private createRotation(common: FunctionProps, props: EphemeralRunnersProps): TokenRotation {
    const kind = kindOfWebhook(props);
    return new TokenRotation(this, "Rotation", {
      ...common,
      github: props.github,
      rotationMinutes: props.rotationMinutes,
      webhookSecretRotationDays: props.webhookSecretRotationDays,
      rerunInterruptedJobs: props.rerunInterruptedJobs,
      renewRunnerVersion: props.renewRunnerVersion,
      webhook:
        kind === "manual" ? undefined : { kind, hookId: this.githubWebhook?.hookId, url: this.webhook.url },
    });
  }

  private createRunnerGroup({ github }: EphemeralRunnersProps): IRunnerGroup {
    return github.level === "repository"
      ? RunnerGroup.ofRepository()
      : new RunnerGroup(this, "RunnerGroup", { name: this.prefix });
  }

  private createLauncher(common: FunctionProps, props: EphemeralRunnersProps): RunnerLauncher {
    return new RunnerLauncher(this, "Launcher", {
      ...common,
      fleets: props.fleets,
      network: this.network,
      queue: this.queue.queue,
      github: props.github,
      rotateFunction: this.rotation.function.function,
      runnerGroup: this.runnerGroup,
      maximumConcurrency: props.maximumConcurrency,
      createSpotServiceLinkedRole: props.createSpotServiceLinkedRole,
      requireLaunchTemplate: props.requireLaunchTemplate,
      ledgerDeletionProtection: props.ledgerDeletionProtection,
      renewRunnerVersion: props.renewRunnerVersion,
    });
  }

  private createSweeper(common: FunctionProps, props: EphemeralRunnersProps): Sweeper {
    return new Sweeper(this, "Sweeper", {
      ...common,
      launcher: this.launcher,
      sweepMinutes: props.sweepMinutes,
      idleLimitMinutes: props.idleLimitMinutes,
      checkAfterMinutes: props.checkAfterMinutes,
      rerunInterruptedJobs: props.rerunInterruptedJobs,
      onDemandAfterInterruptions: props.onDemandAfterInterruptions,
      backlogRepositories: props.backlogRepositories,
      maximumMachineHoursPerDay: props.maximumMachineHoursPerDay,
      redeliver: kindOfWebhook(props) !== "manual",
    });
  }

  /** Outputs stand at the root of a stack, so their names carry the prefix. */
  private createOutput(name: string, description: string, value: string): TerraformOutput {
    const output = new TerraformOutput(this, name, { description, value });
    output.overrideLogicalId(nameOf({ prefix: this.prefix }, name));
    return output;
  }

  private prefixMistakes(): readonly string[] {
    const installations = TerraformStack.of(this).node.findAll().filter(isEphemeralRunners);
    const first = installations.find(({ prefix }) => prefix === this.prefix);
    return first === undefined || first === this
      ? []
      : [
          `prefix is "${this.prefix}", and so is that of ${first.node.path}: give one of them another prefix.`,
        ];
  }
}

const isEphemeralRunners = (construct: unknown): construct is EphemeralRunners =>
  construct instanceof EphemeralRunners;
