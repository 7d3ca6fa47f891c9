import { LambdaEventSourceMapping } from "@cdktf/provider-aws/lib/lambda-event-source-mapping";
import { Fn } from "cdktf";
import { Construct } from "constructs";
import { ALARM_METRIC } from "../functions/shared/contract";
import { createAlarm } from "./alarm";
import { AwsEnvironment } from "./aws-environment";
import { checkCommon, commonOf, keysOf, nameOf, tagsOf } from "./common";
import { fleetInstanceTypes } from "./fleet";
import { checkFleets } from "./fleet-checks";
import { distinctFleets, fleetParts } from "./fleet-parts";
import { forgetResource } from "./forget-resource";
import { BundledFunction } from "./functions/bundled-function";
import { DEFAULT_CONSUMER_TIMEOUT_SECONDS } from "./job-queue";
import { checkList } from "./lists";
import { checkConnection } from "./github-connection";
import { githubParameters, githubTokens } from "./github-parameters";
import { packagedRelease } from "./packaged-release";
import { reconcileStatements } from "./reconcile-policy";
import { RunnerTables } from "./runner-tables";
import { RUNNER_LAUNCHER } from "./parts-shape";
import { checkProps } from "./schema/check-props";
import { concurrencyFor, EVENT_SOURCE, MEMORY_MB } from "./tuning";
import { addCheck, addCheckOnce, checkNotBoth, checkRange } from "./validation";
import type { LambdaFunction } from "@cdktf/provider-aws/lib/lambda-function";
import type { SqsQueue } from "@cdktf/provider-aws/lib/sqs-queue";
import type { SsmParameter } from "@cdktf/provider-aws/lib/ssm-parameter";
import type { FunctionProps } from "./common";
import type { FleetProps } from "./fleet";
import type { GithubConnection } from "./github-connection";
import type { ReadTokens, ReconcileScope } from "./reconcile-policy";
import type { RunnerLaunchTemplate } from "./runner-launch-template";
import type { IRunnerGroup } from "./runner-group";
import type { RunnerNetwork } from "./runner-network";
import type { UsedLaunchTemplate } from "./used-launch-template";
import type { LaunchSettings } from "../functions/shared/contract";
import type { CloudwatchMetricAlarm } from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";

export interface RunnerLauncherProps extends FunctionProps {
  /** The fleets whose machines are launched. */
  readonly fleets: readonly FleetProps[];

  /** Where machines stand: a `RunnerNetwork`, or ids of your own; lists that only Terraform knows, too. */
  readonly network: Pick<RunnerNetwork, "subnetIds" | "securityGroupIds">;

  /** The queue that events come from: the `queue` of a `JobQueue`, or one of your own with a visibility time-out of 360 seconds or more. */
  readonly queue: Pick<SqsQueue, "arn" | "url">;

  /** On whose behalf machines are registered. */
  readonly github: GithubConnection;

  /** The function that makes a fresh token when the one in the parameter is unset, expired or refused. */
  readonly rotateFunction: Pick<LambdaFunction, "arn" | "functionName">;

  /** The runner group at GitHub that machines are registered in. */
  readonly runnerGroup: Pick<IRunnerGroup, "id" | "name">;

  /**
   * Launch functions that may run at a time, 2 to 1000. One of them works on a fleet, the others write down events. With
   * fewer than there are fleets, jobs of one wait while others launch. More than the default helps little, and takes from
   * the webhook function where the account's quota is small (10 when new).
   * @default one more than there are fleets, and at least 5
   */
  readonly maximumConcurrency?: number;

  /**
   * Whether EC2 may make `AWSServiceRoleForEC2Spot`, the role that an account's spot machines need, at the first spot launch.
   * The functions that launch get the right to have exactly this role made. It is the account's, not the installation's: it
   * stays when this is switched off, and when the installation is destroyed.
   * @default false: in an account that has never used spot, machines are on-demand
   */
  readonly createSpotServiceLinkedRole?: boolean;

  /**
   * Whether IAM lets machines be launched from the fleets' templates and of the fleets' instance types only. Should AWS
   * refuse your launches for it (the alarm `attention` rings, and the log says `UnauthorizedOperation`), set it to false.
   *
   * False: template and type count only where AWS tells them. Whoever takes over the launch or the sweep function can then
   * start machines from no template, of any image, in the same subnets and with the same role.
   * @default true
   */
  readonly requireLaunchTemplate?: boolean;

  /**
   * Whether AWS refuses to delete the ledger, and Terraform with it.
   * @default false: what the ledger holds of the present can be asked of GitHub and EC2 again
   */
  readonly ledgerDeletionProtection?: boolean;

  /**
   * Whether machines are told the version of the runner that the rotation function renews, as `TokenRotation` is told.
   * @default true
   */
  readonly renewRunnerVersion?: boolean;

  /**
   * Tables made beforehand, for a launch template of your own whose user data names them. Excludes
   * `ledgerDeletionProtection`.
   * @default they are made
   */
  readonly existingTables?: RunnerTables;
}

/** Turns jobs that wait into machines: the launch function, what it reads and writes, and the machines' templates. */
export class RunnerLauncher extends Construct {
  /** The launch function. */
  public readonly launch: BundledFunction;
  /** Hands messages of the queue to the launch function. */
  public readonly eventSourceMapping: LambdaEventSourceMapping;
  /** Ledger and handoff. */
  public readonly tables: RunnerTables;
  /** Account and region that the ARNs of its policies name. */
  public readonly aws: AwsEnvironment;
  /** By the fleet's name; without the fleets that have a template of the team's own. */
  public readonly launchTemplates: Readonly<Record<string, RunnerLaunchTemplate>>;
  /** By the fleet's name: what the functions read about a fleet. */
  public readonly fleetParameters: Readonly<Record<string, SsmParameter>>;
  /** Rings when a launch was refused, a registration failed, or anything else needs a person; the log says what. */
  public readonly attentionAlarm: CloudwatchMetricAlarm;

  /** As they were given. */
  public readonly fleets: readonly FleetProps[];
  /** As it was given. */
  public readonly github: GithubConnection;
  /**
   * What the launch function is told.
   * @internal
   */
  public readonly settings: LaunchSettings;
  /**
   * The tokens that there are for GitHub's API, whether or not the launch function reads them.
   * @internal
   */
  public readonly tokens: ReadTokens;
  /** Changes with any fleet's parameter, so that functions which keep what they read start afresh. */
  public readonly fleetsRevision: string;
  /**
   * What reconciling works on, for the role of another function.
   * @internal
   */
  public readonly scope: ReconcileScope;
  private readonly usedTemplates: readonly UsedLaunchTemplate[];

  public constructor(scope: Construct, id: string, props: RunnerLauncherProps) {
    super(scope, id);
    checkProps(this, props, RUNNER_LAUNCHER);
    checkCommon(this, props);
    checkFleets(this, props.fleets);
    checkConnection(this, props.github);
    addCheckOnce(this, "network", () => [
      ...checkList("network.subnetIds", props.network.subnetIds),
      ...checkList("network.securityGroupIds", props.network.securityGroupIds),
    ]);
    addCheck(this, () => [
      ...checkRange("maximumConcurrency", props.maximumConcurrency, 2, 1000),
      ...checkNotBoth("existingTables", props.existingTables, {
        ledgerDeletionProtection: props.ledgerDeletionProtection,
      }),
    ]);

    this.aws = AwsEnvironment.of(this);
    this.tables =
      props.existingTables ??
      new RunnerTables(this, "Tables", {
        ...commonOf(props),
        ledgerDeletionProtection: props.ledgerDeletionProtection,
      });
    // 0.1.0 made the role as a resource of Terraform.
    forgetResource(this, "aws_iam_service_linked_role", "SpotServiceLinkedRole");
    this.github = props.github;
    this.fleets = distinctFleets(props.fleets);
    const fleetParameterPrefix = `/${props.prefix}/fleets/`;
    const parts = fleetParts(this, { ...props, tables: this.tables, aws: this.aws, fleetParameterPrefix });
    this.launchTemplates = parts.launchTemplates;
    this.fleetParameters = parts.parameters;
    this.usedTemplates = parts.used;
    this.fleetsRevision = Fn.sha256(
      Fn.join(
        ",",
        Object.values(this.fleetParameters).map((parameter) => parameter.insecureValue),
      ),
    );
    this.tokens = tokensOf(props);
    this.settings = this.launchSettings(fleetParameterPrefix, props);
    this.scope = this.reconcileScope(fleetParameterPrefix, props);
    this.launch = this.createFunction(props);
    this.eventSourceMapping = this.connect(props);
    this.attentionAlarm = createAlarm(this, "AttentionAlarm", props, {
      alarmName: nameOf(props, "attention"),
      alarmDescription: `Jobs may be waiting for a person: look for "${ALARM_METRIC.name}" in the logs of the functions, /aws/lambda/${nameOf(props, "*")}.`,
      namespace: ALARM_METRIC.namespace,
      metricName: ALARM_METRIC.name,
      dimensions: { [ALARM_METRIC.dimension]: props.prefix },
      statistic: "Sum",
    });
  }

  private launchSettings(fleetParameterPrefix: string, props: RunnerLauncherProps): LaunchSettings {
    const { settings, registration } = props.github;
    return {
      installation: props.prefix,
      ledgerTable: this.tables.ledger.name,
      handoffTable: this.tables.handoff.name,
      queueUrl: props.queue.url,
      // In their order, as the webhook function has them: where two match a job equally well, the first takes it.
      fleets: this.fleets.map(({ name }) => name),
      fleetParameterPrefix,
      github: settings,
      registration,
      ...this.tokens,
      // With a registration token at hand, nothing is asked of GitHub's API.
      ...(registration === "token" && { githubTokens: [] }),
      rotateFunction: props.rotateFunction.functionName,
      ...((props.renewRunnerVersion ?? true) && {
        runner: { parameter: githubParameters(props).runnerVersion, floor: packagedRelease.version },
      }),
    };
  }

  private reconcileScope(fleetParameterPrefix: string, props: RunnerLauncherProps): ReconcileScope {
    return {
      aws: this.aws,
      installation: props.prefix,
      launchTemplates: this.usedTemplates,
      subnetIds: props.network.subnetIds,
      securityGroupIds: props.network.securityGroupIds,
      instanceTypes: this.fleets.flatMap(fleetInstanceTypes),
      requireLaunchTemplate: props.requireLaunchTemplate ?? true,
      createSpotServiceLinkedRole: props.createSpotServiceLinkedRole ?? false,
      ledger: this.tables.ledger,
      handoff: this.tables.handoff,
      queueArn: props.queue.arn,
      fleetParameterPrefix,
      rotateFunctionArn: props.rotateFunction.arn,
      runnerParameter: this.settings.runner?.parameter,
      kmsKeyArns: keysOf(props),
      credentialKmsKeyArn: props.github.credentialKmsKeyArn,
    };
  }

  private createFunction(props: RunnerLauncherProps): BundledFunction {
    return new BundledFunction(this, "Launch", {
      ...commonOf(props),
      bundle: "launch",
      description: "Launches a machine for each job that waits",
      settings: this.settings,
      environment: { FLEETS_REVISION: this.fleetsRevision },
      timeoutSeconds: DEFAULT_CONSUMER_TIMEOUT_SECONDS,
      memoryMb: MEMORY_MB.launch,
      statements: [
        ...reconcileStatements(this.scope, this.settings),
        {
          sid: "ReadQueue",
          actions: ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
          resources: [props.queue.arn],
        },
      ],
    });
  }

  private connect(props: RunnerLauncherProps): LambdaEventSourceMapping {
    return new LambdaEventSourceMapping(this, "EventSourceMapping", {
      eventSourceArn: props.queue.arn,
      functionName: this.launch.function.arn,
      batchSize: EVENT_SOURCE.batchSize,
      functionResponseTypes: ["ReportBatchItemFailures"],
      scalingConfig: { maximumConcurrency: props.maximumConcurrency ?? concurrencyFor(props.fleets.length) },
      tags: tagsOf(props),
      // AWS looks, when this is made, whether the role may read the queue.
      dependsOn: [this.launch.policy],
    });
  }
}

/** The parameters that TokenRotation of the same prefix fills, or that the user does. */
const tokensOf = (props: RunnerLauncherProps): ReadTokens => ({
  githubTokens: githubTokens(props.github, props),
  ...(props.github.registration === "token" && {
    registrationTokenParameter: githubParameters(props).registrationToken,
  }),
});
