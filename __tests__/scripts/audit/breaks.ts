import { TAG } from "../../../functions/shared/contract";
import type { Document, Values } from "./document";

/** One way to break one control, in words and in deed; `now` where time breaks it. */
export interface Break {
  readonly control: number;
  readonly what: string;
  readonly deed: (document: Document) => void;
  readonly now?: Date;
}

type Row = readonly [control: number, what: string, deed: Break["deed"], now?: Date];

const TOKEN = `ghs_${"a1B2".repeat(9)}`;

const sweepRule = (document: Document): Values =>
  document.one("aws_cloudwatch_event_rule", ({ name }) => name === "runners-sweep");
const noticeRule = (document: Document): Values =>
  document.one("aws_cloudwatch_event_rule", ({ name }) => name === "runners-interruption");
const handoff = (document: Document): Values =>
  document.one("aws_dynamodb_table", ({ name }) => name === "runners-handoff");
const machines = (document: Document): Values =>
  document.one("aws_security_group", ({ name }) => name === "runners-runners");
const egress = (document: Document): Values => document.one("aws_vpc_security_group_egress_rule");
/** Id of the machines' group, as this form writes it. */
const groupId = (document: Document): unknown => egress(document).security_group_id;
const hook = (document: Document): Values => document.one("github_organization_webhook");
const isAlarmOn =
  (metric: RegExp) =>
  ({ metric_name }: Values): boolean =>
    metric.test(String(metric_name));

const rows: readonly Row[] = [
  [1, "machines share a registration token", (d) => d.settings("launch", (s) => (s.registration = "token"))],
  [2, "the runner is started again", (d) => d.bootLine("Restart=always")],
  [2, "a runner that is not ephemeral", (d) => d.bootLine("ACTIONS_RUNNER_INPUT_EPHEMERAL=false")],
  [3, "a token in user data", (d) => d.bootLine(`export X=${TOKEN}`)],
  [3, "a token in settings", (d) => d.settings("webhook", (s) => (s.extra = TOKEN))],
  [3, "a token in a variable", (d) => (d.variables("sweep").API = TOKEN)],
  [3, "a password in a variable", (d) => (d.variables("sweep").DB_PASSWORD = "correct horse")],
  [3, "a token in a tag", (d) => ((d.template().tags as Values).owner = TOKEN)],
  [
    3,
    "a private key in base64",
    (d) =>
      (d.variables("launch").PEM = Buffer.from("-----BEGIN RSA PRIVATE KEY-----\nMIIEow").toString("base64")),
  ],
  [
    3,
    "a JIT configuration in a description",
    (d) => (d.template().description = Buffer.from('{".runner":"e30="}').toString("base64")),
  ],
  [
    3,
    "a secret parameter with a value",
    (d) =>
      (d.one("aws_ssm_parameter", ({ name }) => String(name).endsWith("webhook-secret")).value = "s3cr3t"),
  ],
  [3, "a webhook secret", (d) => (d.block(hook(d), "configuration").secret = "It's a Secret to Everybody")],
  [
    4,
    "a request without keys",
    (d) => d.statement("runner", "dynamodb:DeleteItem", (s) => delete s.Condition!.Null),
  ],
  [4, "any key", (d) => d.statement("runner", "dynamodb:DeleteItem", (s) => delete s.Condition)],
  [
    4,
    "a key of others",
    (d) =>
      d.statement(
        "runner",
        "dynamodb:DeleteItem",
        (s) => (s.Condition!["ForAllValues:StringEquals"] = { "dynamodb:LeadingKeys": ["*"] }),
      ),
  ],
  [
    4,
    "one more action",
    (d) => d.statement("runner", "dynamodb:DeleteItem", (s) => s.Action.push("dynamodb:GetItem")),
  ],
  [
    4,
    "a wildcard action",
    (d) => d.statement("runner", "dynamodb:DeleteItem", (s) => (s.Action = ["dynamodb:*"])),
  ],
  [4, "every table", (d) => d.statement("runner", "dynamodb:DeleteItem", (s) => (s.Resource = ["*"]))],
  [
    4,
    "a function that reads all registrations",
    (d) => d.allow("webhook", "dynamodb:Scan").on("arn:aws:dynamodb:us-east-1:123456789012:table/runners-*"),
  ],
  [4, "a stream of registrations", (d) => (handoff(d).stream_enabled = true)],
  [5, "registrations that never expire", (d) => (d.block(handoff(d), "ttl").enabled = false)],
  [
    5,
    "registrations that can be restored",
    (d) => (handoff(d).point_in_time_recovery = d.asBlock({ enabled: true })),
  ],
  [
    5,
    "a sweep that may not remove them",
    (d) =>
      d.policy(
        "sweep",
        (p) =>
          (p.Statement = p.Statement.filter(
            ({ Action }) => ![Action].flat().includes("dynamodb:DeleteItem"),
          )),
      ),
  ],
  [6, "a configuration on a command line", (d) => d.bootLine('./run.sh --jitconfig "$X"')],
  [
    7,
    "another reader by pattern",
    (d) => d.allow("launch", "ssm:GetParameter*").on("arn:aws:ssm:us-east-1:123456789012:parameter/acme/*"),
  ],
  [7, "another reader of all", (d) => d.allow("webhook", "ssm:GetParameters").on("*")],
  [
    7,
    "the machines",
    (d) =>
      d.add("aws_iam_role_policy", "Other", {
        name: "other",
        role: "somebody",
        policy: JSON.stringify({
          Statement: [
            {
              Effect: "Allow",
              Action: "ssm:GetParameter",
              Resource: "arn:aws:ssm:us-east-1:123456789012:parameter/acme/github-app-key",
            },
          ],
        }),
      }),
  ],
  [
    7,
    "a rotation that reads more",
    (d) =>
      d.statement(
        "rotate-tokens",
        "ssm:GetParameters",
        (s) => (s.Resource = s.Resource.map((one) => one.replace("github-app-key", "*"))),
      ),
  ],
  [
    7,
    "a personal access token",
    (d) =>
      d.settings("rotate-tokens", (s) => (s.credential = { kind: "token", tokenParameter: "/acme/pat" })),
  ],
  [8, "IMDSv1", (d) => (d.block(d.template(), "metadata_options").http_tokens = "optional")],
  [9, "two hops", (d) => (d.block(d.template(), "metadata_options").http_put_response_hop_limit = 2)],
  [
    10,
    "an open metadata service",
    (d) => d.userData((text) => text.replaceAll("169.254.169.254", "192.0.2.1")),
  ],
  [11, "machines that end others", (d) => d.allow("runner", "ec2:TerminateInstances").on("*")],
  [
    11,
    "machines that write every log",
    (d) => d.statement("runner", "logs:PutLogEvents", (s) => (s.Resource = ["*"])),
  ],
  [
    11,
    "a role for everybody",
    (d) =>
      (d.one("aws_iam_role", ({ name }) => String(name).endsWith("_runner")).assume_role_policy =
        JSON.stringify({
          Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { AWS: "*" } }],
        })),
  ],
  [
    12,
    "a template that is only asked for if it is there",
    (d) =>
      machineStatement(d, (s) => {
        const { ArnEquals, ...rest } = s.Condition!;
        s.Condition = { ...rest, ArnEqualsIfExists: ArnEquals! };
      }),
  ],
  [
    12,
    "any template",
    (d) =>
      d.policy(
        "launch",
        (p) =>
          (p.Statement.find(({ Sid }) => Sid === "LaunchFromTemplates")!.Resource = [
            "arn:aws:ec2:us-east-1:123456789012:launch-template/*",
          ]),
      ),
  ],
  [
    12,
    "any subnet",
    (d) =>
      d.policy("sweep", (p) =>
        p.Statement.find(({ Sid }) => Sid === "LaunchInNetwork")!.Resource.push(
          "arn:aws:ec2:us-east-1:123456789012:subnet/*",
        ),
      ),
  ],
  [
    12,
    "a subnet of others",
    (d) =>
      d.policy("sweep", (p) =>
        p.Statement.find(({ Sid }) => Sid === "LaunchInNetwork")!.Resource.push(
          "arn:aws:ec2:us-east-1:123456789012:subnet/subnet-1",
        ),
      ),
  ],
  [12, "a wildcard resource", (d) => d.allow("sweep", "ec2:RunInstances").on("*")],
  [
    12,
    "a wildcard action",
    (d) => d.allow("launch", "ec2:Run*").on("arn:aws:ec2:us-east-1:123456789012:fleet/*"),
  ],
  [
    12,
    "a template of its own",
    (d) =>
      d
        .allow("launch", "ec2:CreateLaunchTemplateVersion")
        .on("arn:aws:ec2:us-east-1:123456789012:launch-template/lt-1"),
  ],
  [13, "any role", (d) => d.statement("launch", "iam:PassRole", (s) => (s.Resource = ["*"]))],
  [
    13,
    "one more role",
    (d) =>
      d.statement("sweep", "iam:PassRole", (s) => s.Resource.push("arn:aws:iam::123456789012:role/admin")),
  ],
  [13, "to any service", (d) => d.statement("launch", "iam:PassRole", (s) => delete s.Condition)],
  [
    13,
    "to another service",
    (d) =>
      d.statement(
        "launch",
        "iam:PassRole",
        (s) => (s.Condition = { StringEquals: { "iam:PassedToService": "lambda.amazonaws.com" } }),
      ),
  ],
  [14, "machines that stop", (d) => (d.template().instance_initiated_shutdown_behavior = "stop")],
  [
    14,
    "a boot script that never powers off",
    (d) => d.userData((text) => text.replaceAll("poweroff", "reboot")),
  ],
  [
    14,
    "machines that hibernate",
    (d) =>
      (d.template().instance_market_options = d.asBlock({
        spot_options: d.asBlock({ instance_interruption_behavior: "hibernate" }),
      })),
  ],
  [14, "machines that cannot be ended", (d) => (d.template().disable_api_termination = true)],
  [
    15,
    "no backstop",
    (d) => d.userData((text) => text.replace(/IDLE_BACKSTOP_SECONDS='\d+'/, "IDLE_BACKSTOP_SECONDS='0'")),
  ],
  [15, "a sweep without an idle limit", (d) => d.settings("sweep", (s) => (s.idleLimitSeconds = 0))],
  [15, "a sweep after the backstop", (d) => d.settings("sweep", (s) => (s.idleLimitSeconds = 3600))],
  [
    16,
    "no hard limit",
    (d) => d.userData((text) => text.replace(/HARD_LIMIT_SECONDS='\d+'/, "HARD_LIMIT_SECONDS='0'")),
  ],
  [
    16,
    "a hard limit that nothing uses",
    (d) =>
      d.userData((text) =>
        text.replaceAll("$HARD_LIMIT_SECONDS", "").replaceAll("$((HARD_LIMIT_SECONDS + ", "$((1 + "),
      ),
  ],
  [17, "a sweep that is too rare", (d) => (sweepRule(d).schedule_expression = "rate(10 minutes)")],
  [17, "a sweep that is switched off", (d) => (sweepRule(d).state = "DISABLED")],
  [
    17,
    "a sweep that nobody calls",
    (d) => d.remove("aws_cloudwatch_event_target", ({ rule }) => refers(rule, "Sweeper", "runners-sweep")),
  ],
  [
    17,
    "a sweep that may not be called",
    (d) =>
      d.remove("aws_lambda_permission", ({ function_name }) =>
        refers(function_name, "Sweep", "runners-sweep"),
      ),
  ],
  [17, "a sweep that may not run", (d) => (d.function("sweep").reserved_concurrent_executions = 0)],
  [
    18,
    "deaf to interruptions",
    (d) =>
      (noticeRule(d).event_pattern = JSON.stringify({
        source: ["aws.ec2"],
        "detail-type": ["EC2 Instance Rebalance Recommendation"],
      })),
  ],
  [18, "a rule that is switched off", (d) => (noticeRule(d).is_enabled = false)],
  [
    18,
    "a rule that may not call",
    (d) =>
      d.remove("aws_lambda_permission", ({ function_name }) =>
        refers(function_name, "Interruption", "runners-interruption"),
      ),
  ],
  [19, "the docker group", (d) => d.bootLine("usermod --append --groups docker runner")],
  [19, "sudo", (d) => d.bootLine("echo 'runner ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/runner")],
  [
    20,
    "a way in",
    (d) =>
      d.add("aws_vpc_security_group_ingress_rule", "Ssh", {
        security_group_id: groupId(d),
        ip_protocol: "tcp",
        from_port: 22,
        to_port: 22,
        cidr_ipv4: "0.0.0.0/0",
      }),
  ],
  [
    20,
    "a way in, in the old form",
    (d) =>
      d.add("aws_security_group_rule", "Ssh", {
        type: "ingress",
        security_group_id: groupId(d),
        protocol: "tcp",
        from_port: 22,
        to_port: 22,
      }),
  ],
  [20, "a way in, inline", (d) => (machines(d).ingress = [{ protocol: "tcp", from_port: 22, to_port: 22 }])],
  [20, "a key pair", (d) => (d.template().key_name = "admin")],
  [21, "every port", (d) => (egress(d).ip_protocol = "-1")],
  [21, "more ports", (d) => (egress(d).to_port = 8443)],
  [
    21,
    "one more rule",
    (d) =>
      d.add("aws_security_group_rule", "Dns", {
        type: "egress",
        security_group_id: groupId(d),
        protocol: "udp",
        from_port: 53,
        to_port: 53,
      }),
  ],
  [
    22,
    "a queue for everybody",
    (d) =>
      d.add("aws_sqs_queue_policy", "Open", {
        queue_url: d.one("aws_sqs_queue_redrive_allow_policy").queue_url,
        policy: JSON.stringify({
          Statement: [{ Effect: "Allow", Action: "sqs:SendMessage", Principal: { AWS: "*" }, Resource: "*" }],
        }),
      }),
  ],
  [
    22,
    "a function for everybody",
    (d) =>
      (d.one("aws_lambda_permission", ({ principal }) => /apigateway/.test(String(principal))).principal =
        "*"),
  ],
  [23, "events in the log", (d) => (d.variables("webhook").POWERTOOLS_LOGGER_LOG_EVENT = "true")],
  [
    25,
    "everybody's address",
    (d) => d.settings("webhook", (s) => (s.sourceAddresses = ["192.30.252.0/22", "0.0.0.0/0"])),
  ],
  [
    25,
    "a network wider than any of GitHub's",
    (d) => d.settings("webhook", (s) => (s.sourceAddresses = ["140.82.112.0/20", "140.82.96.0/19"])),
  ],
  [
    25,
    "an IPv6 network wider than any of GitHub's",
    (d) => d.settings("webhook", (s) => (s.sourceAddresses = ["2a0a:a440::/28"])),
  ],
  [
    25,
    "an address that is no network",
    (d) => d.settings("webhook", (s) => (s.sourceAddresses = ["192.30.252.0"])),
  ],
  [26, "every owner", (d) => d.settings("webhook", (s) => (s.owner = ""))],
  [26, "every public repository", (d) => d.settings("webhook", (s) => (s.publicRepositories = true))],
  [26, "every event", (d) => (hook(d).events = ["workflow_job", "push"])],
  [
    26,
    "a group for public repositories",
    (d) => (d.one("github_actions_runner_group").allows_public_repositories = true),
  ],
  [
    27,
    "a subset of the labels",
    (d) => d.settings("webhook", (s) => ((s.routes as Values[])[0]!.match = "subset")),
  ],
  [27, "no routes", (d) => d.settings("webhook", (s) => (s.routes = []))],
  [27, "no labels", (d) => d.settings("webhook", (s) => ((s.routes as Values[])[0]!.labels = []))],
  [28, "GitHub's default group", (d) => d.fleet((s) => (s.runnerGroupId = "1"))],
  [29, "no cap", (d) => d.fleet((s) => delete s.maximumMachines)],
  [29, "no alarm", (d) => d.remove("aws_cloudwatch_metric_alarm", isAlarmOn(/machine/i))],
  [29, "a budget that tells nobody", (d) => d.add("aws_budgets_budget", "budget", budget({}))],
  [30, "no redelivery", (d) => d.settings("sweep", (s) => (s.redeliver = false))],
  [
    31,
    "no dead-letter queue",
    (d) => delete d.one("aws_sqs_queue", ({ name }) => name === "runners-jobs").redrive_policy,
  ],
  [31, "nobody who reads", (d) => (d.one("aws_lambda_event_source_mapping").enabled = false)],
  [31, "no alarm", (d) => d.remove("aws_cloudwatch_metric_alarm", isAlarmOn(/NumberOfMessages/))],
  [
    32,
    "another hash",
    (d) => d.userData((text) => text.replace(/RUNNER_SHA256='[0-9a-f]{4}/, "RUNNER_SHA256='0000")),
  ],
  [32, "no hash", (d) => d.userData((text) => text.replace(/RUNNER_SHA256='[0-9a-f]+'/, "RUNNER_SHA256=''"))],
  [
    32,
    "a hash that nothing checks",
    (d) => d.userData((text) => text.replace("sha256sum --check", "sha256sum --tag")),
  ],
  [33, "no alarm", (d) => d.remove("aws_cloudwatch_metric_alarm", isAlarmOn(/runner/i))],
  [
    34,
    "a disk that stays",
    (d) => (d.block(d.block(d.template(), "block_device_mappings"), "ebs").delete_on_termination = "false"),
  ],
  [34, "a disk of the network", (d) => d.bootLine("mount -t nfs4 fs-1.efs.us-east-1.amazonaws.com:/ /cache")],
  [35, "a trace", (d) => d.bootLine("set -x")],
];

export const budget = (notification: Values): Values => ({
  name: "runners-monthly",
  limit_amount: "100",
  notification: [{ threshold: 100, ...notification }],
  tags: { [TAG.installation]: "runners" },
});

/** In a synthesized stack by the resource's name, in a plan by that of what is there. */
function refers(value: unknown, part: string, name: string): boolean {
  const text = String(value);
  return text === name || text.endsWith(`:${name}`) || (text.startsWith("${") && text.includes(part));
}

function machineStatement(document: Document, change: Parameters<Document["statement"]>[2]): void {
  document.policy("launch", ({ Statement }) =>
    change(Statement.find(({ Sid }) => Sid === "LaunchTaggedMachines")!),
  );
}

export const BREAKS: readonly Break[] = rows.map(([control, what, deed, now]) => ({
  control,
  what,
  deed,
  now,
}));
