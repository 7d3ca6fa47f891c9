import { Token } from "cdktf";
import { EphemeralRunners } from "../../constructs/ephemeral-runners";
import { GithubConnection } from "../../constructs/github-connection";
import { EVENT_SOURCE, MEMORY_MB } from "../../constructs/tuning";
import { RunnerGroup } from "../../constructs/runner-group";
import { ConfigurationError } from "../../constructs/validation";
import { mistakes, synthesize } from "../support/synth";
import type { EphemeralRunnersProps } from "../../constructs/ephemeral-runners";
import type { Attributes, Synthesized } from "../support/synth";
import type { Construct } from "constructs";

const app = { org: "acme", appId: "123", privateKeyParameter: "/acme/github-app-key" };
const atOrganization = GithubConnection.app(app);
const atRepository = GithubConnection.app({ ...app, org: undefined, repository: "acme/widget" });
const withToken = GithubConnection.token({ org: "acme", tokenParameter: "/acme/token" });
const linux = { name: "linux-x64", labels: ["self-hosted", "linux", "x64"] };
const arm = {
  name: "linux-arm64",
  labels: ["self-hosted", "linux", "arm64"],
  architecture: "arm64" as const,
};

const create = (scope: Construct, more: Partial<EphemeralRunnersProps> = {}, id = "Runners") =>
  new EphemeralRunners(scope, id, { github: atOrganization, fleets: [linux], ...more });
const build = (more: Partial<EphemeralRunnersProps> = {}) => synthesize((scope) => create(scope, more));
const told = (more: Partial<EphemeralRunnersProps>) => mistakes((scope) => create(scope, more));

const settingsOf = (stack: Synthesized, functionName: string): Attributes => {
  const found = Object.values(stack.resources("aws_lambda_function")).find(
    ({ function_name }) => function_name === functionName,
  ) as { environment: { variables: { SETTINGS: string } } } | undefined;
  return JSON.parse(found?.environment.variables.SETTINGS ?? "{}") as Attributes;
};

const githubResources = (stack: Synthesized): string[] =>
  Object.keys(stack.counts()).filter((type) => type.startsWith("github_"));

/** Type and name of all that has a name of its own in AWS or at GitHub; a stage's name is its API's affair. */
const names = (stack: Synthesized): string[] =>
  Object.keys(stack.counts())
    .filter((type) => type !== "aws_apigatewayv2_stage")
    .flatMap((type) =>
      Object.values(stack.resources(type)).flatMap((attributes) =>
        ["name", "function_name", "alarm_name"]
          .filter((key) => typeof attributes[key] === "string" && !String(attributes[key]).startsWith("${"))
          .map((key) => `${type} ${String(attributes[key])}`),
      ),
    );

describe("EphemeralRunners", () => {
  it("gives each function the memory, and the queue the reader, that were chosen by figures", () => {
    const stack = build();
    const memory = Object.values(stack.resources("aws_lambda_function")).map(
      ({ function_name, memory_size }) => [String(function_name).replace("runners-", ""), memory_size],
    );

    expect(Object.fromEntries(memory)).toEqual(MEMORY_MB);
    const { batch_size, maximum_batching_window_in_seconds } = stack.resource(
      "aws_lambda_event_source_mapping",
    );
    expect(batch_size).toBe(EVENT_SOURCE.batchSize);
    expect(maximum_batching_window_in_seconds ?? 0).toBe(EVENT_SOURCE.windowSeconds);
  });

  it("is whole with a connection and a fleet", () => {
    const stack = build();

    expect(stack.counts()).toMatchObject({
      aws_lambda_function: 5,
      aws_apigatewayv2_route: 1,
      aws_sqs_queue: 2,
      aws_dynamodb_table: 2,
      aws_launch_template: 1,
      github_organization_webhook: 1,
      github_actions_runner_group: 1,
    });
    expect(told({})).toEqual([]);
  });

  it("makes a launch template and a route for each fleet", () => {
    const stack = build({ fleets: [linux, { ...arm, labelMatch: "subset" }] });

    expect(stack.counts().aws_launch_template).toBe(2);
    expect(settingsOf(stack, "runners-webhook").routes).toEqual([
      { fleet: "linux-x64", labels: linux.labels, match: "exact" },
      { fleet: "linux-arm64", labels: arm.labels, match: "subset" },
    ]);
  });

  it("tells the webhook which addresses deliveries may come from", () => {
    const sourceAddresses = ["192.30.252.0/22"];

    expect(settingsOf(build({ sourceAddresses }), "runners-webhook")).toMatchObject({ sourceAddresses });
    expect(told({ sourceAddresses: ["192.30.252.0"] })).toEqual([
      expect.stringMatching(/^sourceAddresses\[0\] must be a CIDR block/),
    ]);
  });

  it("stands twice in one stack without a name in common", () => {
    const stack = synthesize((scope) => {
      create(scope, {}, "Linux");
      create(scope, { fleets: [{ ...linux, labels: ["other"] }] }, "Other");
    });

    const all = names(stack);
    expect(all.length).toBeGreaterThan(50);
    expect(all.filter((name, index) => all.indexOf(name) !== index)).toEqual([]);
    expect(Object.keys(stack.json.output as object)).toHaveLength(4);
  });

  it.each([
    ["Runners", "runners"],
    ["LinuxRunners", "linux-runners"],
    ["CI runners of team-a", "ci-runners-of-team-a"],
    ["AVeryLongNameForAConstruct", "avery-long-name-for-a"],
  ])("names what it makes after its id: %s", (id, prefix) => {
    const stack = synthesize((scope) => create(scope, {}, id));

    expect(stack.resource("aws_apigatewayv2_api")).toMatchObject({ name: `${prefix.slice(0, 20)}-webhook` });
  });

  it("says where the webhook points to and where its secret is", () => {
    expect(build().json.output).toEqual({
      "runners-webhook-url": {
        description: expect.any(String) as string,
        value: expect.stringMatching(/^\$\{aws_apigatewayv2_api\.\w+\.api_endpoint\}\/webhook$/) as string,
      },
      "runners-webhook-secret-parameter": {
        description: expect.any(String) as string,
        value: "/runners/github/webhook-secret",
      },
    });
  });
});

describe("the webhook at GitHub", () => {
  const group = { runnerGroup: RunnerGroup.fromId("3", "builders") };

  it("is the organization's, and the rotation function knows its id and address", () => {
    const stack = build(group);

    expect(githubResources(stack)).toEqual(["github_organization_webhook"]);
    expect(settingsOf(stack, "runners-rotate-tokens").webhook).toEqual({
      kind: "organization",
      hookId: expect.stringMatching(/^\$\{github_organization_webhook\.\w+\.id\}$/) as string,
      url: expect.stringMatching(/api_endpoint\}\/webhook$/) as string,
      secretParameter: "/runners/github/webhook-secret",
      secretRotationDays: 7,
    });
  });

  it("is the repository's for a connection to one repository, which has no runner group", () => {
    const stack = build({ github: atRepository });

    expect(githubResources(stack)).toEqual(["github_repository_webhook"]);
    expect(stack.resource("github_repository_webhook")).toMatchObject({ repository: "widget" });
    expect(settingsOf(stack, "runners-rotate-tokens").webhook).toMatchObject({ kind: "repository" });
    const fleet = Object.values(stack.resources("aws_ssm_parameter")).find(({ type }) => type === "String");
    expect(JSON.parse(String(fleet?.insecure_value))).toMatchObject({ runnerGroupId: "1" });
  });

  it("is the App's own: nothing is made at GitHub, and the rotation function sets it", () => {
    const stack = build({ ...group, webhook: "app" });

    expect(githubResources(stack)).toEqual([]);
    const { webhook } = settingsOf(stack, "runners-rotate-tokens");
    expect(webhook).toMatchObject({ kind: "app" });
    expect(webhook).not.toHaveProperty("hookId");
  });

  it("is made by hand: nothing is made at GitHub, and nothing touches it", () => {
    const stack = build({ ...group, webhook: "manual" });

    expect(githubResources(stack)).toEqual([]);
    expect(settingsOf(stack, "runners-rotate-tokens")).not.toHaveProperty("webhook");
    const parameters = Object.values(stack.resources("aws_ssm_parameter")).map(({ name }) => name);
    expect(parameters).toContain("/runners/github/webhook-secret");
  });
});

describe("the credential", () => {
  it("may be read by the rotation function alone", () => {
    const policies = Object.values(build().resources("aws_iam_role_policy"));

    const readers = policies.filter(({ policy }) => String(policy).includes("github-app-key"));
    expect(readers.map(({ name }) => name)).toEqual(["runners-rotate-tokens"]);
    for (const { policy } of policies) expect(policy).not.toMatch(/ssm:(\*|Get\*)|parameter\/\*/);
  });

  it("is kept from the launch function, and from the one that the internet reaches, with a personal access token", () => {
    const stack = build({ github: withToken });

    const readers = Object.values(stack.resources("aws_iam_role_policy")).filter(({ policy }) =>
      String(policy).includes("/acme/token"),
    );
    expect(readers.map(({ name }) => name)).toEqual(["runners-rotate-tokens", "runners-sweep"]);
  });

  it("of each App is the rotation function's, and its token is read by launch and sweep", () => {
    const furtherApps = [{ appId: "456", privateKeyParameter: "/acme/key-456" }];
    const stack = build({ github: GithubConnection.app({ ...app, furtherApps }) });

    const readers = (parameter: string): unknown[] =>
      Object.values(stack.resources("aws_iam_role_policy"))
        .filter(({ policy }) => String(policy).includes(`parameter${parameter}"`))
        .map(({ name }) => name);
    expect(readers("/acme/key-456")).toEqual(["runners-rotate-tokens"]);
    expect(readers("/runners/github/installation-token-456")).toEqual([
      "runners-launch",
      "runners-rotate-tokens",
      "runners-sweep",
    ]);
  });
});

describe("the sweep", () => {
  it.each([
    [undefined, true],
    ["app", true],
    ["manual", false],
  ] as const)("with the webhook %j, has failed deliveries sent again: %j", (webhook, redeliver) => {
    expect(settingsOf(build({ webhook }), "runners-sweep").redeliver).toBe(redeliver);
  });

  it("and the rotation function are told alike whether interrupted jobs run again", () => {
    for (const rerunInterruptedJobs of [true, false]) {
      const stack = build({ rerunInterruptedJobs });

      expect(settingsOf(stack, "runners-sweep").rerunInterrupted).toBe(rerunInterruptedJobs);
      expect(settingsOf(stack, "runners-rotate-tokens").rerunInterrupted).toBe(rerunInterruptedJobs);
    }
  });

  it("takes an on-demand machine after a second interruption, unless the user wants none", () => {
    const told = (props: object) => settingsOf(build(props), "runners-sweep").onDemandAfterInterruptions;

    expect([told({}), told({ onDemandAfterInterruptions: false })]).toEqual([true, false]);
  });

  it("has the routes and the repositories that the user gives", () => {
    const stack = build({ repositories: ["Widget"], backlogRepositories: ["acme/widget"], sweepMinutes: 5 });

    expect(settingsOf(stack, "runners-sweep").backlog).toEqual({
      repositories: ["acme/widget"],
      routes: settingsOf(stack, "runners-webhook").routes,
    });
    expect(Object.values(stack.resources("aws_cloudwatch_event_rule"))).toContainEqual(
      expect.objectContaining({ name: "runners-sweep", schedule_expression: "rate(5 minutes)" }),
    );
  });
});

describe("an interruption", () => {
  it("is told to the queue that the launch function reads", () => {
    const stack = build();

    expect(settingsOf(stack, "runners-interruption")).toMatchObject({
      installation: "runners",
      queueUrl: settingsOf(stack, "runners-launch").queueUrl,
      ledgerTable: settingsOf(stack, "runners-launch").ledgerTable,
    });
  });
});

describe("common props", () => {
  it("reach every resource that takes them", () => {
    const stack = build({
      permissionsBoundaryArn: "arn:aws:iam::111122223333:policy/boundary",
      logRetentionDays: 7,
      runtime: "nodejs24.x",
      tags: { team: "ci" },
      alarmActions: ["arn:aws:sns:eu-west-1:111122223333:alarms"],
    });

    const all = (type: string) => Object.values(stack.resources(type));
    for (const role of all("aws_iam_role"))
      expect(role.permissions_boundary).toBe("arn:aws:iam::111122223333:policy/boundary");
    for (const group of all("aws_cloudwatch_log_group")) expect(group.retention_in_days).toBe(7);
    for (const lambda of all("aws_lambda_function"))
      expect(lambda).toMatchObject({ runtime: "nodejs24.x", architectures: ["arm64"] });
    for (const alarm of all("aws_cloudwatch_metric_alarm"))
      expect(alarm.alarm_actions).toEqual(["arn:aws:sns:eu-west-1:111122223333:alarms"]);
    const tagged = Object.keys(stack.counts())
      .flatMap(all)
      .filter(({ tags }) => tags !== undefined);
    expect(tagged.length).toBeGreaterThan(30);
    for (const { tags } of tagged)
      expect(tags).toMatchObject({ team: "ci", "ephemeral-runners:installation": "runners" });
  });
});

describe("mistakes", () => {
  it.each<[string, Partial<EphemeralRunnersProps>, RegExp]>([
    ["no fleet", { fleets: [] }, /^fleets is empty/],
    [
      "two fleets with the same labels",
      { fleets: [linux, { name: "twin", labels: ["X64", "linux", "self-hosted"] }] },
      /^fleets\[1\] has the same labels as fleets\[0\]/,
    ],
    ["a label with a comma", { fleets: [{ name: "a", labels: ["linux,x64"] }] }, /comma/],
    [
      "the App's webhook with a token",
      { github: withToken, webhook: "app" },
      /^webhook "app" is the webhook of a GitHub App/,
    ],
    [
      "a repository's webhook at an organization",
      { webhook: "repository" },
      /^webhook "repository" does not fit/,
    ],
    ["the default group", { runnerGroup: RunnerGroup.fromId("1") }, /default group/],
    [
      "a group at a repository",
      { github: atRepository, runnerGroup: RunnerGroup.fromId("3") },
      /leave runnerGroup out/,
    ],
    [
      "a group without a name in token mode",
      { github: withToken, runnerGroup: RunnerGroup.fromId("3") },
      /give RunnerGroup\.fromId the name/,
    ],
    ["a prefix AWS refuses", { prefix: "Runners" }, /^prefix must be 1 to 20 characters/],
    ["a prefix that is a sentence", { prefix: "Acme CI" }, /^prefix must be 1 to 20 characters/],
    ["a tag of AWS's own", { tags: { "AWS:team": "ci" } }, /^tags\["AWS:team"\] begins with "aws:"/],
    [
      "a tag that this package sets",
      { tags: { "ephemeral-runners:installation": "x" } },
      /^tags\["ephemeral-runners:installation"\] is set by this package, to the prefix: leave it out\.$/,
    ],
    ["a character that tags cannot have", { tags: { team: "a|b" } }, /^tags\["team"\]: AWS takes letters/],
    ["a tag without a name", { tags: { "": "a" } }, /^tags\[""\]: AWS takes names of 1 to 128 characters/],
    [
      "a long tag",
      { tags: { team: "x".repeat(257) } },
      /^tags\["team"\] has 257 characters, and AWS takes 256/,
    ],
    [
      "a runtime that is too old",
      { runtime: "nodejs20.x" },
      /^runtime must be a Node\.js runtime of Lambda, nodejs22\.x or newer, and is "nodejs20\.x"\.$/,
    ],
    [
      "a connection with a mistake",
      { github: GithubConnection.app({ ...app, appId: "x" }) },
      /^github\.appId/,
    ],
    [
      "a repository's webhook, in good English",
      { webhook: "repository" },
      /at the level of an organization: leave webhook out/,
    ],
    [
      "a backlog that the webhook would leave alone",
      { repositories: ["widget"], backlogRepositories: ["widget", "gadget"] },
      /^backlogRepositories\[1\] is "acme\/gadget", and repositories does not name it/,
    ],
    ["a sweep that comes too late", { sweepMinutes: 10 }, /^sweepMinutes must be a whole number from 1 to 5/],
    [
      "an idle limit above the backstop",
      { fleets: [{ ...linux, idleBackstopMinutes: 6 }], idleLimitMinutes: 8 },
      /^idleLimitMinutes \(8\) must be less than fleets\[0\]\.idleBackstopMinutes \(6\)/,
    ],
    [
      "an empty list of subnets",
      { network: { existing: { vpcId: "vpc-1", subnetIds: [] } } },
      /^network\.existing\.subnetIds must name at least one/,
    ],
    [
      "a command that does not fit",
      { fleets: [{ ...linux, setupCommands: ["x".repeat(20_000)] }] },
      /^fleets\[0\]\.setupCommands make the user data \d+ bytes long/,
    ],
    [
      "a boundary that is a role",
      { permissionsBoundaryArn: "arn:aws:iam::111122223333:role/a" },
      /^permissionsBoundaryArn must be the ARN of a policy/,
    ],
    ["a key's alias", { kmsKeyArn: "alias/runners" }, /^kmsKeyArn must be the ARN of a KMS key/],
    [
      "the alias of a second key",
      { furtherKmsKeyArn: "alias/runners" },
      /^furtherKmsKeyArn must be the ARN of a KMS key/,
    ],
    [
      "one key as both",
      {
        kmsKeyArn: "arn:aws:kms:eu-west-1:111122223333:key/a",
        furtherKmsKeyArn: "arn:aws:kms:eu-west-1:111122223333:key/a",
      },
      /^furtherKmsKeyArn is the same key as kmsKeyArn: leave it out/,
    ],
    [
      "a topic's name",
      { alarmActions: ["arn:aws:sns:eu-west-1:111122223333:a", "alarms"] },
      /^alarmActions\[1\] must be an ARN/,
    ],
    [
      "a key where rotation writes",
      { github: GithubConnection.app({ ...app, privateKeyParameter: "/runners/github/app-key" }) },
      /^github\.privateKeyParameter must not stand below "\/runners\/github\/": rotation would overwrite it/,
    ],
    [
      "a token where rotation writes",
      { github: GithubConnection.token({ org: "acme", tokenParameter: "/runners/github/pat" }) },
      /^github\.tokenParameter must not stand below/,
    ],
  ])("%s is told once", (_what, more, wording) => {
    expect(told(more)).toEqual([expect.stringMatching(wording)]);
  });

  it.each<[Record<string, unknown>, string]>([
    [
      { github: undefined },
      "github is missing: it must be a connection: GithubConnection.app(...) or GithubConnection.token(...).",
    ],
    [
      { github: app },
      "github must be a connection: GithubConnection.app(...) or GithubConnection.token(...).",
    ],
    [{ fleets: undefined }, "fleets is missing: it must be a list of objects."],
    [{ fleets: [{ name: "a" }] }, "fleets[0].labels is missing: it must be a list of texts."],
    [
      { fleets: [{ ...linux, setupCommands: "ls" }] },
      'fleets[0].setupCommands must be a list of texts, and is "ls".',
    ],
    [
      { network: { existing: { subnetIds: "subnet-1" } } },
      'network.existing.subnetIds must be a list of texts, and is "subnet-1".',
    ],
    [{ repositories: "widget" }, 'repositories must be a list of texts, and is "widget".'],
    [
      { runnerGroup: { default: true } },
      "runnerGroup must be a RunnerGroup, RunnerGroup.fromId(...) or RunnerGroup.defaultGroup(...).",
    ],
    [{ prefix: 5 }, "prefix must be a text, and is 5. Put quotes around it."],
    [
      { webhook: "enterprise" },
      'webhook must be one of organization, repository, app, manual, and is "enterprise".',
    ],
  ])("in JavaScript, %j is refused before anything is built", (more, message) => {
    const act = (): unknown => told(more);

    expect(act).toThrow(ConfigurationError);
    expect(act).toThrow(`[test/Runners] ${message}`);
  });

  it("a label with a space is taken, with a warning: most who write one meant two", () => {
    const warnings = (labels: string[]): unknown[] => {
      const all: unknown[] = [];
      synthesize((scope) => {
        const { node } = create(scope, { fleets: [{ name: "a", labels }] });
        all.push(...node.metadata.map(({ data }) => data as unknown));
      });
      return all;
    };

    expect(warnings(["self-hosted", "linux x64"])).toEqual([
      expect.stringMatching(/^fleets\[0\]\.labels\[1\] is "linux x64", one label with a space in it/),
    ]);
    expect(warnings(["self-hosted", "linux"])).toEqual([]);
  });

  it("takes references for ARNs", () => {
    const arn = Token.asString("${aws_x.y.arn}");

    const second = Token.asString("${aws_x.z.arn}");
    expect(
      told({ permissionsBoundaryArn: arn, kmsKeyArn: arn, furtherKmsKeyArn: second, alarmActions: [arn] }),
    ).toEqual([]);
    expect(told({ alarmActions: Token.asList("${aws_x.y.arns}") })).toEqual([]);
  });

  it("two installations with one prefix are told, naming the other", () => {
    const all = mistakes((scope) => {
      create(scope, {}, "First");
      create(scope, { prefix: "first" }, "Second");
    });

    expect(all).toEqual([expect.stringMatching(/^prefix is "first", and so is that of .*First: give one/)]);
  });
});
