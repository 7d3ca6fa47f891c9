import { Token } from "cdktf";
import { GithubConnection } from "../../constructs/github-connection";
import { RunnerLauncher } from "../../constructs/runner-launcher";
import runner from "../../constructs/runner-version.json";
import { Sweeper } from "../../constructs/sweeper";
import {
  mistakes,
  principalOf,
  statements,
  synthesize,
  type Attributes,
  type Statement,
} from "../support/synth";
import type { RunnerLauncherProps } from "../../constructs/runner-launcher";
import type { SweeperProps } from "../../constructs/sweeper";
import type { Construct } from "constructs";

const app = { org: "acme", appId: "123", privateKeyParameter: "/acme/key" };
const widget = GithubConnection.app({ ...app, org: undefined, repository: "acme/widget" });
const withToken = GithubConnection.token({
  org: "acme",
  tokenParameter: "/acme/pat",
  credentialKmsKeyArn: "arn:aws:kms:eu-west-1:111122223333:key/pat",
});

interface Given {
  readonly launcher?: Partial<RunnerLauncherProps>;
  readonly sweeper?: Partial<SweeperProps>;
}

const create = (scope: Construct, given: Given): Sweeper => {
  const launcher = new RunnerLauncher(scope, "L", {
    prefix: "acme",
    fleets: [
      { name: "linux", labels: ["linux"] },
      { name: "arm", labels: ["arm"], architecture: "arm64", labelMatch: "subset" },
    ],
    network: { subnetIds: ["subnet-1"], securityGroupIds: ["sg-1"] },
    queue: { arn: "arn:queue", url: "https://sqs/queue" },
    github: GithubConnection.app(app),
    rotateFunction: { arn: "arn:rotate", functionName: "rotate" },
    runnerGroup: { id: "7", name: "ephemeral" },
    ...given.launcher,
  });
  return new Sweeper(scope, "S", { prefix: "acme", launcher, ...given.sweeper });
};

const build = (given: Given = {}) => synthesize((stack) => create(stack, given));
const told = (sweeper: Partial<SweeperProps>, launcher: Partial<RunnerLauncherProps> = {}): string[] =>
  mistakes((stack) => create(stack, { sweeper, launcher }));

type Function = Attributes & { environment: { variables: Record<string, string> } };

const functions = (synthesized: ReturnType<typeof build>): Record<string, Function> =>
  Object.fromEntries(
    Object.values(synthesized.resources("aws_lambda_function")).map((one) => [
      String(one.function_name),
      one as Function,
    ]),
  );

const settings = (name: "launch" | "sweep", given: Given = {}): Attributes =>
  JSON.parse(functions(build(given))[`acme-${name}`]?.environment.variables.SETTINGS ?? "") as Attributes;

const policy = (name: "launch" | "sweep", given: Given = {}): Record<string, Statement> => {
  const policies = Object.values(build(given).resources("aws_iam_role_policy"));
  return statements(policies.find((one) => one.name === `acme-${name}`)?.policy);
};

const parametersOf = ({ Resource }: Statement): string[] =>
  Resource.map((arn) => arn.replace(/^.*:parameter/, ""));

describe("Sweeper", () => {
  it("runs every 2 minutes, and never beside itself", () => {
    const synthesized = build();

    expect(synthesized.resource("aws_cloudwatch_event_rule")).toMatchObject({
      name: "acme-sweep",
      schedule_expression: "rate(2 minutes)",
    });
    expect(functions(synthesized)["acme-sweep"]?.timeout).toBeLessThan(60);
  });

  it.each([
    [1, "rate(1 minute)"],
    [5, "rate(5 minutes)"],
  ])("runs every %i minutes when told to", (sweepMinutes, expression) => {
    const rule = build({ sweeper: { sweepMinutes } }).resource("aws_cloudwatch_event_rule");

    expect(rule.schedule_expression).toBe(expression);
  });

  it("is invoked by its own rule only", () => {
    const synthesized = build();

    expect(synthesized.resource("aws_cloudwatch_event_target")).toMatchObject({
      rule: expect.stringMatching(/^\$\{aws_cloudwatch_event_rule\.S_Rule_\w+\.name\}$/) as string,
      arn: expect.stringMatching(/^\$\{aws_lambda_function\.S_Sweep_Function_\w+\.arn\}$/) as string,
    });
    expect(synthesized.resource("aws_lambda_permission")).toMatchObject({
      action: "lambda:InvokeFunction",
      principal: principalOf("events"),
      source_arn: expect.stringMatching(/^\$\{aws_cloudwatch_event_rule\.S_Rule_\w+\.arn\}$/) as string,
    });
  });

  it("knows what the launch function knows, and its own limits", () => {
    expect(settings("sweep")).toEqual({
      ...settings("launch"),
      sweepSeconds: 120,
      runnerVersions: {
        pinned: [],
        packaged: { version: runner.version, releasedAt: runner.releasedAt },
      },
      idleLimitSeconds: 300,
      checkAfterSeconds: 180,
      rerunInterrupted: true,
      onDemandAfterInterruptions: true,
      redeliver: false,
    });
  });

  it("starts afresh when a fleet's parameter changes", () => {
    const { "acme-launch": launch, "acme-sweep": sweep } = functions(build());

    expect(sweep?.environment.variables.FLEETS_REVISION).toBe(launch?.environment.variables.FLEETS_REVISION);
  });

  it("is told the limits that the user sets", () => {
    const sweeper = {
      idleLimitMinutes: 10,
      checkAfterMinutes: 1,
      rerunInterruptedJobs: false,
      onDemandAfterInterruptions: false,
      redeliver: true,
    };

    expect(settings("sweep", { sweeper })).toMatchObject({
      idleLimitSeconds: 600,
      checkAfterSeconds: 60,
      rerunInterrupted: false,
      onDemandAfterInterruptions: false,
      redeliver: true,
    });
  });

  it("looks up queued jobs of the repositories that it is given, by the labels of the fleets", () => {
    const sweeper = { backlogRepositories: ["widget", "acme/gadget"] };

    expect(settings("sweep", { sweeper }).backlog).toEqual({
      repositories: ["acme/widget", "acme/gadget"],
      routes: [
        { fleet: "linux", labels: ["linux"], match: "exact" },
        { fleet: "arm", labels: ["arm"], match: "subset" },
      ],
    });
  });

  it.each([
    [
      "an App in token mode",
      GithubConnection.app({ ...app, registration: "token" }),
      "123",
      "/acme/github/installation-token",
    ],
    ["a personal access token", withToken, "personal", "/acme/pat"],
  ])("calls GitHub with a token of its own, with %s", (_what, github, name, parameter) => {
    const given = { launcher: { github } };

    expect(settings("sweep", given)).toMatchObject({
      registration: "token",
      githubTokens: [{ name, parameter }],
      registrationTokenParameter: "/acme/github/registration-token",
    });
    expect(settings("launch", given).githubTokens).toEqual([]);
  });
});

describe("Alarms of the sweep", () => {
  const alarms = (given: Given = {}): Record<string, Attributes> =>
    Object.fromEntries(
      Object.values(build(given).resources("aws_cloudwatch_metric_alarm")).map((one) => [
        String(one.alarm_name),
        one,
      ]),
    );
  const own = { runnerVersion: "2.400.0", runnerSha256: "0".repeat(64) };

  it("count the hours of machines over a day, and ring above half a day of every fleet's cap", () => {
    const fleets = [
      { name: "linux", labels: ["linux"], maximumMachines: 5 },
      { name: "arm", labels: ["arm"] },
    ];

    expect(alarms({ launcher: { fleets } })["acme-machine-hours"]).toMatchObject({
      namespace: "EphemeralRunners",
      metric_name: "MachineHours",
      dimensions: { installation: "acme" },
      statistic: "Sum",
      period: 24 * 60 * 60,
      comparison_operator: "GreaterThanThreshold",
      threshold: 12 * (5 + 20),
    });
  });

  it("ring above the hours that the user sets, and name them", () => {
    const alarm = alarms({ sweeper: { maximumMachineHoursPerDay: 30 } })["acme-machine-hours"];

    expect(alarm).toMatchObject({
      threshold: 30,
      alarm_description: expect.stringContaining("more than 30 hours") as string,
    });
  });

  it("watch how long GitHub accepts the runner's versions, and ring with days to spare", () => {
    const alarm = alarms()["acme-runner-age"];

    expect(alarm).toMatchObject({
      namespace: "EphemeralRunners",
      metric_name: "RunnerVersionDaysLeft",
      dimensions: { installation: "acme" },
      statistic: "Minimum",
      comparison_operator: "LessThanThreshold",
      // GitHub names no day for the newest version, and then there is no value.
      treat_missing_data: "notBreaching",
    });
    expect(alarm?.threshold).toBeGreaterThan(7);
    expect(alarm?.threshold).toBeLessThan(30);
    // GitHub is asked twice a day.
    expect(alarm?.period).toBeGreaterThan(12 * 60 * 60);
  });

  it("watch the versions that fleets name as well, each once", () => {
    const fleet = (name: string, more: object = {}) => ({ name, labels: [name], ...more });
    const versions = (...fleets: ReturnType<typeof fleet>[]): unknown =>
      settings("sweep", { launcher: { fleets } }).runnerVersions;
    const packaged = { version: runner.version, releasedAt: runner.releasedAt };

    expect(versions(fleet("a", own), fleet("b"))).toEqual({ pinned: ["2.400.0"], packaged });
    expect(versions(fleet("a", own), fleet("b", own))).toEqual({ pinned: ["2.400.0"] });
    expect(versions(fleet("a", { runnerVersion: runner.version }))).toEqual({
      pinned: [runner.version],
      packaged,
    });
    expect(versions(fleet("a", { runnerUrl: "https://mirror.example.com/x" }))).toEqual({
      pinned: [runner.version],
      packaged,
    });
    expect(alarms({ launcher: { fleets: [fleet("a", own)] } })).toHaveProperty("acme-runner-age");
  });
});

describe("Role of the sweep function", () => {
  it("may do what the launch function may, less reading the queue, destroy registrations and read machines' logs", () => {
    const { ReadQueue, WriteLogs, ...launch } = policy("launch");
    const { ReadMachineLogs, ...sweep } = policy("sweep");

    expect([ReadQueue, WriteLogs]).not.toContain(undefined);
    expect(sweep).toEqual({
      ...launch,
      WriteLogs: expect.anything() as object,
      HandOver: { ...launch.HandOver, Action: ["dynamodb:PutItem", "dynamodb:DeleteItem"] },
    });
    expect(sweep.HandOver?.Resource).toEqual([
      expect.stringMatching(/^\$\{aws_dynamodb_table\.L_Tables_Handoff_\w+\.arn\}$/),
    ]);
    expect(ReadMachineLogs).toMatchObject({
      Action: ["logs:GetLogEvents"],
      Resource: [expect.stringMatching(/:log-group:\/ephemeral-runners\/acme\/\*:log-stream:i-\*$/)],
    });
  });

  it("reads the personal access token, which the launch function must not", () => {
    const given = { launcher: { github: withToken } };

    const { ReadTokensAndFleets: sweep } = policy("sweep", given);
    const { ReadTokensAndFleets: launch } = policy("launch", given);

    const both = ["/acme/github/runner-version", "/acme/fleets/*"];
    expect(parametersOf(sweep!)).toEqual(["/acme/github/registration-token", "/acme/pat", ...both]);
    expect(parametersOf(launch!)).toEqual(["/acme/github/registration-token", ...both]);
  });

  it("decrypts the personal access token with the key that the user encrypted it with", () => {
    const given = { launcher: { github: withToken } };

    const { DecryptCredential } = policy("sweep", given);

    expect(DecryptCredential).toMatchObject({
      Action: ["kms:Decrypt"],
      Resource: ["arn:aws:kms:eu-west-1:111122223333:key/pat"],
    });
    expect(DecryptCredential?.Condition?.StringEquals).toEqual({
      "kms:EncryptionContext:PARAMETER_ARN": [expect.stringMatching(/:parameter\/acme\/pat$/)],
    });
    expect(policy("launch", given)).not.toHaveProperty("DecryptCredential");
  });

  it("has nothing to do with the key of an App's private key", () => {
    const github = GithubConnection.app({
      ...app,
      credentialKmsKeyArn: "arn:aws:kms:eu-west-1:111122223333:key/app",
    });

    expect(JSON.stringify(policy("sweep", { launcher: { github } }))).not.toContain("key/app");
  });
});

describe("mistakes of a sweeper", () => {
  it.each<[Partial<SweeperProps>, string]>([
    [{ sweepMinutes: 6 }, "sweepMinutes must be a whole number from 1 to 5 minutes, and is 6."],
    [{ idleLimitMinutes: 0 }, "idleLimitMinutes must be a whole number from 1 to 60 minutes, and is 0."],
    [
      { checkAfterMinutes: 0.5 },
      "checkAfterMinutes must be a whole number from 1 to 60 minutes, and is 0.5.",
    ],
    [
      { maximumMachineHoursPerDay: 0 },
      "maximumMachineHoursPerDay must be a whole number from 1 to 1000000 hours, and is 0.",
    ],
    [{ backlogRepositories: [] }, "backlogRepositories must name at least one, and is empty."],
    [
      { backlogRepositories: ["widget", "a b"] },
      'backlogRepositories[1] must be a repository such as "widget" or "acme/widget", and is "a b".',
    ],
    [
      { backlogRepositories: ["other/widget"] },
      'backlogRepositories[0] is "other/widget", and github serves acme/*: leave it out.',
    ],
  ])("refuses %j", (props, message) => {
    expect(told(props)).toEqual([message]);
  });

  it("asks for the machine-hours that it cannot derive", () => {
    const fleets = [{ name: "linux", labels: ["linux"], maximumMachines: Token.asNumber("${var.cap}") }];

    expect(told({}, { fleets })).toContainEqual(
      expect.stringMatching(/^maximumMachineHoursPerDay must be given where the maximumMachines of a fleet/),
    );
    expect(told({ maximumMachineHoursPerDay: 100 }, { fleets }).join()).not.toContain("MachineHours");
  });

  it("refuses an idle limit that a machine would not live to see", () => {
    const fleets = [{ name: "linux", labels: ["linux"], idleBackstopMinutes: 10 }];

    expect(told({ idleLimitMinutes: 10 }, { fleets })).toEqual([
      expect.stringMatching(
        /^idleLimitMinutes \(10\) must be less than fleets\[0\]\.idleBackstopMinutes \(10\): .* Lower the one, or raise the other\.$/,
      ),
    ]);
    expect(told({ idleLimitMinutes: 9 }, { fleets })).toEqual([]);
  });

  it("refuses an idle limit of the default backstop's length", () => {
    expect(told({ idleLimitMinutes: 14 })).toEqual([]);
    expect(told({ idleLimitMinutes: 15 })).toHaveLength(2);
  });

  it("takes no other repository than the connection's own, in whatever case", () => {
    const github = widget;

    expect(told({ backlogRepositories: ["Widget", "Acme/widget"] }, { github })).toEqual([]);
    expect(told({ backlogRepositories: ["gadget"] }, { github })).toEqual([
      'backlogRepositories[0] is "gadget", and github serves acme/widget: leave it out.',
    ]);
  });
});
