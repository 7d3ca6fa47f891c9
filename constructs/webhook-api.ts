import { Apigatewayv2Api } from "@cdktf/provider-aws/lib/apigatewayv2-api";
import { Apigatewayv2Integration } from "@cdktf/provider-aws/lib/apigatewayv2-integration";
import { Apigatewayv2Route } from "@cdktf/provider-aws/lib/apigatewayv2-route";
import { Apigatewayv2Stage } from "@cdktf/provider-aws/lib/apigatewayv2-stage";
import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { LambdaPermission } from "@cdktf/provider-aws/lib/lambda-permission";
import { Construct } from "constructs";
import { createAlarm } from "./alarm";
import { AwsEnvironment } from "./aws-environment";
import { checkCommon, commonOf, DEFAULT_LOG_RETENTION_DAYS, keysOf, nameOf, tagsOf } from "./common";
import { BundledFunction } from "./functions/bundled-function";
import { checkConnection } from "./github-connection";
import { githubParameters } from "./github-parameters";
import { QUEUE_KEY, useKeys } from "./policy";
import { MEMORY_MB } from "./tuning";
import { addCheck } from "./validation";
import { webhookApiMistakes } from "./webhook-api-checks";
import { WEBHOOK_TIMEOUT_SECONDS } from "./webhook-limits";
import { WEBHOOK_API } from "./parts-shape";
import { checkProps } from "./schema/check-props";
import type { FunctionProps } from "./common";
import type { GithubConnection } from "./github-connection";
import type { PolicyStatement } from "./policy";
import type { FleetRoute, WebhookSettings } from "../functions/shared/contract";
import type { CloudwatchMetricAlarm } from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
import type { SqsQueue } from "@cdktf/provider-aws/lib/sqs-queue";

export interface WebhookApiProps extends FunctionProps {
  /** Whose jobs are served; everybody else's are left alone. */
  readonly github: GithubConnection;

  /** The queue that jobs are put on, such as `queue` of a JobQueue. */
  readonly queue: Pick<SqsQueue, "arn" | "url">;

  /** Which labels go to which fleet. */
  readonly routes: readonly FleetRoute[];

  /**
   * Names, without the owner, of the repositories whose jobs are served.
   * @default every repository of the organization; the one of `github` where that is at the level of a repository
   */
  readonly repositories?: readonly string[];

  /**
   * Whether jobs of public repositories are served. Whoever can open a pull request there runs code on the machines; and
   * the runner group must admit them, or machines are launched that GitHub never gives a job.
   * @default false: they are left alone
   */
  readonly publicRepositories?: boolean;

  /**
   * CIDR blocks, of IPv4 and IPv6, that deliveries may come from: all others are answered 403 before their signature is
   * looked at. GitHub's own are `hooks` in https://api.github.com/meta; GitHub Enterprise Server has its own address.
   * None may be wider than the widest of GitHub's: /20, and /29 of IPv6.
   * The list is not fetched at synth: whoever gives it keeps it up to date, or deliveries are lost when GitHub's change.
   * A refused delivery that GitHub has signed tells that this has happened: it counts as one of the metric `Alarms`, which
   * the launcher's alarm "attention" watches.
   * @default none: they may come from anywhere, and the signature alone decides
   */
  readonly sourceAddresses?: readonly string[];

  /**
   * Name of the SSM parameter (SecureString) that holds the webhook's secret.
   * @default the one that TokenRotation of the same prefix makes: `/<prefix>/github/webhook-secret`
   */
  readonly secretParameter?: string;

  /**
   * Requests a second that are let through over time, 1 to 10000; above that GitHub's deliveries fail.
   * @default 100
   */
  readonly throttlingRateLimit?: number;

  /**
   * Requests that are let through at once, 1 to 5000.
   * @default 2000: a push that starts four matrices of 256 jobs each sends 1024 events, and as many again once they run
   * (https://docs.github.com/en/actions/reference/limits)
   */
  readonly throttlingBurstLimit?: number;

  /**
   * Executions of the webhook function set aside, which is also the most that run at a time.
   * @default none: a new account has a quota of 10 and refuses any reservation
   */
  readonly reservedConcurrency?: number;
}

const ROUTE = "POST /webhook";
const STAGE = "$default";
const DEFAULT_RATE_LIMIT = 100;
const DEFAULT_BURST_LIMIT = 2000;

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html */
const ACCESS_LOG_FORMAT = JSON.stringify({
  requestId: "$context.requestId",
  time: "$context.requestTime",
  sourceIp: "$context.identity.sourceIp",
  userAgent: "$context.identity.userAgent",
  route: "$context.routeKey",
  status: "$context.status",
  latencyMs: "$context.responseLatency",
  integrationStatus: "$context.integration.status",
  integrationError: "$context.integrationErrorMessage",
  error: "$context.error.message",
});

/**
 * The one door to the internet: an HTTP API with the route `POST /webhook` and, behind it, the function that checks
 * GitHub's signature and puts jobs on the queue. It holds no credential of GitHub and can launch nothing.
 */
export class WebhookApi extends Construct {
  /** The webhook function. */
  public readonly function: BundledFunction;
  /** Account and region that the ARNs of its policy name. */
  public readonly aws: AwsEnvironment;
  /** The HTTP API. */
  public readonly api: Apigatewayv2Api;
  /** Hands requests to the function. */
  public readonly integration: Apigatewayv2Integration;
  /** `POST /webhook`. */
  public readonly route: Apigatewayv2Route;
  /** `$default`, with throttling and the access log. */
  public readonly stage: Apigatewayv2Stage;
  /** One line a request. */
  public readonly accessLogGroup: CloudwatchLogGroup;
  /** Lets this API, on this route, invoke the function. */
  public readonly permission: LambdaPermission;
  /** Rings when requests are answered with 5xx. */
  public readonly serverErrorAlarm: CloudwatchMetricAlarm;

  /** Where GitHub sends its events. */
  public readonly url: string;
  /** Name of the parameter that holds the webhook's secret. */
  public readonly secretParameter: string;

  public constructor(scope: Construct, id: string, props: WebhookApiProps) {
    super(scope, id);
    checkProps(this, props, WEBHOOK_API);
    checkCommon(this, props);
    checkConnection(this, props.github);
    addCheck(this, () => webhookApiMistakes(props));
    this.secretParameter = props.secretParameter ?? githubParameters(props).webhookSecret;
    this.aws = AwsEnvironment.of(this);
    this.function = this.createFunction(props);
    this.api = new Apigatewayv2Api(this, "Api", {
      name: nameOf(props, "webhook"),
      description: "Takes workflow_job events of GitHub",
      protocolType: "HTTP",
      tags: tagsOf(props),
    });
    this.integration = new Apigatewayv2Integration(this, "Integration", {
      apiId: this.api.id,
      integrationType: "AWS_PROXY",
      integrationUri: this.function.function.arn,
      payloadFormatVersion: "2.0",
    });
    this.route = new Apigatewayv2Route(this, "Route", {
      apiId: this.api.id,
      routeKey: ROUTE,
      target: `integrations/${this.integration.id}`,
    });
    this.permission = new LambdaPermission(this, "Permission", {
      action: "lambda:InvokeFunction",
      functionName: this.function.function.functionName,
      principal: this.aws.principal("apigateway"),
      sourceArn: `${this.api.executionArn}/*/${ROUTE.replace(" ", "")}`,
    });
    this.accessLogGroup = this.createAccessLogGroup(props);
    this.stage = this.createStage(props);
    this.serverErrorAlarm = createAlarm(this, "ServerErrorAlarm", props, {
      alarmName: nameOf(props, "webhook", "5xx"),
      alarmDescription:
        "Events of GitHub were answered with 5xx and are lost until redelivered: look into the webhook function's log.",
      namespace: "AWS/ApiGateway",
      metricName: "5xx",
      dimensions: { ApiId: this.api.id },
      statistic: "Sum",
    });
    this.url = `${this.api.apiEndpoint}/webhook`;
  }

  private createFunction(props: WebhookApiProps): BundledFunction {
    const { github, queue, routes } = props;
    const { owner } = github.settings;
    const settings: WebhookSettings = {
      installation: props.prefix,
      queueUrl: queue.url,
      secretParameter: this.secretParameter,
      owner,
      repositories: servedRepositories(props)?.map((name) => `${owner}/${name}`),
      publicRepositories: props.publicRepositories ?? false,
      sourceAddresses: props.sourceAddresses,
      routes,
    };
    return new BundledFunction(this, "Function", {
      ...commonOf(props),
      bundle: "webhook",
      description: "Checks GitHub's signature and puts jobs on the queue",
      settings,
      movable: ["repositories", "routes", "sourceAddresses"],
      timeoutSeconds: WEBHOOK_TIMEOUT_SECONDS,
      memoryMb: MEMORY_MB.webhook,
      reservedConcurrency: props.reservedConcurrency,
      statements: this.statements(props),
    });
  }

  private statements(props: WebhookApiProps): readonly PolicyStatement[] {
    const { queue } = props;
    const kmsKeyArns = keysOf(props);
    const secretArn = this.aws.parameterArn(this.secretParameter);
    return [
      { sid: "ReadSecret", actions: ["ssm:GetParameters"], resources: [secretArn] },
      { sid: "SendJobs", actions: ["sqs:SendMessage"], resources: [queue.arn] },
      ...useKeys(kmsKeyArns, {
        sid: "DecryptSecret",
        service: "ssm",
        aws: this.aws,
        actions: ["kms:Decrypt"],
        encryptionContext: { PARAMETER_ARN: secretArn },
      }),
      ...useKeys(kmsKeyArns, {
        sid: "EncryptJobs",
        service: "sqs",
        aws: this.aws,
        actions: QUEUE_KEY,
      }),
    ];
  }

  // Below /aws/vendedlogs/ API Gateway's right to write does not count against the size of the account's one policy for
  // logs: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html
  private createAccessLogGroup(props: WebhookApiProps): CloudwatchLogGroup {
    return new CloudwatchLogGroup(this, "AccessLogGroup", {
      name: `/aws/vendedlogs/apigateway/${nameOf(props, "webhook")}`,
      retentionInDays: props.logRetentionDays ?? DEFAULT_LOG_RETENTION_DAYS,
      kmsKeyId: props.kmsKeyArn,
      tags: tagsOf(props),
    });
  }

  private createStage(props: WebhookApiProps): Apigatewayv2Stage {
    return new Apigatewayv2Stage(this, "Stage", {
      apiId: this.api.id,
      name: STAGE,
      autoDeploy: true,
      accessLogSettings: { destinationArn: this.accessLogGroup.arn, format: ACCESS_LOG_FORMAT },
      defaultRouteSettings: {
        throttlingRateLimit: props.throttlingRateLimit ?? DEFAULT_RATE_LIMIT,
        throttlingBurstLimit: props.throttlingBurstLimit ?? DEFAULT_BURST_LIMIT,
      },
      tags: tagsOf(props),
    });
  }
}

const servedRepositories = ({ github, repositories }: WebhookApiProps): readonly string[] | undefined =>
  github.settings.repository === undefined ? repositories : [github.settings.repository];
