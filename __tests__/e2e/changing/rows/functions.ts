/** Settings of functions, alarms and budget: they touch different arguments, and go there and back together. */
import type { Row } from "../row";
import { alone, together, type Step } from "../row";

const lambda = "aws_lambda_function";
const budget = "aws_budgets_budget";
const alarm = "aws_cloudwatch_metric_alarm";

const SETTINGS: readonly Row[] = [
  { key: "runners.idleLimitMinutes", values: [4], shows: [[lambda, '"idleLimitSeconds":240']] },
  { key: "runners.checkAfterMinutes", values: [2], shows: [[lambda, '"checkAfterSeconds":120']] },
  {
    key: "runners.onDemandAfterInterruptions",
    values: [false],
    shows: [[lambda, '"onDemandAfterInterruptions":false']],
  },
  {
    key: "runners.backlogRepositories",
    values: [["hello-world"]],
    shows: [[lambda, '"repositories":["octo-org/hello-world"]']],
  },
  {
    key: "runners.rotationMinutes",
    values: [20],
    shows: [["aws_cloudwatch_event_rule", "rate(20 minutes)"]],
  },
  { key: "runners.webhookSecretRotationDays", values: [30], shows: [[lambda, '"secretRotationDays":30']] },
  {
    key: "runners.throttlingRateLimit",
    values: [90],
    shows: [["aws_apigatewayv2_stage", '"throttling_rate_limit":90']],
  },
  {
    key: "runners.throttlingBurstLimit",
    values: [1900],
    shows: [["aws_apigatewayv2_stage", '"throttling_burst_limit":1900']],
  },
  {
    key: "runners.maximumConcurrency",
    values: [6],
    shows: [["aws_lambda_event_source_mapping", '"maximum_concurrency":6']],
  },
];

const RULES: readonly Row[] = [
  {
    key: "runners.repositories",
    values: [["Hello-World"]],
    shows: [[lambda, '"repositories":["octo-org/Hello-World"]']],
  },
  { key: "runners.publicRepositories", values: [true], shows: [[lambda, '"publicRepositories":true']] },
  {
    key: "runners.sourceAddresses",
    values: [["140.82.112.0/20"]],
    shows: [[lambda, '"sourceAddresses":["140.82.112.0/20"]']],
  },
  { key: "runners.sweepMinutes", values: [3], shows: [["aws_cloudwatch_event_rule", "rate(3 minutes)"]] },
  {
    key: "runners.renewRunnerVersion",
    values: [false],
    shows: [["aws_ssm_parameter", "!/github/runner-version"]],
    replaces: ["aws_ssm_parameter"],
  },
  { key: "runners.rerunInterruptedJobs", values: [false], shows: [[lambda, '"rerunInterrupted":false']] },
  {
    key: "runners.requireLaunchTemplate",
    values: [false],
    shows: [["aws_iam_role_policy", '"ArnEqualsIfExists":{"ec2:LaunchTemplate"']],
  },
  {
    key: "runners.reservedConcurrency",
    values: [20],
    shows: [[lambda, '"reserved_concurrent_executions":20']],
  },
  { key: "runners.runtime", values: ["nodejs24.x"], shows: [[lambda, "nodejs24.x"]] },
];

const WATCHED: readonly Row[] = [
  {
    key: "runners.logRetentionDays",
    values: [60],
    shows: [["aws_cloudwatch_log_group", '"retention_in_days":60']],
  },
  {
    key: "runners.alarmActions",
    values: [["arn:aws:sns:eu-central-1:123456789012:alarms"]],
    shows: [[alarm, ":sns:eu-central-1:123456789012:alarms"]],
  },
  { key: "runners.maximumMachineHoursPerDay", values: [99], shows: [[alarm, '"threshold":99']] },
  {
    key: "runners.monthlyBudgetUsd",
    values: [500, 600],
    beside: { "runners.budgetSubscribers": ["platform@acme.example"] },
    shows: [
      [budget, '"limit_amount":"500'],
      [budget, '"limit_amount":"600'],
    ],
    replaces: [budget],
  },
  {
    key: "runners.ledgerDeletionProtection",
    values: [true],
    shows: [["aws_dynamodb_table", '"deletion_protection_enabled":true']],
  },
  {
    key: "runners.createSpotServiceLinkedRole",
    values: [true],
    shows: [["aws_iam_service_linked_role", "spot.amazonaws.com"]],
    replaces: ["aws_iam_service_linked_role"],
  },
];

export const functionSteps: readonly Step[] = [
  together("settings of the functions", SETTINGS),
  together("whom the functions serve, and how", RULES),
  together("what is watched", WATCHED),
  ...alone([
    {
      key: "runners.budgetSubscribers",
      values: [["platform@acme.example"], ["other@acme.example"]],
      beside: { "runners.monthlyBudgetUsd": 500 },
      shows: [
        [budget, "platform@acme.example"],
        [budget, "other@acme.example"],
      ],
      replaces: [budget],
    },
  ]),
];
