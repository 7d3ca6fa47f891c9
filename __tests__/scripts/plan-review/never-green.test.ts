import { plainText } from "../../../scripts/plan-review/phrase";
import { readPlan } from "../../../scripts/plan-review/read-plan";
import { planText, smallReview } from "./small-plan";
import type { Made } from "./small-plan";

type Values = Readonly<Record<string, unknown>>;
type Resources = Readonly<Record<string, Made>>;

const policy = (...statements: readonly Values[]): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: statements.map((one) => ({ Effect: "Allow", Resource: "*", ...one })),
  });

const same = (values: Values): Made => ({ before: values, after: values });

const FOREIGN = "arn:aws:iam::999999999999:root";
const SECRETS = { Action: "s3:GetObject", Resource: "arn:aws:s3:::secrets/*" };
const ROLE = { name: "r", arn: "arn:aws:iam::123456789012:role/r" };
const FUNCTION = { function_name: "f", role: ROLE.arn };
const QUEUE = { name: "q", url: "https://q" };

const invoke = (values: Values): Values => ({
  action: "lambda:InvokeFunction",
  function_name: "f",
  ...values,
});

const newRole = (...statements: readonly Values[]): Resources => ({
  "aws_iam_role.n": { after: { name: "n" } },
  "aws_iam_role_policy.p": { after: { role: "n", policy: policy(...statements) } },
});

const trusting = (statement: Values): Resources => ({
  "aws_iam_role.n": { after: { name: "n", assume_role_policy: policy(statement) } },
});

const changed = (address: string, before: Values, after: Values): Resources => ({
  [address]: { before, after },
});

const replaced = (address: string, before: Values, after: Values): Resources => ({
  [address]: { before, after, actions: ["delete", "create"] },
});

const worst = (resources: Resources, more?: Values): readonly string[] => {
  const { matters } = smallReview(resources, more);
  return matters
    .filter(({ level }) => level === "danger")
    .map(({ kind, text }) => `${kind}: ${plainText(text)}`);
};

describe("red is", () => {
  it.each<[string, Resources, string]>([
    [
      "a function that another account may invoke",
      {
        "aws_lambda_function.f": same(FUNCTION),
        "aws_lambda_permission.p": { after: invoke({ principal: FOREIGN }) },
      },
      "may now be used: lambda:InvokeFunction on f",
    ],
    [
      "a permission that is made anew without its source",
      replaced(
        "aws_lambda_permission.p",
        invoke({ principal: "events.amazonaws.com", source_arn: "arn:aws:events:::rule/a" }),
        invoke({ principal: "events.amazonaws.com" }),
      ),
      "without the condition ArnLike aws:SourceArn",
    ],
    [
      "a function that gets another role",
      changed("aws_lambda_function.f", FUNCTION, {
        ...FUNCTION,
        role: "arn:aws:iam::123456789012:role/Admin",
      }),
      "has the rights of arn:aws:iam::123456789012:role/Admin",
    ],
    [
      "an instance profile that gets another role",
      changed("aws_iam_instance_profile.i", { role: "r" }, { role: "Admin" }),
      "has the rights of Admin in place of those of r",
    ],
    [
      "a template that gets another instance profile",
      changed(
        "aws_launch_template.t",
        { iam_instance_profile: [{ arn: "a" }] },
        { iam_instance_profile: [{ arn: "b" }] },
      ),
      "has the rights of b in place of those of a",
    ],
    [
      "a function that loads code by its environment",
      changed("aws_lambda_function.f", FUNCTION, {
        ...FUNCTION,
        environment: [{ variables: { NODE_OPTIONS: "--require /tmp/x" } }],
      }),
      "the function loads code by NODE_OPTIONS",
    ],
    [
      "an attachment that moves to another role",
      replaced(
        "aws_iam_role_policy_attachment.a",
        { role: "x", policy_arn: "arn:aws:iam::aws:policy/AdministratorAccess" },
        { role: "r", policy_arn: "arn:aws:iam::aws:policy/AdministratorAccess" },
      ),
      "gives r all that arn:aws:iam::aws:policy/AdministratorAccess allows",
    ],
    [
      "an attachment to more roles",
      changed(
        "aws_iam_policy_attachment.a",
        { roles: ["a"], policy_arn: "p" },
        { roles: ["a", "b"], policy_arn: "p" },
      ),
      "gives b all that p allows",
    ],
    [
      "a policy of a role that stands elsewhere",
      { "aws_iam_role_policy.p": { after: { role: "theirs", policy: policy(SECRETS) } } },
      "gives theirs, which stands elsewhere, more: may now s3:GetObject on arn:aws:s3:::secrets/*",
    ],
    [
      "a policy of a user that stands elsewhere",
      { "aws_iam_user_policy.p": { after: { user: "them", policy: policy(SECRETS) } } },
      "gives them, which stands elsewhere",
    ],
    [
      "a new role that may read all objects",
      newRole({ ...SECRETS, Resource: "arn:aws:s3:::*" }),
      "may now s3:GetObject",
    ],
    [
      "a new role that may read all secrets",
      newRole({ Action: ["ssm:GetParameter", "secretsmanager:GetSecretValue"] }),
      "may now ssm:GetParameter and secretsmanager:GetSecretValue on *",
    ],
    [
      "a new role whose condition binds nobody",
      newRole({ Action: "iam:PutRolePolicy", Condition: { StringLike: { "aws:PrincipalArn": "*" } } }),
      "may now iam:PutRolePolicy on *",
    ],
    [
      "a new role that another account may take",
      trusting({ Action: "sts:AssumeRole", Principal: { AWS: FOREIGN } }),
      `may now be taken: sts:AssumeRole by AWS:${FOREIGN}`,
    ],
    [
      "a new role that everyone may take whom a vain condition fits",
      trusting({
        Action: "sts:AssumeRole",
        Principal: "*",
        Condition: { StringLike: { "aws:userid": "*" } },
      }),
      "may now be taken: sts:AssumeRole by *",
    ],
    [
      "a new role that every workflow at GitHub may take",
      trusting({
        Action: "sts:AssumeRoleWithWebIdentity",
        Principal: { Federated: "token.actions.githubusercontent.com" },
      }),
      "may now be taken: sts:AssumeRoleWithWebIdentity",
    ],
    [
      "a new policy of a queue that stands, for another account",
      {
        "aws_sqs_queue.q": same(QUEUE),
        "aws_sqs_queue_policy.p": {
          after: {
            queue_url: QUEUE.url,
            policy: policy({ Action: "sqs:*", Principal: { AWS: "999999999999" } }),
          },
        },
      },
      "may now be used: sqs:* on * by AWS:999999999999",
    ],
    [
      "a policy that stands in the topic itself",
      changed(
        "aws_sns_topic.t",
        { policy: policy() },
        { policy: policy({ Action: "sns:*", Principal: "*" }) },
      ),
      "may now be used: sns:* on * by *",
    ],
    [
      "a key that is switched off",
      changed("aws_kms_key.k", { is_enabled: true }, { is_enabled: false }),
      "the key is switched off",
    ],
    [
      "a bucket whose versions are no longer kept",
      changed(
        "aws_s3_bucket_versioning.v",
        { versioning_configuration: [{ status: "Enabled" }] },
        { versioning_configuration: [{ status: "Suspended" }] },
      ),
      "versioning is switched off",
    ],
    [
      "a bucket that may be destroyed with its objects",
      changed("aws_s3_bucket.b", { force_destroy: false }, { force_destroy: true }),
      "is destroyed with all that is in it",
    ],
    [
      "a bucket that everyone may read",
      { "aws_s3_bucket_acl.b": { after: { acl: "public-read" } } },
      "everyone may read",
    ],
    [
      "a runner group for every workflow",
      changed(
        "github_actions_runner_group.g",
        { restricted_to_workflows: true },
        { restricted_to_workflows: false },
      ),
      "every workflow may use the runners",
    ],
    [
      "a user without a boundary",
      changed("aws_iam_user.u", { permissions_boundary: "b" }, { permissions_boundary: "" }),
      "has no permissions boundary any more",
    ],
    [
      "a table that a failed apply left behind",
      { "aws_dynamodb_table.t": { before: { name: "t" }, more: { deposed: "0123abcd" } } },
      "is destroyed, and with it its items",
    ],
    [
      "a command that the apply runs",
      { "null_resource.n": { after: {}, configured: { provisioners: [{ type: "local-exec" }] } } },
      "runs commands with the rights of whoever applies: local-exec",
    ],
  ])("%s", (_, resources, told) => {
    expect(worst(resources)).toEqual([expect.stringContaining(told)]);
  });

  it("an action that the apply starts", () => {
    const more = { action_invocations: [{ address: "action.aws_lambda_invoke.x" }] };

    expect(worst({ "aws_sqs_queue.q": same(QUEUE) }, more)).toEqual([
      "command-run: the apply starts action.aws_lambda_invoke.x",
    ]);
  });
});

describe("never green is", () => {
  it.each<[string, Resources]>([
    [
      "a new user with a key",
      { "aws_iam_user.u": { after: { name: "u" } }, "aws_iam_access_key.k": { after: {} } },
    ],
    ["a member of a group", { "aws_iam_user_group_membership.m": { after: { groups: ["admins"] } } }],
    ["a grant of a key", { "aws_kms_grant.g": { after: { grantee_principal: FOREIGN } } }],
    [
      "a new identity provider",
      { "aws_iam_openid_connect_provider.p": { after: { url: "https://a.example" } } },
    ],
    ["a new role that may become another", newRole({ Action: "sts:AssumeRole", Resource: ROLE.arn })],
    ["a new role in a stack that stands", { ...newRole(SECRETS), "aws_sqs_queue.q": same(QUEUE) }],
    [
      "a policy that is known after the apply only",
      {
        "aws_iam_role.n": { after: { name: "n" } },
        "aws_iam_role_policy.p": {
          after: { role: "n" },
          unknown: { policy: true },
          written: { policy: { references: ["data.aws_iam_policy_document.d"] } },
        },
      },
    ],
    [
      "a policy with words that only AWS may understand",
      {
        "aws_iam_role.r": same(ROLE),
        "aws_iam_role_policy.p": {
          before: { role: "r", policy: policy() },
          after: { role: "r", policy: '{"statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}' },
        },
      },
    ],
    [
      "a profile of an old role whose name something else takes",
      {
        "aws_sqs_queue.q": { after: { name: "Admin" } },
        "aws_iam_instance_profile.i": { after: { role: "Admin" } },
      },
    ],
    [
      "a function beside an old role, that names a new resource too",
      {
        "aws_sqs_queue.q": { after: { name: "q" } },
        "aws_lambda_function.f": {
          after: { function_name: "f" },
          unknown: { role: true },
          written: {
            role: { references: ["aws_iam_role.admin.arn", "aws_iam_role.admin", "aws_sqs_queue.q.arn"] },
          },
        },
        "aws_iam_role.admin": same(ROLE),
      },
    ],
    [
      "a permission for a service that anyone may use",
      { "aws_lambda_permission.p": { after: invoke({ principal: "s3.amazonaws.com" }) } },
    ],
    ["a function beside an old role", { "aws_lambda_function.f": { after: FUNCTION } }],
    [
      "a way out over TLS from a group elsewhere",
      {
        "aws_vpc_security_group_egress_rule.r": {
          after: {
            security_group_id: "sg-1",
            ip_protocol: "tcp",
            from_port: 443,
            to_port: 443,
            cidr_ipv4: "0.0.0.0/0",
          },
        },
      },
    ],
    [
      "a way in that is known after the apply only",
      {
        "aws_security_group.g": {
          before: { id: "sg-1", ingress: [] },
          after: { id: "sg-1" },
          unknown: { ingress: true },
          written: { ingress: { references: ["local.rules"] } },
        },
      },
    ],
    [
      "a route out of a subnet that stands",
      { "aws_route.r": { after: { route_table_id: "rtb-1", gateway_id: "igw-1" } } },
    ],
    [
      "a public address",
      changed("aws_launch_template.t", {}, { network_interfaces: [{ associate_public_ip_address: "true" }] }),
    ],
    [
      "another security group",
      changed("aws_launch_template.t", { vpc_security_group_ids: ["a"] }, { vpc_security_group_ids: ["b"] }),
    ],
    [
      "more repositories",
      changed(
        "github_actions_runner_group.g",
        { selected_repository_ids: [1] },
        { selected_repository_ids: [1, 2] },
      ),
    ],
    [
      "another address of a webhook",
      changed(
        "github_organization_webhook.w",
        { configuration: [{ url: "a" }] },
        { configuration: [{ url: "b" }] },
      ),
    ],
    [
      "logs that go elsewhere",
      { "aws_cloudwatch_log_subscription_filter.f": { after: { destination_arn: FOREIGN } } },
    ],
    [
      "other settings of a function",
      changed("aws_lambda_function.f", FUNCTION, { ...FUNCTION, environment: [{ variables: { A: "1" } }] }),
    ],
    [
      "a tag that rights hang on",
      changed("aws_sqs_queue.q", QUEUE, { ...QUEUE, tags: { "ephemeral-runners:installation": "b" } }),
    ],
    [
      "a resource that is taken over",
      { "aws_iam_role.r": { ...same(ROLE), change: { importing: { id: "r" } } } },
    ],
    [
      "a resource that is let go and made anew",
      { "aws_sqs_queue.q": { ...same(QUEUE), actions: ["create", "forget"] } },
    ],
    ["a resource that is let go", { "aws_sqs_queue.q": { before: QUEUE, actions: ["forget"] } }],
  ])("%s", (_, resources) => {
    expect(smallReview(resources).level).toMatch(/^(attention|danger)$/);
  });

  it.each<[string, Values]>([
    ["that failed", { errored: true, complete: false }],
    [
      "that puts something off",
      { complete: false, deferred_changes: [{ resource_change: { address: "a.b" } }] },
    ],
    ["that needs another one", { complete: false }],
    ["whose checks fail", { checks: [{ address: { to_display: "check.a" }, status: "fail" }] }],
  ])("a plan %s", (_, more) => {
    const { level, verdict } = smallReview({ "aws_sqs_queue.q": same(QUEUE) }, more);

    expect(level).toBe("attention");
    expect(verdict).toBe("Read before you merge: 1 part missing; no resource changes.");
  });

  it("a policy below a module with several instances", () => {
    const address = 'module.m[0].aws_iam_role_policy.p["a]b"]';
    const written = { address: "aws_iam_role_policy.p", expressions: { policy: { references: ["var.p"] } } };
    const { matters } = smallReview(
      {
        [address]: {
          before: { role: "r", policy: policy() },
          after: { role: "r" },
          unknown: { policy: true },
          more: { type: "aws_iam_role_policy" },
        },
      },
      { configuration: { root_module: { module_calls: { m: { module: { resources: [written] } } } } } },
    );

    expect(matters.map(({ kind, level }) => `${kind} ${level}`)).toEqual(["not-visible attention"]);
  });
});

it.each<[string, Values]>([
  ["whose key may be absent", { StringEqualsIfExists: { "aws:PrincipalTag/team": "a" } }],
  ["that excludes", { StringNotEquals: { "aws:RequestedRegion": "us-east-1" } }],
  ["that holds for no value at all", { "ForAllValues:StringEquals": { "aws:TagKeys": ["a"] } }],
  ["on an absent key", { Null: { "aws:TokenIssueTime": "true" } }],
  ["that anything meets", { StringLike: { "aws:PrincipalArn": "*" } }],
])("a condition %s binds nobody", (_, Condition) => {
  const told = (condition: Values): readonly string[] =>
    worst(newRole({ Action: "ec2:RunInstances", Condition: condition }));

  expect(told(Condition)).toHaveLength(1);
  expect(told({ ...Condition, StringEquals: { "aws:PrincipalTag/team": "a" } })).toEqual([]);
});

it("a statement with a word that is not known is not visible", () => {
  const { matters } = smallReview({
    "aws_iam_role.r": same(ROLE),
    "aws_iam_role_policy.p": {
      before: { role: "r", policy: policy() },
      after: { role: "r", policy: policy({ action: "*" }) },
    },
  });

  expect(matters.map(({ kind }) => kind)).toEqual(["not-visible"]);
});

it("policies of several instances belong to the role of the same instance", () => {
  const written = { name: {}, role: { references: ["aws_iam_role.r"] } };
  const roleOf = (): Made => ({ after: {}, unknown: { name: true }, written });
  const policyOf = (Action: string): Made => ({
    after: { policy: policy({ Action, Resource: "arn:aws:s3:::a/*" }) },
    unknown: { role: true },
    written,
  });
  const { matters } = smallReview({
    'aws_iam_role.r["a"]': roleOf(),
    'aws_iam_role.r["b"]': roleOf(),
    'aws_iam_role_policy.p["a"]': policyOf("s3:GetObject"),
    'aws_iam_role_policy.p["b"]': policyOf("sqs:SendMessage"),
  });

  expect(matters.map(({ address, text }) => `${address} ${plainText(text)}`)).toEqual([
    'aws_iam_role.r["a"] is new, and may do things with s3',
    'aws_iam_role.r["b"] is new, and may do things with sqs',
  ]);
});

it("a stack of another plan is refused", () => {
  const stack = { resource: { aws_iam_role_policy: { p: { policy: policy() } } } };
  const plan = planText({ "aws_sqs_queue.q": same(QUEUE) });

  expect(() =>
    readPlan({ name: "plan.json", text: plan }, { name: "cdk.tf.json", text: JSON.stringify(stack) }),
  ).toThrow("cdk.tf.json is not of this plan, which has no aws_iam_role_policy.p.");
});

it("one resource that stays is told in the singular", () => {
  expect(smallReview({ "aws_sqs_queue.q": same(QUEUE) }).verdict).toBe(
    "Nothing changes: 1 resource stays as it is.",
  );
});

it("a queue that is made anew has no policy unseen that nobody wrote", () => {
  const { matters } = smallReview({
    "aws_sqs_queue.q": {
      before: { name: "a" },
      after: { name: "b" },
      unknown: { policy: true },
      actions: ["delete", "create"],
    },
  });

  expect(matters.map(({ kind }) => kind)).toEqual(["data-destroyed"]);
});

it("a source that is known after the apply only is still a condition", () => {
  const event = { principal: "events.amazonaws.com" };
  const { matters } = smallReview({
    "aws_lambda_permission.new": { after: invoke(event), unknown: { source_arn: true } },
    "aws_lambda_permission.anew": {
      before: invoke({ ...event, source_arn: "arn:aws:events:::rule/a" }),
      after: invoke(event),
      unknown: { source_arn: true },
      actions: ["delete", "create"],
    },
  });

  expect(matters.map(({ address, kind }) => [address, kind])).toEqual([
    ["aws_lambda_permission.anew", "iam-widened"],
    ["aws_lambda_permission.anew", "replaced"],
  ]);
});

describe("green stays", () => {
  it.each<[string, Resources, Values]>([
    ["a plan without changes", { "aws_sqs_queue.q": same(QUEUE) }, {}],
    ["a queue that is new", { "aws_sqs_queue.q": { after: QUEUE } }, {}],
    [
      "another description, tag or size",
      changed("aws_lambda_function.f", FUNCTION, {
        ...FUNCTION,
        memory_size: 256,
        tags: { team: "b" },
        description: "d",
      }),
      {},
    ],
    [
      "a resource that moves",
      { "aws_sqs_queue.q": { ...same(QUEUE), more: { previous_address: "aws_sqs_queue.old" } } },
      {},
    ],
    ["an output", { "aws_sqs_queue.q": same(QUEUE) }, { output_changes: { url: { actions: ["update"] } } }],
  ])("%s", (_, resources, more) => {
    expect(smallReview(resources, more).level).toMatch(/^(notice|none)$/);
  });
});

it("what was changed outside of Terraform is told, but for what nobody wrote", () => {
  const drift = (address: string, before: Values, after: Values): Values => ({
    address,
    mode: "managed",
    change: { actions: ["update"], before, after },
  });
  const { drifted } = smallReview(
    {
      "aws_sqs_queue.q": { ...same(QUEUE), written: { name: {} } },
      "aws_iam_role.r": { ...same(ROLE), written: { name: {} } },
    },
    {
      resource_drift: [
        drift("aws_sqs_queue.q", { name: "a" }, { name: "b" }),
        drift("aws_iam_role.r", { inline_policy: [] }, { inline_policy: [{}] }),
      ],
    },
  );

  expect(drifted).toEqual(["q"]);
});

it.each<[string, Resources, Values, RegExp]>([
  ["does something unknown", { "a.b": { ...same({}), actions: ["obliterate"] } }, {}, /"obliterate" to a\.b/],
  [
    "has a change of no known mode",
    { "a.b": { ...same({}), actions: ["open"], more: { mode: "odd" } } },
    {},
    /"open" to a\.b/,
  ],
  [
    "has an unknown format",
    {},
    { format_version: "2.0" },
    /format version "2\.0", and only 0 and 1 are known/,
  ],
])("a plan that %s is refused", (_, resources, more, message) => {
  expect(() => readPlan({ name: "plan.json", text: planText(resources, more) })).toThrow(message);
});
