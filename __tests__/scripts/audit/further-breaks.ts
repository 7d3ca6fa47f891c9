/** Ways around a check: the same break in another of the forms that Terraform and IAM have for it. */
import type { Break } from "./breaks";
import type { Document, Values } from "./document";

type Row = readonly [control: number, what: string, deed: Break["deed"]];

const ARN = "arn:aws:ec2:us-east-1:123456789012:";

/** A reference in a synthesized stack, the value in a plan. */
const named = (d: Document, type: string, of: Values, attribute: string): string =>
  d.form === "plan" ? String(of[attribute]) : `\${${type}.${d.nameOf(type, of)}.${attribute}}`;

const handoff = (d: Document): Values =>
  d.one("aws_dynamodb_table", ({ name }) => name === "runners-handoff");
/** In the role itself, by the name of one that stands beside it. */
const hideInRole = (d: Document, name: string): void => {
  const role = d.one("aws_iam_role", (one) => one.name === name);
  d.write(role, "inline_policy", { name, policy: allowing({ Action: "ec2:RunInstances" }) });
};
const letOthersTake = (d: Document, role: string): void => {
  d.one("aws_iam_role", ({ name }) => name === `runners-${role}`).assume_role_policy = allowing({
    Action: "sts:AssumeRole",
    Principal: { AWS: "999999999999" },
  });
};
const jobs = (d: Document): Values => d.one("aws_sqs_queue", ({ name }) => name === "runners-jobs");
const group = (d: Document): Values => d.one("aws_security_group", ({ name }) => name === "runners-runners");
const groupId = (d: Document): unknown => d.one("aws_vpc_security_group_egress_rule").security_group_id;
const notice = (d: Document): Values =>
  d.one("aws_cloudwatch_event_rule", ({ name }) => name === "runners-interruption");
const alarm = (d: Document, metric: RegExp): Values =>
  d.one("aws_cloudwatch_metric_alarm", ({ metric_name }) => metric.test(String(metric_name)));
const sweepPermission = (d: Document): Values =>
  d.one("aws_lambda_permission", ({ function_name }) => /Sweep|runners-sweep/.test(String(function_name)));
const queuePolicy = (d: Document): Values =>
  d.one("aws_sqs_queue_policy", ({ queue_url }) => /-jobs$|_Queue_6359/.test(String(queue_url)));
const functionName = (d: Document, bundle: string): string =>
  named(d, "aws_lambda_function", d.function(bundle), "function_name");

/** One statement, and not a list; one action, and not a list. */
const allowing = (values: Values): string =>
  JSON.stringify({ Statement: { Effect: "Allow", Resource: "*", ...values } });

const narrowed = (d: Document, more: Values): void => {
  notice(d).event_pattern = JSON.stringify({
    ...(JSON.parse(String(notice(d).event_pattern)) as Values),
    ...more,
  });
};

const theirs = (d: Document, type: string, id: string): string => {
  d.add(type, "Theirs", { id, name: "theirs" });
  return d.form === "plan" ? id : `\${${type}.Theirs.id}`;
};

const ofSecret = (d: Document): Values =>
  d.one("aws_ssm_parameter", ({ name }) => String(name).endsWith("webhook-secret"));

const rows: readonly Row[] = [
  [
    3,
    "an installation token in the newer form",
    (d) => (d.variables("sweep").API = "ghs_12_eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiIxMjM0In0.c2ln"),
  ],
  [3, "a personal access token by its name", (d) => (d.variables("sweep").GITHUB_PAT = "correct horse")],
  [3, "an API key by its name", (d) => (d.variables("sweep").API_KEY = "correct horse")],
  [3, "a variable with a token", (d) => (d.variables("sweep").GITHUB_TOKEN = "${var.token}")],
  [
    3,
    "what a secret holds",
    (d) => (d.variables("sweep").DB = "${data.aws_secretsmanager_secret_version.A.secret_string}"),
  ],
  [3, "a secret parameter that is not encrypted", (d) => (ofSecret(d).type = "String")],
  [
    4,
    "a key by a pattern",
    (d) =>
      d.statement("runner", "dynamodb:DeleteItem", (s) => {
        s.Condition = { ...s.Condition, "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["*"] } };
        delete s.Condition["ForAllValues:StringEquals"];
      }),
  ],
  [
    4,
    "a reader of the table and what begins like it",
    (d) => d.allow("launch", "dynamodb:GetItem").on(`${named(d, "aws_dynamodb_table", handoff(d), "arn")}*`),
  ],
  [
    4,
    "a policy on the table",
    (d) =>
      d.add("aws_dynamodb_resource_policy", "Open", {
        resource_arn: named(d, "aws_dynamodb_table", handoff(d), "arn"),
        policy: allowing({ Principal: "*", Action: "dynamodb:*" }),
      }),
  ],
  [
    4,
    "a stream to Kinesis",
    (d) =>
      d.add("aws_dynamodb_kinesis_streaming_destination", "Stream", {
        table_name: named(d, "aws_dynamodb_table", handoff(d), "name"),
        stream_arn: "arn:aws:kinesis:us-east-1:123456789012:stream/theirs",
      }),
  ],
  [7, "another reader of all but something", (d) => otherThan(d, "launch", "ssm:Get*")],
  [7, "a rotation whose role others may take", (d) => letOthersTake(d, "rotate-tokens")],
  [12, "a launch function whose role others may take", (d) => letOthersTake(d, "launch")],
  [12, "a policy in the role, by the name of a known one", (d) => hideInRole(d, "runners-sweep")],
  [12, "a sweep whose role others may take", (d) => letOthersTake(d, "sweep")],
  [12, "a launch by any action of the kind", (d) => d.allow("webhook", "ec2:Run*").on("*")],
  [12, "launches of another service", (d) => d.allow("sweep", "autoscaling:CreateAutoScalingGroup").on("*")],
  [
    12,
    "a subnet of others by reference",
    (d) => d.allow("launch", "ec2:RunInstances").on(`${ARN}subnet/${theirs(d, "aws_subnet", "subnet-9")}`),
  ],
  [
    12,
    "a security group of others by reference",
    (d) =>
      d
        .allow("launch", "ec2:CreateFleet")
        .on(`${ARN}security-group/${theirs(d, "aws_security_group", "sg-9")}`),
  ],
  [12, "a template in any value, which none satisfies", (d) => templateBy(d, "ForAllValues:ArnEquals")],
  [13, "a right to widen roles", (d) => d.allow("launch", "iam:PutRolePolicy").on("*")],
  [13, "a right to take roles", (d) => d.allow("interruption", "sts:AssumeRole").on("*")],
  [13, "a right to change a function", (d) => d.allow("webhook", "lambda:UpdateFunction*").on("*")],
  [13, "any role but something", (d) => otherThan(d, "launch", "iam:PassRole")],
  [
    17,
    "a permission on another function",
    (d) => (sweepPermission(d).function_name = functionName(d, "webhook")),
  ],
  [17, "a permission for another action", (d) => (sweepPermission(d).action = "lambda:GetFunction")],
  [18, "notices of one machine only", (d) => narrowed(d, { detail: { "instance-id": ["i-1"] } })],
  [18, "notices of another region", (d) => narrowed(d, { region: ["eu-south-1"] })],
  [
    18,
    "an interruption function that may not run",
    (d) => (d.function("interruption").reserved_concurrent_executions = 0),
  ],
  [
    20,
    "a way in over IPv6",
    (d) =>
      d.add("aws_vpc_security_group_ingress_rule", "In", {
        security_group_id: groupId(d),
        ip_protocol: "-1",
        cidr_ipv6: "::/0",
      }),
  ],
  [
    20,
    "a way in from a prefix list",
    (d) =>
      d.add("aws_vpc_security_group_ingress_rule", "In", {
        security_group_id: groupId(d),
        ip_protocol: "-1",
        prefix_list_id: "pl-1",
      }),
  ],
  [20, "a way in from one another", (d) => (group(d).ingress = [{ self: true, protocol: "-1" }])],
  [
    20,
    "a second group with a way in",
    (d) => {
      const id = theirs(d, "aws_security_group", "sg-9");
      d.one("aws_security_group", ({ name }) => name === "theirs").ingress = [{ protocol: "-1" }];
      d.template().network_interfaces = d.asBlock({ security_groups: [id] });
    },
  ],
  [21, "every port, inline", (d) => (group(d).egress = [{ protocol: "-1", from_port: 0, to_port: 0 }])],
  [
    22,
    "a function with an address of its own",
    (d) =>
      d.add("aws_lambda_function_url", "Url", {
        function_name: functionName(d, "launch"),
        authorization_type: "NONE",
      }),
  ],
  [22, "a function for another account", (d) => permit(d, "999999999999")],
  [22, "a function behind another API", (d) => permit(d, "apigateway.amazonaws.com")],
  [
    22,
    "a queue for everybody, inline",
    (d) => (jobs(d).policy = allowing({ Principal: "*", Action: "sqs:SendMessage" })),
  ],
  [
    22,
    "a queue for all but one",
    (d) => (queuePolicy(d).policy = allowing({ NotPrincipal: { AWS: "1" }, Action: "sqs:Send*" })),
  ],
  [
    22,
    "a queue for another account",
    (d) => (queuePolicy(d).policy = allowing({ Principal: { AWS: "999999999999" }, Action: "sqs:*" })),
  ],
  [29, "an alarm that tells nobody", (d) => (alarm(d, /machine/i).actions_enabled = false)],
  [
    29,
    "an alarm on another installation",
    (d) => (alarm(d, /machine/i).dimensions = { installation: "theirs" }),
  ],
  [
    30,
    "a rotation function that may not run",
    (d) => (d.function("rotate-tokens").reserved_concurrent_executions = 0),
  ],
  [31, "an alarm that tells nobody", (d) => (alarm(d, /NumberOfMessages/).actions_enabled = "false")],
  [
    31,
    "a launch function that may not run",
    (d) => (d.function("launch").reserved_concurrent_executions = 0),
  ],
  [
    32,
    "a check that may fail",
    (d) => d.userData((text) => text.replace("--quiet -", "--quiet - || true -")),
  ],
  [35, "a trace behind other options", (d) => d.bootLine("set -euo pipefail -x")],
  [35, "a script that is traced", (d) => d.bootLine("sh -x /opt/setup.sh")],
];

function otherThan(d: Document, role: string, Action: string): void {
  d.policy(role, ({ Statement }) =>
    (Statement as unknown[]).push({ Effect: "Allow", Action, NotResource: "arn:aws:iam::1:role/x" }),
  );
}

function templateBy(d: Document, operator: string): void {
  d.policy("launch", ({ Statement }) => {
    const found = Statement.find(({ Sid }) => Sid === "LaunchTaggedMachines")!;
    const { ArnEquals, ...rest } = found.Condition!;
    found.Condition = { ...rest, [operator]: ArnEquals! };
  });
}

function permit(d: Document, principal: string): void {
  d.add("aws_lambda_permission", "Theirs", {
    function_name: functionName(d, "launch"),
    action: "lambda:InvokeFunction",
    principal,
  });
}

export const FURTHER_BREAKS: readonly Break[] = rows.map(([control, what, deed]) => ({
  control,
  what,
  deed,
}));
