import { TerraformHclModule, Token } from "cdktf";
import { Construct } from "constructs";
import { EphemeralRunners } from "../../constructs/ephemeral-runners";
import { GithubConnection } from "../../constructs/github-connection";
import { DEFAULT_INSTANCE_TYPES } from "../../constructs/instance-types";
import { RunnerLauncher } from "../../constructs/runner-launcher";
import { RunnerTables } from "../../constructs/runner-tables";
import {
  mistakes,
  principalOf,
  statements,
  synthesize,
  type Attributes,
  type Synthesized,
} from "../support/synth";
import type { RunnerLauncherProps } from "../../constructs/runner-launcher";

const app = { org: "acme", appId: "123", privateKeyParameter: "/acme/key" };
const withToken = GithubConnection.token({ org: "acme", tokenParameter: "/acme/token" });

const props = (more: Partial<RunnerLauncherProps> = {}): RunnerLauncherProps => ({
  prefix: "acme",
  fleets: [{ name: "linux", labels: ["self-hosted", "linux"] }],
  network: { subnetIds: ["subnet-1", "subnet-2"], securityGroupIds: ["sg-1"] },
  queue: { arn: "arn:queue", url: "https://sqs/queue" },
  github: GithubConnection.app(app),
  rotateFunction: { arn: "arn:rotate", functionName: "acme-rotate-tokens" },
  runnerGroup: { id: "7", name: "ephemeral" },
  ...more,
});

const build = (more?: Partial<RunnerLauncherProps>) =>
  synthesize((stack) => void new RunnerLauncher(stack, "L", props(more)));

const twoFleets = [
  { name: "ab", labels: ["one"], instanceTypes: ["c7g.large", "c6g.large"], maximumMachines: 3 },
  { name: "a-b", labels: ["two"], labelMatch: "subset" as const, markets: ["on-demand" as const] },
];

const table = (name: string): Attributes | undefined =>
  Object.values(build().resources("aws_dynamodb_table")).find((one) => one.name === name);

const settings = (more?: Partial<RunnerLauncherProps>): Attributes => {
  const { environment } = build(more).resource<{ environment: { variables: Record<string, string> } }>(
    "aws_lambda_function",
  );
  return JSON.parse(plain(environment.variables.SETTINGS ?? "")) as Attributes;
};

const functionPolicy = (more?: Partial<RunnerLauncherProps>) => {
  const policies = Object.values(build(more).resources("aws_iam_role_policy"));
  return statements(policies.find(({ name }) => name === "acme-launch")?.policy);
};

/** References as they look, less the hashes and the way that leads to them. */
const plain = (text: string): string =>
  text
    .replace(/\$\{data\.aws_partition\.\w+\.partition\}/g, "PARTITION")
    .replace(/\$\{data\.aws_partition\.\w+\.dns_suffix\}/g, "DOMAIN")
    .replace(/\$\{data\.aws_service\.\w+\.region\}/g, "REGION")
    .replace(/\$\{data\.aws_caller_identity\.\w+\.account_id\}/g, "ACCOUNT")
    .replace(/\$\{(\w+)\.L_[\w-]+_\w{8}\.(\w+)\}/g, "<$1.$2>");

describe("RunnerLauncher", () => {
  it("rings an alarm on what its functions count beside an error", () => {
    expect(Object.values(build().resources("aws_cloudwatch_metric_alarm"))).toContainEqual(
      expect.objectContaining({
        namespace: "EphemeralRunners",
        metric_name: "Alarms",
        dimensions: { installation: "acme" },
        alarm_description: expect.stringContaining("/aws/lambda/acme-*") as string,
        treat_missing_data: "notBreaching",
      }),
    );
  });

  it("makes the function, the tables, and a template and a parameter for each fleet", () => {
    expect(build({ fleets: twoFleets }).counts()).toEqual({
      aws_cloudwatch_log_group: 3,
      aws_cloudwatch_metric_alarm: 2,
      aws_dynamodb_table: 2,
      aws_iam_instance_profile: 2,
      aws_iam_role: 3,
      aws_iam_role_policy: 3,
      aws_lambda_event_source_mapping: 1,
      aws_lambda_function: 1,
      aws_launch_template: 2,
      aws_ssm_parameter: 2,
    });
  });

  it("takes ten messages at a time, at once, and gives back those that failed", () => {
    const mapping = build().resource("aws_lambda_event_source_mapping");

    expect(mapping).toMatchObject({
      event_source_arn: "arn:queue",
      batch_size: 10,
      function_response_types: ["ReportBatchItemFailures"],
      scaling_config: { maximum_concurrency: 5 },
    });
    expect(mapping).not.toHaveProperty("maximum_batching_window_in_seconds");
    expect(mapping.depends_on).toEqual([expect.stringMatching(/^aws_iam_role_policy\.L_Launch_Policy_/)]);
  });

  it("has a launch for each fleet at a time, and one more, unless told otherwise", () => {
    const ten = Array.from({ length: 10 }, (_, index) => ({ ...twoFleets[0]!, name: `fleet-${index}` }));
    const concurrency = (more: Partial<RunnerLauncherProps>): unknown =>
      build(more).resource("aws_lambda_event_source_mapping").scaling_config;

    expect(concurrency({ fleets: ten })).toEqual({ maximum_concurrency: 11 });
    expect(concurrency({ fleets: ten, maximumConcurrency: 7 })).toEqual({ maximum_concurrency: 7 });
  });

  it("stays within the time that the queue hides a message", () => {
    expect(build().resource("aws_lambda_function")).toMatchObject({ timeout: 60 });
  });

  it("keeps a ledger with an index of what is open", () => {
    expect(table("acme-ledger")).toMatchObject({
      billing_mode: "PAY_PER_REQUEST",
      hash_key: "fleet",
      range_key: "item",
      attribute: [
        { name: "fleet", type: "S" },
        { name: "item", type: "S" },
        { name: "open", type: "S" },
      ],
      local_secondary_index: [{ name: "open", range_key: "open", projection_type: "ALL" }],
      ttl: { enabled: true, attribute_name: "expiresAt" },
      point_in_time_recovery: { enabled: true },
    });
  });

  it("keeps registrations where no backup holds them", () => {
    expect(table("acme-handoff")).toMatchObject({
      billing_mode: "PAY_PER_REQUEST",
      hash_key: "instance",
      ttl: { enabled: true, attribute_name: "expiresAt" },
    });
    expect(table("acme-handoff")).not.toHaveProperty("point_in_time_recovery");
  });

  it("tells the function where everything is, by name", () => {
    expect(settings()).toEqual({
      installation: "acme",
      ledgerTable: "<aws_dynamodb_table.name>",
      handoffTable: "<aws_dynamodb_table.name>",
      queueUrl: "https://sqs/queue",
      fleets: ["linux"],
      fleetParameterPrefix: "/acme/fleets/",
      github: { apiUrl: "https://api.github.com", webUrl: "https://github.com", owner: "acme" },
      registration: "jit",
      githubTokens: [{ name: "123", parameter: "/acme/github/installation-token" }],
      rotateFunction: "acme-rotate-tokens",
      runner: { parameter: "/acme/github/runner-version", floor: "2.338.0" },
    });
  });

  it("has every App of the connection share the load", () => {
    const github = GithubConnection.app({
      ...app,
      furtherApps: [{ appId: "456", privateKeyParameter: "/acme/key-456" }],
    });

    expect(settings({ github }).githubTokens).toEqual([
      { name: "123", parameter: "/acme/github/installation-token" },
      { name: "456", parameter: "/acme/github/installation-token-456" },
    ]);
  });

  it.each([
    ["an App", GithubConnection.app({ ...app, registration: "token" })],
    ["a personal access token", withToken],
  ])(
    "gives the function the registration token of %s only, and nothing to call GitHub with",
    (_what, github) => {
      expect(settings({ github })).toMatchObject({
        registration: "token",
        githubTokens: [],
        registrationTokenParameter: "/acme/github/registration-token",
      });
    },
  );

  it("starts the function afresh when a fleet's parameter changes", () => {
    const { environment } = build({ fleets: twoFleets }).resource<{
      environment: { variables: Record<string, string> };
    }>("aws_lambda_function");

    expect(environment.variables.FLEETS_REVISION).toMatch(
      /^\$\{sha256\(join\(",", \[aws_ssm_parameter\.[\w-]+-ab_\w+\.insecure_value, aws_ssm_parameter\.[\w-]+\.insecure_value\]\)\)\}$/,
    );
  });

  it("writes down for each fleet what launching it takes", () => {
    const parameters = Object.values(build({ fleets: twoFleets }).resources("aws_ssm_parameter"));
    const values = parameters.map(({ name, insecure_value: value }) => [
      name,
      JSON.parse(plain(String(value))) as object,
    ]);

    const common = {
      runnerGroupId: "7",
      runnerGroupName: "ephemeral",
      launchTemplateId: "<aws_launch_template.id>",
      launchTemplateVersion: "<aws_launch_template.latest_version>",
      subnetIds: ["subnet-1", "subnet-2"],
      roleId: "<aws_iam_role.unique_id>",
    };
    expect(values).toEqual([
      [
        "/acme/fleets/a-b",
        {
          ...common,
          labels: ["two"],
          labelMatch: "subset",
          instanceTypes: expect.arrayContaining(["m7i.large"]) as string[],
          markets: ["on-demand"],
          maximumMachines: 20,
          architecture: "x64",
        },
      ],
      [
        "/acme/fleets/ab",
        {
          ...common,
          labels: ["one"],
          instanceTypes: ["c7g.large", "c6g.large"],
          markets: ["spot", "on-demand"],
          maximumMachines: 3,
          architecture: "arm64",
        },
      ],
    ]);
    expect(parameters.map(({ type }) => type)).toEqual(["String", "String"]);
  });

  it("takes an advanced parameter for a fleet whose labels need one", () => {
    const labelled = (length: number) => ({
      name: `f${length}`,
      labels: Array.from({ length }, (_, index) => `label-of-a-large-team-in-the-department-${index}`),
    });
    const parameters = build({ fleets: [labelled(100), labelled(50)] }).resources("aws_ssm_parameter");

    expect(Object.values(parameters).map(({ name, tier }) => [name, tier])).toEqual([
      ["/acme/fleets/f100", "Advanced"],
      ["/acme/fleets/f50", undefined],
    ]);
  });

  it("gives each fleet a template of its architecture", () => {
    const templates = Object.values(build({ fleets: twoFleets }).resources("aws_launch_template"));

    expect(templates.map(({ name, image_id: image }) => [name, String(image).split("-").at(-1)])).toEqual([
      ["acme_a-b_runner", "x86_64"],
      ["acme_ab_runner", "arm64"],
    ]);
  });

  it("lets EC2 make the role that spot needs only when asked to, and makes it itself never", () => {
    const rightOf = (stack: Synthesized) => {
      const policies = Object.values(stack.resources("aws_iam_role_policy"));
      return policies.flatMap(({ policy }) => statements(policy)["CreateSpotRole"] ?? []);
    };
    const [without, asked] = [build(), build({ createSpotServiceLinkedRole: true })];

    for (const stack of [without, asked])
      expect(stack.counts()).not.toHaveProperty("aws_iam_service_linked_role");
    expect(rightOf(without)).toEqual([]);
    expect(rightOf(asked)).toMatchObject([{ Action: ["iam:CreateServiceLinkedRole"] }]);
  });

  it("has Terraform forget the role that 0.1.0 made, of each installation in a stack, and destroy it never", () => {
    const { json } = synthesize((stack) => {
      for (const prefix of ["acme", "other"])
        new RunnerLauncher(new Construct(stack, prefix), "L", { ...props(), prefix });
    });

    expect(json.removed).toEqual(
      ["acme", "other"].map((prefix) => ({
        from: expect.stringMatching(
          new RegExp(`^aws_iam_service_linked_role\\.${prefix}_L_SpotServiceLinkedRole_[0-9A-F]{8}$`),
        ) as string,
        lifecycle: { destroy: false },
      })),
    );
  });

  it("destroys what a fleet was made of after the functions have forgotten it", () => {
    const stack = build();
    const made = [
      "aws_launch_template",
      "aws_iam_instance_profile",
      "aws_cloudwatch_log_group",
      "aws_ssm_parameter",
    ];

    for (const type of made) {
      const ofFleet = Object.entries(stack.resources(type)).filter(([id]) => /Template-|Settings-/.test(id));
      expect(ofFleet.length).toBeGreaterThan(0);
      for (const [, { lifecycle }] of ofFleet)
        expect(lifecycle).toMatchObject({ create_before_destroy: true });
    }
  });

  it("protects the ledger when asked to", () => {
    const tables = Object.values(build({ ledgerDeletionProtection: true }).resources("aws_dynamodb_table"));

    expect(tables.map(({ name, deletion_protection_enabled: kept }) => [name, kept])).toEqual([
      ["acme-handoff", undefined],
      ["acme-ledger", true],
    ]);
  });

  it.each<[Partial<RunnerLauncherProps>, string[]]>([
    [{ fleets: [] }, ["fleets is empty: give at least one, with a name and labels."]],
    [
      { fleets: [twoFleets[0]!, { ...twoFleets[1]!, name: "ab" }] },
      ['fleets[1].name is that of fleets[0], "ab": each fleet needs a name of its own.'],
    ],
    [
      { fleets: [{ name: "A", labels: [] }], maximumConcurrency: 1 },
      [
        'fleets[0].name must be 1 to 20 characters of a-z, 0-9 and "-", and is "A".',
        "fleets[0].labels must name at least one, and is empty.",
        "maximumConcurrency must be a whole number from 2 to 1000, and is 1.",
      ],
    ],
    [
      { network: { subnetIds: [], securityGroupIds: [] } },
      [
        "network.subnetIds must name at least one, and is empty.",
        "network.securityGroupIds must name at least one, and is empty.",
      ],
    ],
    [
      { fleets: [{ name: "big", labels: Array.from({ length: 40 }, (_, n) => `${n}`.padStart(256, "l")) }] },
      [
        expect.stringMatching(
          /^Labels, instance types and subnets of fleet big take \d+ bytes together, and a parameter holds 8192: shorten them\.$/,
        ) as string,
      ],
    ],
    [
      {
        fleets: [
          {
            name: "wide",
            labels: ["wide"],
            instanceTypes: Array.from({ length: 151 }, (_, n) => `m7i.${n + 2}xlarge`),
          },
        ],
      },
      [
        "Fleet wide has 151 instance types in 2 subnets: of the 302 pairs a launch can name 300, so leave out some of them.",
      ],
    ],
    [
      { github: GithubConnection.app({ ...app, appId: "x" }) },
      ['github.appId must be digits, as the App\'s settings page shows them, and is "x".'],
    ],
  ])("refuses %j", (more, messages) => {
    expect(mistakes((stack) => void new RunnerLauncher(stack, "L", props(more)))).toEqual(messages);
  });

  it("stands twice in a stack", () => {
    const synthesized = synthesize((stack) => {
      new RunnerLauncher(stack, "A", props({ prefix: "a" }));
      new RunnerLauncher(stack, "B", props({ prefix: "b" }));
    });

    const names = Object.values(synthesized.resources("aws_iam_role")).map(({ name }) => name);
    expect(names).toEqual(["a-launch", "a_linux_runner", "b-launch", "b_linux_runner"]);
  });

  it("keeps prefix and fleet apart in names, whatever they are", () => {
    const fleet = (name: string) => [{ name, labels: ["self-hosted", name] }];
    const synthesized = synthesize((stack) => {
      new RunnerLauncher(stack, "A", props({ prefix: "a", fleets: fleet("b-c") }));
      new RunnerLauncher(stack, "B", props({ prefix: "a-b", fleets: fleet("c") }));
    });

    for (const type of [
      "aws_iam_role",
      "aws_iam_instance_profile",
      "aws_launch_template",
      "aws_ssm_parameter",
    ]) {
      const names = Object.values(synthesized.resources(type)).map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
    }
  });
});

describe("Role of the launch function", () => {
  const resources = (sid: string): string[] => functionPolicy()[sid]?.Resource.map(plain) ?? [];

  it("does what the code calls, and nothing else", () => {
    const actions = Object.values(functionPolicy()).flatMap(({ Action }) => Action);

    expect([...new Set(actions)].sort()).toEqual([
      "dynamodb:BatchGetItem",
      "dynamodb:PutItem",
      "dynamodb:Query",
      "dynamodb:UpdateItem",
      "ec2:CreateFleet",
      "ec2:CreateTags",
      "ec2:DescribeInstances",
      "ec2:DescribeSubnets",
      "ec2:RunInstances",
      "ec2:TerminateInstances",
      "iam:PassRole",
      "lambda:InvokeFunction",
      "logs:CreateLogStream",
      "logs:PutLogEvents",
      "sqs:DeleteMessage",
      "sqs:GetQueueAttributes",
      "sqs:ReceiveMessage",
      "sqs:SendMessage",
      "ssm:GetParameter",
      "ssm:GetParameters",
    ]);
  });

  it("names its resources in every statement but one, which knows none", () => {
    const open = Object.values(functionPolicy()).filter(({ Resource }) => Resource.includes("*"));

    expect(open).toMatchObject([{ Action: ["ec2:DescribeInstances", "ec2:DescribeSubnets"] }]);
  });

  it("launches from the fleets' templates only", () => {
    expect(resources("LaunchFromTemplates")).toEqual(["<aws_launch_template.arn>"]);
  });

  it("launches in the given subnets with the given security groups only", () => {
    const named = resources("LaunchInNetwork").filter((arn) => /:(subnet|security-group)\//.test(arn));

    expect(named).toEqual([
      "arn:PARTITION:ec2:REGION:ACCOUNT:subnet/subnet-1",
      "arn:PARTITION:ec2:REGION:ACCOUNT:subnet/subnet-2",
      "arn:PARTITION:ec2:REGION:ACCOUNT:security-group/sg-1",
    ]);
  });

  it("launches no machine without the installation's tag", () => {
    for (const sid of ["LaunchTaggedMachines", "LaunchTaggedFleets"]) {
      const { Resource, Condition } = functionPolicy()[sid]!;

      expect(Resource.map(plain)).toEqual(["arn:PARTITION:ec2:REGION:ACCOUNT:instance/*"]);
      expect(Condition?.StringEquals).toEqual({ "aws:RequestTag/ephemeral-runners:installation": "acme" });
    }
  });

  it("launches no machine but from the fleets' templates and of the fleets' types", () => {
    const { ArnEquals, StringLike } = functionPolicy({ fleets: twoFleets }).LaunchTaggedMachines!.Condition!;

    expect((ArnEquals?.["ec2:LaunchTemplate"] as string[]).map(plain)).toEqual([
      "<aws_launch_template.arn>",
      "<aws_launch_template.arn>",
    ]);
    expect(StringLike?.["ec2:InstanceType"]).toEqual([
      ...["c7g.large", "c6g.large"],
      ...DEFAULT_INSTANCE_TYPES.x64,
    ]);
  });

  it("knows machines by their size where the types find no room in the policy", () => {
    const types = Array.from({ length: 300 }, (_, n) => `m${n}a.${n % 2 === 0 ? "large" : "2xlarge"}`);

    const { StringLike } = functionPolicy({
      fleets: [{ name: "all", labels: ["all"], instanceTypes: types }],
    }).LaunchTaggedMachines!.Condition!;

    expect(StringLike?.["ec2:InstanceType"]).toEqual(["*.large", "*.2xlarge"]);
  });

  it("lets AWS leave out template and type only when told to", () => {
    const { Condition } = functionPolicy({ requireLaunchTemplate: false }).LaunchTaggedMachines!;

    expect(Object.keys(Condition!).sort()).toEqual([
      "ArnEqualsIfExists",
      "StringEquals",
      "StringLikeIfExists",
    ]);
  });

  it("tags at a launch only", () => {
    expect(functionPolicy().TagAtLaunchOnly?.Condition).toEqual({
      StringEquals: { "ec2:CreateAction": ["RunInstances", "CreateFleet"] },
    });
  });

  it("passes the machines' roles to EC2 only", () => {
    expect(resources("PassRunnerRole")).toEqual(["<aws_iam_role.arn>"]);
    expect(functionPolicy().PassRunnerRole?.Condition).toEqual({
      StringEquals: { "iam:PassedToService": principalOf("ec2") },
    });
  });

  it("ends machines of this installation only", () => {
    expect(functionPolicy().EndOwnMachines?.Condition).toEqual({
      StringEquals: { "ec2:ResourceTag/ephemeral-runners:installation": "acme" },
    });
  });

  it("reads the token, the fleets and the image's parameter", () => {
    expect(resources("ReadTokensAndFleets")).toEqual([
      "arn:PARTITION:ssm:REGION:ACCOUNT:parameter/acme/github/installation-token",
      "arn:PARTITION:ssm:REGION:ACCOUNT:parameter/acme/github/runner-version",
      "arn:PARTITION:ssm:REGION:ACCOUNT:parameter/acme/fleets/*",
    ]);
    expect(resources("ReadImageParameters")).toEqual([
      "arn:PARTITION:ssm:REGION::parameter/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64",
    ]);
  });

  it("launches a given image only", () => {
    const fleets = [{ name: "linux", labels: ["x"], imageId: "ami-0123456789abcdef0" }];

    const { LaunchInNetwork, ReadImageParameters } = functionPolicy({ fleets });

    expect(LaunchInNetwork?.Resource.map(plain).filter((arn) => arn.includes("image"))).toEqual([
      "arn:PARTITION:ec2:REGION::image/ami-0123456789abcdef0",
    ]);
    expect(ReadImageParameters).toBeUndefined();
  });

  it("writes the ledger and the handoff, and reads the ledger", () => {
    expect(resources("KeepLedger")).toEqual(["<aws_dynamodb_table.arn>"]);
    expect(resources("ReadOpenItems")).toEqual(["<aws_dynamodb_table.arn>/index/open"]);
    expect(functionPolicy().HandOver?.Action).toEqual(["dynamodb:PutItem"]);
  });

  it("reads the given queue, wakes itself through it, and invokes the given function", () => {
    expect(resources("ReadQueue")).toEqual(["arn:queue"]);
    expect(resources("SendWakes")).toEqual(["arn:queue"]);
    expect(resources("AskForToken")).toEqual(["arn:rotate"]);
  });

  it("uses the team's key through each service for what that service needs", () => {
    const withKey = Object.values(functionPolicy({ kmsKeyArn: "arn:key" })).filter(({ Resource }) =>
      Resource.includes("arn:key"),
    );

    expect(
      withKey.map(({ Action, Condition }) => [
        plain(String(Condition?.StringLike?.["kms:ViaService"])),
        Action,
      ]),
    ).toEqual([
      [
        "ec2.REGION.DOMAIN,sqs.REGION.DOMAIN",
        [
          ...["kms:GenerateDataKey", "kms:Decrypt"],
          ...["kms:DescribeKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncrypt*"],
        ],
      ],
      ["ec2.REGION.DOMAIN", ["kms:CreateGrant"]],
      ["dynamodb.REGION.DOMAIN", ["kms:Decrypt"]],
      ["ssm.REGION.DOMAIN", ["kms:Decrypt"]],
    ]);
  });
});

describe("Subnets and security groups that only Terraform knows", () => {
  // CDKTF warns of what it may write wrongly.
  let warned: jest.SpyInstance;
  beforeEach(() => (warned = jest.spyOn(console, "warn")));
  afterEach(() => {
    expect(warned).not.toHaveBeenCalled();
    warned.mockRestore();
  });

  const ids = Token.asList("${data.aws_subnets.x.ids}");
  const groups = Token.asList("${module.vpc.security_groups}");
  const network = { subnetIds: ids, securityGroupIds: groups };
  const parameterOf = (synthesized: ReturnType<typeof synthesize>) =>
    synthesized.resource<{
      insecure_value: string;
      lifecycle?: { precondition: { condition: string; error_message: string }[] };
    }>("aws_ssm_parameter");

  it("stand in the fleet's settings as Terraform fills them in", () => {
    const { insecure_value: value } = parameterOf(build({ network }));

    expect(value).toContain('"subnetIds":${jsonencode(data.aws_subnets.x.ids)},"markets"');
  });

  it("stand in the policy each by its ARN, in statements of their own", () => {
    const policies = Object.values(build({ network }).resources("aws_iam_role_policy"));
    const policy = String(policies.find(({ name }) => name === "acme-launch")?.policy).replace(
      /(data\.aws_\w+)\.\w+\.(\w+)/g,
      "$1.$2",
    );
    const where =
      "data.aws_partition.partition, data.aws_service.region, data.aws_caller_identity.account_id";

    expect(policy).toContain(
      '{"Sid":"LaunchInSubnets","Effect":"Allow","Action":["ec2:RunInstances","ec2:CreateFleet"],' +
        `"Resource":\${jsonencode(formatlist("arn:%s:ec2:%s:%s:subnet/%s", ${where}, data.aws_subnets.ids))}},`,
    );
    expect(policy).toContain(
      '{"Sid":"LaunchInGroups","Effect":"Allow","Action":["ec2:RunInstances","ec2:CreateFleet"],' +
        `"Resource":\${jsonencode(formatlist("arn:%s:ec2:%s:%s:security-group/%s", ${where}, module.vpc.security_groups))}},`,
    );
    expect(Object.keys(functionPolicy())).not.toContain("LaunchInSubnets");
  });

  it("are handed to the launch template", () => {
    const template = build({ network }).resource("aws_launch_template");

    expect(template).toMatchObject({ vpc_security_group_ids: "${module.vpc.security_groups}" });
  });

  it("are counted by Terraform, with the words of the synth", () => {
    const { lifecycle } = parameterOf(
      build({
        network,
        fleets: [{ name: "wide", labels: ["wide"], instanceTypes: ["m7i.large", "m6i.large"] }],
      }),
    );

    expect(lifecycle?.precondition).toEqual([
      {
        condition: "${(length(data.aws_subnets.x.ids) >= 1)}",
        error_message: "The list of subnetIds is empty: it must name at least one.",
      },
      {
        condition: "${(length(data.aws_subnets.x.ids) <= 150)}",
        error_message:
          "Fleet wide has 2 instance types, and a launch can name 300 pairs of a type and a subnet: give it 150 subnets at most, or fewer types.",
      },
      {
        condition: expect.stringMatching(
          /^\$\{\(length\(jsonencode\(data\.aws_subnets\.x\.ids\)\) <= 3\d{3}\)\}$/,
        ) as unknown,
        error_message: expect.stringContaining("fleet wide take more than the 4096 bytes") as unknown,
      },
    ]);
    expect(parameterOf(build())).not.toHaveProperty("lifecycle.precondition");
  });

  it("may come from a module's output as it is", () => {
    const synthesized = synthesize((stack) => {
      const vpc = new TerraformHclModule(stack, "vpc", { source: "terraform-aws-modules/vpc/aws" });
      new EphemeralRunners(stack, "R", {
        github: GithubConnection.app(app),
        fleets: [{ name: "linux", labels: ["linux"] }],
        network: {
          existing: { vpcId: vpc.getString("id"), subnetIds: vpc.get("private_subnets") as string[] },
        },
      });
    });

    const settings = Object.values(synthesized.resources("aws_ssm_parameter")).find(({ name }) =>
      String(name).includes("/fleets/"),
    );
    expect(settings?.insecure_value).toContain('"subnetIds":${jsonencode(module.vpc.private_subnets)}');
  });
});

describe("A launch template of the team's own", () => {
  const existing = {
    id: "lt-0123456789abcdef0",
    roleArn: "arn:aws:iam::123456789012:role/gpu",
    roleId: "AROA0123456789EXAMPLE",
  };
  const own = {
    name: "gpu",
    labels: ["gpu"],
    instanceTypes: ["g6.xlarge"],
    existingLaunchTemplate: existing,
  };

  it("stands in for one that would be made", () => {
    const { counts, resource } = build({ fleets: [own] });

    expect(counts()).not.toHaveProperty("aws_launch_template");
    expect(counts()).toMatchObject({ aws_iam_role: 1, aws_ssm_parameter: 1 });
    const { insecure_value: value } = resource("aws_ssm_parameter");
    expect(JSON.parse(String(value))).toMatchObject({
      launchTemplateId: existing.id,
      launchTemplateVersion: "$Default",
      roleId: existing.roleId,
      instanceTypes: ["g6.xlarge"],
    });
  });

  it("is what the function may launch from, with its role and the image that it names", () => {
    const policy = functionPolicy({
      fleets: [
        { ...own, existingLaunchTemplate: { ...existing, version: "3", imageParameter: "/acme/image" } },
      ],
    });

    expect(policy.LaunchFromTemplates?.Resource.map(plain)).toEqual([
      `arn:PARTITION:ec2:REGION:ACCOUNT:launch-template/${existing.id}`,
    ]);
    expect(policy.PassRunnerRole?.Resource).toEqual([existing.roleArn]);
    expect(policy.LaunchInNetwork?.Resource.map(plain)).toContain("arn:PARTITION:ec2:REGION::image/*");
    expect(policy.ReadImageParameters?.Resource.map(plain)).toEqual([
      "arn:PARTITION:ssm:REGION:ACCOUNT:parameter/acme/image",
    ]);
    expect(functionPolicy({ fleets: [own] })).not.toHaveProperty("ReadImageParameters");
  });

  it("stands beside those that are made", () => {
    const { counts } = build({ fleets: [own, twoFleets[1]!] });

    expect(counts()).toMatchObject({ aws_launch_template: 1, aws_ssm_parameter: 2 });
    expect(settings({ fleets: [own, twoFleets[1]!] })).toMatchObject({ fleets: ["gpu", "a-b"] });
  });

  it("may know the tables, made before it", () => {
    const synthesized = synthesize((stack) => {
      const tables = new RunnerTables(stack, "Own", { prefix: "acme" });
      new RunnerLauncher(stack, "L", props({ fleets: [own], existingTables: tables }));
    });

    expect(Object.keys(synthesized.resources("aws_dynamodb_table"))).toEqual([
      expect.stringMatching(/^Own_Handoff_/),
      expect.stringMatching(/^Own_Ledger_/),
    ]);
  });

  it.each<[object, string]>([
    [
      { setupCommands: ["x"], imageId: "ami-0123456789abcdef0" },
      "fleets[0].existingLaunchTemplate and fleets[0].imageId, fleets[0].setupCommands exclude each other: leave out fleets[0].existingLaunchTemplate, or fleets[0].imageId, fleets[0].setupCommands.",
    ],
    [
      { existingLaunchTemplate: { ...existing, id: "gpu" } },
      'fleets[0].existingLaunchTemplate.id must be an id such as "lt-0123456789abcdef0", and is "gpu".',
    ],
    [
      { existingLaunchTemplate: { ...existing, version: "latest" } },
      'fleets[0].existingLaunchTemplate.version must be a number as a text, "$Default" or "$Latest", and is "latest".',
    ],
    [
      { existingLaunchTemplate: { ...existing, roleArn: "gpu" } },
      'fleets[0].existingLaunchTemplate.roleArn must be the ARN of a role, and is "gpu".',
    ],
    [
      { existingLaunchTemplate: { ...existing, roleId: "gpu" } },
      'fleets[0].existingLaunchTemplate.roleId must be the unique id of the role, such as "AROA0123456789EXAMPLE", not its name, and is "gpu".',
    ],
  ])("is refused beside, or as, %j", (more, message) => {
    expect(
      mistakes((stack) => void new RunnerLauncher(stack, "L", props({ fleets: [{ ...own, ...more }] }))),
    ).toEqual([message]);
  });

  it("needs its id and its role", () => {
    const half = [{ ...own, existingLaunchTemplate: { id: existing.id } as never }];

    expect(() => build({ fleets: half })).toThrow(
      "fleets[0].existingLaunchTemplate.roleArn is missing: it must be a text.",
    );
  });

  it("excludes protection of a ledger that is made elsewhere", () => {
    const told = mistakes((stack) => {
      const existingTables = new RunnerTables(stack, "Own", { prefix: "acme" });
      new RunnerLauncher(stack, "L", props({ existingTables, ledgerDeletionProtection: true }));
    });

    expect(told).toEqual([
      "existingTables and ledgerDeletionProtection exclude each other: leave out existingTables, or ledgerDeletionProtection.",
    ]);
  });
});
