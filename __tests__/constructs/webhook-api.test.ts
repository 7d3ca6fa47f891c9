import { GithubConnection } from "../../constructs/github-connection";
import { WebhookApi } from "../../constructs/webhook-api";
import { mistakes, principalOf, statements, synthesize } from "../support/synth";
import type { WebhookApiProps } from "../../constructs/webhook-api";
import type { WebhookSettings } from "../../functions/shared/contract";

const github = GithubConnection.app({
  org: "acme",
  appId: "123",
  privateKeyParameter: "/acme/github-app-key",
});
const repository = GithubConnection.token({ repository: "acme/widget", tokenParameter: "/acme/token" });
const queue = { url: "https://sqs.example.com/jobs", arn: "arn:aws:sqs:eu-west-1:111122223333:jobs" };
const routes = [{ fleet: "linux", labels: ["self-hosted", "linux"], match: "exact" as const }];

const props = (more: Partial<WebhookApiProps> = {}): WebhookApiProps => ({
  prefix: "ci",
  github,
  queue,
  routes,
  ...more,
});
const build = (more: Partial<WebhookApiProps> = {}) =>
  synthesize((scope) => new WebhookApi(scope, "Webhook", props(more)));
const told = (more: Partial<WebhookApiProps>) =>
  mistakes((scope) => new WebhookApi(scope, "Webhook", props(more)));

const settingsOf = (stack: ReturnType<typeof build>): WebhookSettings => {
  const { environment } = stack.resource<{ environment: { variables: { SETTINGS: string } } }>(
    "aws_lambda_function",
  );
  return JSON.parse(environment.variables.SETTINGS) as WebhookSettings;
};

describe("WebhookApi", () => {
  it("opens POST /webhook and nothing else", () => {
    const stack = build();

    expect(stack.resource("aws_apigatewayv2_api")).toMatchObject({
      protocol_type: "HTTP",
      name: "ci-webhook",
    });
    expect(stack.resource("aws_apigatewayv2_route")).toMatchObject({ route_key: "POST /webhook" });
    expect(stack.resource("aws_apigatewayv2_integration")).toMatchObject({
      integration_type: "AWS_PROXY",
      payload_format_version: "2.0",
    });
  });

  it("lets that route alone invoke the function", () => {
    const permission = build().resource("aws_lambda_permission");

    expect(permission).toMatchObject({
      action: "lambda:InvokeFunction",
      principal: principalOf("apigateway"),
    });
    expect(permission.source_arn).toMatch(
      /^\$\{aws_apigatewayv2_api\.\w+\.execution_arn\}\/\*\/POST\/webhook$/,
    );
  });

  it("throttles, and logs each request as JSON for as long as asked", () => {
    const stack = build({ logRetentionDays: 7, throttlingRateLimit: 5 });

    const stage = stack.resource<{ access_log_settings: { format: string } }>("aws_apigatewayv2_stage");
    expect(stage).toMatchObject({
      name: "$default",
      auto_deploy: true,
      default_route_settings: { throttling_rate_limit: 5, throttling_burst_limit: 2000 },
    });
    expect(JSON.parse(stage.access_log_settings.format)).toMatchObject({ status: "$context.status" });
    const groups = Object.values(stack.resources("aws_cloudwatch_log_group"));
    expect(groups.map(({ name, retention_in_days }) => [name, retention_in_days])).toEqual([
      ["/aws/vendedlogs/apigateway/ci-webhook", 7],
      ["/aws/lambda/ci-webhook", 7],
    ]);
  });

  it("answers before GitHub gives up, and reserves no concurrency unless told", () => {
    expect(build().resource("aws_lambda_function")).not.toHaveProperty("reserved_concurrent_executions");
    expect(build({ reservedConcurrency: 20 }).resource("aws_lambda_function")).toMatchObject({
      timeout: 8,
      reserved_concurrent_executions: 20,
    });
  });

  it("may read the webhook's secret and send to the queue, and no more", () => {
    const { policy } = build().resource("aws_iam_role_policy");

    const { WriteLogs, ...rest } = statements(policy);
    expect(WriteLogs).toBeDefined();
    expect(Object.values(rest).map(({ Action, Resource }) => [Action, Resource])).toEqual([
      [["ssm:GetParameters"], [expect.stringMatching(/^arn:.*:parameter\/ci\/github\/webhook-secret$/)]],
      [["sqs:SendMessage"], [queue.arn]],
    ]);
  });

  it("uses a customer-managed key for that secret and through the queue only", () => {
    const kmsKeyArn = "arn:aws:kms:eu-west-1:111122223333:key/0";
    const { policy } = build({ kmsKeyArn }).resource("aws_iam_role_policy");

    const { DecryptSecret, EncryptJobs } = statements(policy);
    expect(DecryptSecret).toMatchObject({ Action: ["kms:Decrypt"], Resource: [kmsKeyArn] });
    expect(DecryptSecret?.Condition).toEqual({
      StringLike: { "kms:ViaService": expect.stringMatching(/^ssm\./) as string },
      StringEquals: {
        "kms:EncryptionContext:PARAMETER_ARN": expect.stringMatching(/webhook-secret$/) as string,
      },
    });
    expect(EncryptJobs?.Condition).toMatchObject({
      StringLike: { "kms:ViaService": expect.stringMatching(/^sqs\./) as string },
    });
  });

  it("tells the function whose jobs go where", () => {
    expect(settingsOf(build())).toEqual({
      installation: "ci",
      queueUrl: queue.url,
      secretParameter: "/ci/github/webhook-secret",
      owner: "acme",
      publicRepositories: false,
      routes,
    });
    expect(settingsOf(build({ publicRepositories: true })).publicRepositories).toBe(true);
    expect(settingsOf(build({ repositories: ["widget", "gadget"] })).repositories).toEqual([
      "acme/widget",
      "acme/gadget",
    ]);
    expect(settingsOf(build({ github: repository })).repositories).toEqual(["acme/widget"]);
  });

  it("tells the function which addresses deliveries may come from, if the user names any", () => {
    const sourceAddresses = ["192.30.252.0/22", "10.0.0.0/20", "2a0a:a440::/29", "::ffff:1.2.3.4/128"];

    expect(settingsOf(build({ sourceAddresses })).sourceAddresses).toEqual(sourceAddresses);
    expect(settingsOf(build())).not.toHaveProperty("sourceAddresses");
  });

  it("raises an alarm on 5xx", () => {
    const alarms = Object.values(
      build({ alarmActions: ["arn:aws:sns:x"] }).resources("aws_cloudwatch_metric_alarm"),
    );

    expect(alarms).toContainEqual(
      expect.objectContaining({
        namespace: "AWS/ApiGateway",
        metric_name: "5xx",
        alarm_actions: ["arn:aws:sns:x"],
      }),
    );
  });

  it.each([
    [{ repositories: [] }, /^repositories must name at least one/],
    [
      { repositories: ["acme/widget"] },
      /^repositories\[0\] must be the name of a repository without its owner/,
    ],
    [{ github: repository, repositories: ["widget"] }, /leave repositories out/],
    [{ sourceAddresses: [] }, /^sourceAddresses must name at least one, and is empty/],
    [{ sourceAddresses: ["192.30.252.1"] }, /^sourceAddresses\[0\] must be a CIDR block .* "192.30.252.1"/],
    [{ sourceAddresses: ["10.0.0.0/20", "1.2.3/8"] }, /^sourceAddresses\[1\] must be a CIDR block/],
    [{ sourceAddresses: ["192.30.252.0/33"] }, /^sourceAddresses\[0\] must be a CIDR block/],
    [{ sourceAddresses: ["2a0a:a440::/129"] }, /^sourceAddresses\[0\] must be a CIDR block/],
    [{ sourceAddresses: ["fe80::1%eth0/64"] }, /^sourceAddresses\[0\] must be a CIDR block/],
    [
      { sourceAddresses: ["0.0.0.0/0"] },
      /^sourceAddresses\[0\] is "0.0.0.0\/0", which lets in more than GitHub/,
    ],
    [{ sourceAddresses: ["140.82.96.0/19"] }, /^sourceAddresses\[0\] is "140.82.96.0\/19", .* is a \/20\)/],
    [{ sourceAddresses: ["2a0a:a440::/28"] }, /^sourceAddresses\[0\] is "2a0a:a440::\/28", .* is a \/29\)/],
    [
      { sourceAddresses: ["::/1"] },
      /^sourceAddresses\[0\] is "::\/1", which lets in more than GitHub sends from/,
    ],
    [{ secretParameter: "webhook-secret" }, /^secretParameter must be the full name/],
    [{ throttlingRateLimit: 0 }, /^throttlingRateLimit must be a whole number from 1 to 10000/],
    [{ throttlingBurstLimit: 5001 }, /^throttlingBurstLimit must be a whole number from 1 to 5000/],
    [{ reservedConcurrency: 0 }, /^reservedConcurrency must be/],
  ])("refuses %j", (more, wording) => {
    expect(told(more)).toEqual([expect.stringMatching(wording)]);
  });
});
