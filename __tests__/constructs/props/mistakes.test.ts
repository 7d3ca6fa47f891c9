import { Construct } from "constructs";
import { Fn, TerraformStack, Testing, Token } from "cdktf";
import * as library from "../../../constructs";
import {
  ConfigurationError,
  GithubConnection,
  RunnerGroup,
  runnerPolicy,
  runnerUserData,
} from "../../../constructs";
import { mistakes, synthesize } from "../../support/synth";
import { app, CASES, CONSTRUCTS, fleet, launcherProps, prefix, queue, table } from "./constructs";
import type { ConstructName } from "./constructs";

const stackOf = (): TerraformStack => new TerraformStack(Testing.app(), "test");

/** What a construct answers to its least props with these laid over them; null takes one away. */
const answer = (name: ConstructName, changes: Readonly<Record<string, unknown>>): string => {
  const stack = stackOf();
  const { Class, least } = CONSTRUCTS[name] as unknown as (typeof CASES)[number][1];
  const props = Object.fromEntries(
    Object.entries({ ...least(stack), ...changes }).filter(([, value]) => value !== null),
  );
  try {
    new Class(stack, "It", props);
    return "";
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return error.message.replaceAll("[test/It] ", "");
  }
};

describe("the constructs of the package", () => {
  it("are all in the list; else add the new one to ./constructs", () => {
    const isConstruct = (value: unknown): boolean =>
      typeof value === "function" && value.prototype instanceof Construct;
    const exported = Object.entries(library as Readonly<Record<string, unknown>>).filter(([, value]) =>
      isConstruct(value),
    );

    expect(Object.keys(CONSTRUCTS).sort()).toEqual(
      exported
        .map(([name]) => name)
        .filter((name) => name !== "AwsEnvironment")
        .sort(),
    );
  });

  it.each(CASES)("%s takes the least, and values that are undefined", (_name, { Class, least, table }) => {
    const undefinedOnes = Object.fromEntries(Object.keys(table.keys).map((key) => [key, undefined]));

    expect(
      mistakes(
        (stack) => void new Class(stack, "It", { ...undefinedOnes, another: undefined, ...least(stack) }),
      ),
    ).toEqual([]);
  });

  it.each(CASES)("%s without props says which it needs", (name, { Class, table }) => {
    const needed = table.required ?? [];

    for (const props of [undefined, null, "props", []])
      expect(() => new Class(stackOf(), "It", props)).toThrow(
        new RegExp(`^\\[test/It\\] The props are missing: give ${needed.join("(?:, | and )")}\\.$`),
      );
    expect(() => new Class(stackOf(), "It", {})).toThrow(ConfigurationError);
    for (const key of needed) expect(answer(name, { [key]: null })).toMatch(`${key} is missing: it must be `);
  });

  it.each(CASES)("%s refuses a prop that it does not know, and says what was meant", (name, { table }) => {
    expect(answer(name, { nothingLikeIt: 1 })).toMatch(/^nothingLikeIt is unknown\. Known are: /);
    for (const key of Object.keys(table.keys))
      expect(answer(name, { [`${key}x`]: 1 })).toBe(`${key}x is unknown: did you mean ${key}?`);
  });

  it.each(CASES)("%s refuses a value of no kind that a prop has, and names the prop", (name, { table }) => {
    const wrong = Symbol("of no kind") as unknown;

    for (const key of Object.keys(table.keys))
      expect(answer(name, { [key]: wrong })).toMatch(new RegExp(`^${key} (?:must|names)\\b`, "m"));
  });
});

describe("a mistake in props", () => {
  it.each<[ConstructName, Record<string, unknown>, string]>([
    ["EphemeralRunners", { maxRunners: 5 }, "maxRunners is unknown: did you mean fleets[0].maximumMachines?"],
    [
      "EphemeralRunners",
      { maxMachines: 5 },
      "maxMachines is unknown: did you mean fleets[0].maximumMachines?",
    ],
    [
      "EphemeralRunners",
      { fleets: [{ ...fleet, maxRunners: 5 }] },
      "fleets[0].maxRunners is unknown: did you mean fleets[0].maximumMachines?",
    ],
    [
      "EphemeralRunners",
      { fleets: [{ ...fleet, runners_maximum_count: 5 }] },
      "fleets[0].runners_maximum_count is unknown: did you mean fleets[0].maximumMachines?",
    ],
    [
      "EphemeralRunners",
      { fleets: [{ ...fleet, ami: "ami-1" }] },
      "fleets[0].ami is unknown: did you mean fleets[0].imageId?",
    ],
    [
      "EphemeralRunners",
      { fleets: [{ ...fleet, diskSizeGb: 50 }] },
      "fleets[0].diskSizeGb is unknown: did you mean fleets[0].rootVolumeGb?",
    ],
    [
      "EphemeralRunners",
      { network: { vpcId: "vpc-1" } },
      "network.vpcId is unknown: did you mean network.existing.vpcId?",
    ],
    [
      "EphemeralRunners",
      { network: { subnets: ["subnet-1"] } },
      "network.subnets is unknown: did you mean network.existing.subnetIds?",
    ],
    [
      "EphemeralRunners",
      { subnetIds: ["s"] },
      "subnetIds is unknown: did you mean network.existing.subnetIds?",
    ],
    [
      "EphemeralRunners",
      { fleets: [{ ...fleet, architecture: "amd64" }] },
      'fleets[0].architecture must be one of x64, arm64, and is "amd64": did you mean "x64"?',
    ],
    [
      "EphemeralRunners",
      { fleets: [{ ...fleet, architecture: "aarch64" }] },
      'fleets[0].architecture must be one of x64, arm64, and is "aarch64": did you mean "arm64"?',
    ],
    [
      "EphemeralRunners",
      { fleets: [{ ...fleet, markets: ["ondemand"] }] },
      'fleets[0].markets[0] must be one of spot, on-demand, and is "ondemand": did you mean "on-demand"?',
    ],
    ["JobQueue", { prefix: null }, "prefix is missing: it must be a text."],
    ["JobQueue", { maxReceives: 7 }, "maxReceives is unknown: did you mean maximumReceives?"],
    ["WebhookApi", { routes: null }, "routes is missing: it must be a list of objects."],
    [
      "WebhookApi",
      { routes: [{ fleet: "linux", labels: ["linux"] }] },
      "routes[0].match is missing: it must be one of exact, subset.",
    ],
    [
      "WebhookApi",
      { queue: null },
      "queue is missing: it must be the queue of a JobQueue, or { arn, url } of one of your own.",
    ],
    [
      "WebhookApi",
      { queue: { arn: "arn:a" } },
      "queue must be the queue of a JobQueue, or { arn, url } of one of your own, and has no url.",
    ],
    ["WebhookApi", { queue: { arn: "arn:a", uri: "b" } }, "queue.uri is unknown: did you mean queue.url?"],
    [
      "WebhookApi",
      { queue: { ...queue, url: 5 } },
      "queue.url must be a text, and is 5. Put quotes around it.",
    ],
    [
      "RunnerLauncher",
      { network: null },
      "network is missing: it must be a RunnerNetwork, or { subnetIds, securityGroupIds } of your own.",
    ],
    [
      "RunnerLauncher",
      { network: { subnetIds: "subnet-1", securityGroupIds: [] } },
      'network.subnetIds must be a list of texts, and is "subnet-1".',
    ],
    [
      "TokenRotation",
      { github: null },
      "github is missing: it must be a connection: GithubConnection.app(...) or GithubConnection.token(...).",
    ],
    [
      "TokenRotation",
      { github: app },
      "github must be a connection: GithubConnection.app(...) or GithubConnection.token(...).",
    ],
    [
      "TokenRotation",
      { webhook: { kind: "org", url: "https://a" } },
      'webhook.kind must be one of organization, repository, app, and is "org": did you mean "organization"?',
    ],
    ["Sweeper", { launcher: null }, "launcher is missing: it must be a RunnerLauncher."],
    ["Sweeper", { launcher: launcherProps }, "launcher must be a RunnerLauncher."],
    ["SpotInterruption", { launcher: "launcher" }, 'launcher must be a RunnerLauncher, and is "launcher".'],
    [
      "RunnerLaunchTemplate",
      { architecture: "x86_64" },
      'architecture must be one of x64, arm64, and is "x86_64": did you mean "x64"?',
    ],
    ["RunnerNetwork", { vpcId: "vpc-1" }, "vpcId is unknown: did you mean existing.vpcId?"],
    ["RunnerGroup", { repositoryIds: ["7"] }, 'repositoryIds must be a list of numbers, and is ["7"].'],
    ["BundledFunction", { bundle: "sweeper" }, /^bundle must be one of .*: did you mean "sweep"\?$/ as never],
  ])("of %s, %j, is told in the words of cdktf.json's", (name, changes, message) => {
    expect(answer(name, changes)).toEqual(
      typeof message === "string" ? message : expect.stringMatching(message as RegExp),
    );
  });

  it("is told of a part that stands for what is in it", () => {
    const stack = stackOf();
    const jobs = new library.JobQueue(stack, "Jobs", { prefix });
    const tables = new library.RunnerTables(stack, "Tables", { prefix });
    const rotation = CONSTRUCTS.TokenRotation.least(stack);

    expect(answer("WebhookApi", { queue: jobs })).toMatch(
      /^queue must be the queue of .*: did you mean its queue\?$/,
    );
    expect(answer("RunnerLaunchTemplate", { handoffTable: tables })).toMatch(/: did you mean its handoff\?$/);
    expect(
      answer("RunnerLauncher", {
        rotateFunction: new library.TokenRotation(stack, "Rotation", rotation).function,
      }),
    ).toMatch(/: did you mean its function\?$/);
  });

  it("is told of the functions for a launch template of one's own", () => {
    const policy = { handoffTable: table, logGroupArn: "arn:a" };
    const data = { roleId: "AROA1", handoffTable: "h", logGroup: "l", architecture: "x64" as const };

    expect(() => runnerPolicy(undefined as never)).toThrow(
      "The props are missing: give handoffTable and logGroupArn.",
    );
    expect(() => runnerPolicy({ ...policy, kmsKey: "a" } as never)).toThrow(
      "kmsKey is unknown: did you mean kmsKeyArn?",
    );
    expect(() => runnerUserData({ ...data, architecture: "amd64" } as never)).toThrow(
      'architecture must be one of x64, arm64, and is "amd64": did you mean "x64"?',
    );
    expect(() => runnerUserData({ ...data, setup: [] } as never)).toThrow(
      "setup is unknown: did you mean setupCommands?",
    );
    expect(() => GithubConnection.app({ ...app, privateKey: "/a" } as never)).toThrow(
      "github.privateKey is unknown: did you mean github.privateKeyParameter?",
    );
    expect(() => GithubConnection.token({ org: "acme", token: "/a" } as never)).toThrow(
      "github.token is unknown: did you mean github.tokenParameter?",
    );
    expect(RunnerGroup.defaultGroup(undefined as never).mistakes).toEqual([
      expect.stringContaining("force it"),
    ]);
  });

  it("are told all at once", () => {
    expect(answer("EphemeralRunners", { github: null, maxRunners: 5, prefix: 5 }).split("\n")).toEqual([
      expect.stringMatching(/^maxRunners is unknown/),
      expect.stringMatching(/^github is missing/),
      expect.stringMatching(/^prefix must be a text/),
    ]);
  });
});

describe("a reference to another resource", () => {
  const text = Token.asString(Fn.upper("a"));
  const condition = Token.asAny(Fn.conditional(true, true, false));
  const plain = "must be a plain value known at synth, not a reference to another resource";
  /** As `TerraformHclModule.get` and `TerraformVariable.value` give it, for which TypeScript takes any type. */
  const output = (): unknown => Token.asAny("${module.a.b}");

  it.each<[string, Record<string, unknown>]>([
    ["fleets[0].setupCommands[0]", { fleets: [{ ...fleet, setupCommands: [`echo ${text}`] }] }],
    ["fleets[0].setupCommands", { fleets: [{ ...fleet, setupCommands: Token.asList(Fn.split(",", "a")) }] }],
    ["fleets[0].architecture", { fleets: [{ ...fleet, architecture: text }] }],
    ["fleets[0].markets", { fleets: [{ ...fleet, markets: Token.asList(Fn.split(",", "a")) }] }],
    ["fleets[0].allowSudo", { fleets: [{ ...fleet, allowSudo: condition }] }],
    ["fleets", { fleets: Fn.split(",", "a") }],
    ["publicRepositories", { publicRepositories: condition }],
    ["requireLaunchTemplate", { requireLaunchTemplate: condition }],
    ["tags", { tags: Token.asAny(Fn.merge([{}])) }],
    ["webhook", { webhook: text }],
    ["network", { network: Token.asAny(Fn.merge([{}])) }],
  ])("as %s is refused: it is read at synth", (prop, changes) => {
    expect(answer("EphemeralRunners", changes)).toContain(`${prop} ${plain}`);
  });

  it("may stand where Terraform puts the value in", () => {
    const list = Token.asList("${aws_x.y.arns}");

    expect(
      mistakes(
        (stack) =>
          void new library.EphemeralRunners(stack, "It", {
            ...CONSTRUCTS.EphemeralRunners.least(stack),
            kmsKeyArn: text,
            permissionsBoundaryArn: text,
            tags: { team: text },
            alarmActions: list,
            fleets: [{ ...fleet, imageId: text }],
            network: { existing: { vpcId: text, subnetIds: [text], securityGroupIds: [text] } },
          }),
      ),
    ).toEqual([]);
    expect(answer("RunnerGroup", { repositoryIds: [Token.asNumber("${github_repository.a.repo_id}")] })).toBe(
      "",
    );
    expect(answer("RunnerGroup", { repositoryIds: Token.asNumberList("${github_x.ids}") })).toBe("");
    expect(answer("RunnerLauncher", { queue: { arn: text, url: text } })).toBe("");
  });

  it.each<[ConstructName, string, unknown, string]>([
    ["EphemeralRunners", "repositories", output(), `repositories ${plain}`],
    ["EphemeralRunners", "repositories", text, `repositories ${plain}`],
    ["EphemeralRunners", "backlogRepositories", output(), `backlogRepositories ${plain}`],
    ["EphemeralRunners", "fleets", [{ ...fleet, labels: output() }], `fleets[0].labels ${plain}`],
    ["EphemeralRunners", "fleets", [{ ...fleet, instanceTypes: text }], `fleets[0].instanceTypes ${plain}`],
    ["MonthlyBudget", "budgetSubscribers", output(), `budgetSubscribers ${plain}`],
    ["RunnerGroup", "repositoryIds", output(), "hand it over by Token.asNumberList(...)"],
    ["JobQueue", "alarmActions", Token.asNumber("${a.b}"), "a list of texts, and is a reference to a number"],
    [
      "JobQueue",
      "kmsKeyArn",
      Token.asList("${a.b}"),
      "kmsKeyArn must be a text, and is a reference to a list.",
    ],
    ["JobQueue", "alarmActions", [Token.asList("${a.b}")], "alarmActions must be a list of texts"],
    ["RunnerNetwork", "cidrBlock", Token.asList("${a.b}"), "cidrBlock must be a text"],
  ])("of another form than %s takes as %s is told, before it is used", (name, prop, value, message) => {
    expect(answer(name, { [prop]: value })).toContain(message);
  });

  it("is told at the end of the synth where a text is read", () => {
    const told = mistakes(
      (stack) =>
        void new library.EphemeralRunners(stack, "It", {
          ...CONSTRUCTS.EphemeralRunners.least(stack),
          fleets: [{ ...fleet, imageParameter: output() as string }],
        }),
    );

    expect(told).toEqual([expect.stringContaining(`fleets[0].imageParameter ${plain}`)]);
  });

  it("may be a module's output as it is, where a list of it is handed on", () => {
    const { resource, resources } = synthesize((stack) => {
      new library.RunnerLaunchTemplate(stack, "Template", {
        ...CONSTRUCTS.RunnerLaunchTemplate.least(stack),
        securityGroupIds: output() as string[],
      });
      new library.JobQueue(stack, "Queue", { prefix, alarmActions: output() as string[] });
    });

    expect(resource("aws_launch_template")).toMatchObject({ vpc_security_group_ids: "${module.a.b}" });
    for (const alarm of Object.values(resources("aws_cloudwatch_metric_alarm")))
      expect(alarm.alarm_actions).toBe("${module.a.b}");
  });

  it("is no matter of the shell's own variables", () => {
    expect(answer("EphemeralRunners", { fleets: [{ ...fleet, setupCommands: ["echo ${HOME}"] }] })).toBe("");
  });
});

describe("props that are not written out as an object", () => {
  class OfTheTeam {
    public readonly prefix = prefix;
    public readonly owner = "team-a";
  }

  it("may have members of their own", () => {
    expect(mistakes((stack) => void new library.JobQueue(stack, "It", new OfTheTeam()))).toEqual([]);
  });

  it("may be those that all parts are handed alike", () => {
    const common = { prefix, runtime: "nodejs24.x", kmsKeyArn: "arn:aws:kms:eu-west-1:111122223333:key/a" };

    expect(
      mistakes((stack) => {
        new library.RunnerNetwork(stack, "Network", common);
        new library.JobQueue(stack, "Queue", common);
      }),
    ).toEqual([]);
  });
});

describe("a value that only looks like what is wanted", () => {
  it.each<[ConstructName, Record<string, unknown>, string]>([
    ["EphemeralRunners", { network: Promise.resolve({}) }, "network must be an object, and is a Promise."],
    ["EphemeralRunners", { network: new Map() }, "network must be an object, and is a Map."],
    ["JobQueue", { tags: new Map([["a", "b"]]) }, "tags must be an object of texts, and is a Map."],
    [
      "BundledFunction",
      { timeoutSeconds: Number(undefined) },
      "timeoutSeconds must be a number, and is NaN.",
    ],
    [
      "EphemeralRunners",
      { fleets: [{ ...fleet, markets: [undefined] }] },
      "fleets[0].markets[0] must be one of",
    ],
    ["EphemeralRunners", { fleets: new Array(2) }, "fleets[0] must be an object, and is undefined."],
    ["EphemeralRunners", { repositories: new Array(2) }, "repositories[0] must be a text, and is undefined."],
    ["JobQueue", { alarmActions: new Array(2) }, "alarmActions must be a list of texts"],
    ["EphemeralRunners", { providers: new Array(2) }, "providers must be a list of providers"],
    ["JobQueue", { maximumReceives: () => 5 }, "maximumReceives must be a number, and is a function."],
    ["JobQueue", { maximumReceives: 5n }, "maximumReceives must be a number, and is 5."],
  ])("is refused: %s, %p", (name, changes, message) => {
    expect(answer(name, changes)).toContain(message);
  });

  it("is cut where it is longer than anybody reads", () => {
    const names = Array.from({ length: 5000 }, (_, index) => `repository-${index}`);

    expect(answer("JobQueue", { tags: names })).toMatch(
      /^tags must be an object of texts, and is \["repository-0".{150,200}\.\.\. \(\d+ characters\)\.$/,
    );
  });

  it.each([null, "eu-west-1", {}, { host: "https://a" }])("as %p for the aws of runnerPolicy", (aws) => {
    const props = { handoffTable: table, logGroupArn: "arn:logs", kmsKeyArn: "arn:key", aws };

    expect(() => runnerPolicy(props as never)).toThrow("aws must be AwsEnvironment.of(this), and is ");
  });
});
