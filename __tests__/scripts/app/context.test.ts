import { checkContext } from "../../../scripts/app/context";
import { messageOf } from "../../../scripts/app/read-context";
import { least, RIGHT, WRONG } from "./contexts";

const linesOf = (context: Readonly<Record<string, unknown>>): string[] => {
  try {
    checkContext(context);
    return [];
  } catch (error) {
    return (error as Error).message.split("\n");
  }
};

const tell = (context: Readonly<Record<string, unknown>>): string[] =>
  linesOf(context).map((line) => line.replace(/^cdktf\.json: /, ""));

describe("the context of cdktf.json", () => {
  it("takes the least there is, as one stack", () => {
    expect(checkContext({ runners: least })).toEqual([{ name: "ephemeral-runners", runners: least }]);
  });

  it.each(RIGHT)("takes %s", (_what, runners) => {
    expect(linesOf({ region: "us-gov-west-1", account: "123456789012", runners })).toEqual([]);
  });

  it.each(WRONG)("refuses %j in one line", (runners, wording) => {
    const lines = linesOf({ runners });

    expect(lines.map((line) => line.replace(/^cdktf\.json: /, ""))).toEqual([expect.stringMatching(wording)]);
    expect(lines[0]).toMatch(/^cdktf\.json: /);
  });

  it("never shows what stands in place of a parameter's name", () => {
    const privateKeyParameter = ["-----BEGIN RSA PRIVATE KEY-----", "MIIE"];

    expect(tell({ runners: { ...least, github: { ...least.github, privateKeyParameter } } })).toEqual([
      "runners.github.privateKeyParameter must be the name of an SSM parameter.",
    ]);
  });

  it.each(["Frankfurt", "eu-central-1a", "", 1, null])("refuses the region %j", (region) => {
    expect(tell({ region, runners: least })).toEqual([
      `region must be an AWS region such as "eu-central-1", and is ${JSON.stringify(region)}.`,
    ]);
  });

  it("refuses an account that is a number, since leading zeros would be lost", () => {
    expect(tell({ account: 123456789012, runners: least })).toEqual([
      'account must be the 12 digits of an AWS account, as a text: "123456789012", and is 123456789012.',
    ]);
  });

  it("refuses a key that it does not know, and leaves CDKTF its own", () => {
    expect(tell({ regoin: "eu-west-1", cdktfRelativeModules: [], runners: least })).toEqual([
      "regoin is unknown: did you mean region?",
    ]);
    expect(tell({ fleets: least.fleets, runners: least })).toEqual([
      "fleets is unknown: did you mean runners.fleets?",
    ]);
    expect(tell({ context: {}, runners: least })).toEqual([
      "context is unknown. Known are: region, account, backend, keepGithubProvider, runners, stacks.",
    ]);
  });

  it.each([
    [{ kmsKeyArn: "arn:aws:kms:eu-west-1:123456789012:key/a" }, "runners.kmsKeyArn"],
    [{ furtherKmsKeyArn: "arn:aws:kms:eu-west-1:123456789012:key/a" }, "runners.furtherKmsKeyArn"],
    [{ alarmActions: ["arn:aws:sns:eu-west-1:123456789012:alarms"] }, "runners.alarmActions[0]"],
    [
      { network: { availabilityZones: ["us-east-1a", "eu-west-1a"] } },
      "runners.network.availabilityZones[1]",
    ],
    [
      { github: { ...least.github, credentialKmsKeyArn: "arn:aws:kms:eu-west-1:123456789012:key/a" } },
      "runners.github.credentialKmsKeyArn",
    ],
  ])("refuses %j in another region", (more, path) => {
    const runners = { ...least, ...more };

    expect(tell({ runners })).toEqual([
      `${path} is in eu-west-1, and the stack in "us-east-1": both must be one region.`,
    ]);
    if (path !== "runners.network.availabilityZones[1]")
      expect(tell({ region: "eu-west-1", runners })).toEqual([]);
  });

  it("tells all mistakes, one a line", () => {
    expect(
      linesOf({ region: "x", runners: { ...least, fleets: [{ name: 1 }], network: { zone: 1 } } }),
    ).toHaveLength(4);
  });
});

describe("several stacks", () => {
  const stacks = {
    dev: { runners: { prefix: "dev" } },
    prod: {
      region: "eu-west-1",
      runners: { fleets: [{ name: "big", labels: ["big"] }], github: { org: "prod" } },
    },
  };

  it("are what they share, and what each of them changes", () => {
    expect(checkContext({ region: "us-east-2", runners: least, stacks })).toEqual([
      { name: "dev", region: "us-east-2", runners: { ...least, prefix: "dev" } },
      {
        name: "prod",
        region: "eu-west-1",
        runners: { github: { ...least.github, org: "prod" }, fleets: [{ name: "big", labels: ["big"] }] },
      },
    ]);
  });

  it("take away with null what only the others want", () => {
    const github = { appId: null, privateKeyParameter: null, tokenParameter: "/acme/token" };

    expect(checkContext({ runners: least, stacks: { token: { runners: { github } } } })).toEqual([
      { name: "token", runners: { ...least, github: { org: "acme", tokenParameter: "/acme/token" } } },
    ]);
  });

  it.each<[object, string[]]>([
    [{ dev: {}, prod: { region: "x" } }, [expect.stringMatching(/^stacks\.prod: region must be/) as string]],
    [
      { dev: { stacks: {} } },
      ["stacks.dev: stacks is unknown. Known are: region, account, backend, keepGithubProvider, runners."],
    ],
    [{ dev: "x" }, ['stacks.dev must be an object, and is "x".']],
    [[], ["stacks must be an object, and is []."]],
    [{}, ["stacks is empty: name at least one, or leave it out."]],
    [
      { "a b": {} },
      [
        'A name in stacks must be letters, digits and "-", beginning with a letter, such as "runners-prod", and is "a b".',
      ],
    ],
  ])("are refused as %j", (wrong, lines) => {
    expect(tell({ runners: least, stacks: wrong })).toEqual(lines);
  });

  it("must not share a state", () => {
    const backend = { type: "s3", bucket: "b", key: "runners" };
    const shared = [
      "stacks.prod has the backend of stacks.dev, and each would undo the other: give it a key or path of its own.",
    ];

    const two = (prod: object): object => ({ dev: {}, prod: { runners: { prefix: "prod" }, ...prod } });

    expect(tell({ backend, runners: least, stacks: two({}) })).toEqual(shared);
    expect(tell({ backend: { type: "local", path: "p" }, runners: least, stacks: two({}) })).toEqual(shared);
    expect(tell({ backend, runners: least, stacks: two({ backend: { key: "prod" } }) })).toEqual([]);
    expect(tell({ runners: least, stacks: two({ backend: { type: "local" } }) })).toEqual([]);
  });

  it("must not share a prefix in one organization, or in one account", () => {
    const shared = [
      'stacks.prod has the prefix of stacks.dev, "runners", and their names would meet: give it a runners.prefix of its own.',
    ];
    const other = { github: { org: "other" } };

    expect(tell({ runners: least, stacks: { dev: {}, prod: { region: "eu-west-1" } } })).toEqual(shared);
    expect(tell({ runners: least, stacks: { dev: {}, prod: { runners: { prefix: "runners" } } } })).toEqual(
      shared,
    );
    expect(
      tell({ account: "123456789012", runners: least, stacks: { dev: {}, prod: { runners: other } } }),
    ).toEqual(shared);
    expect(tell({ runners: least, stacks: { dev: {}, prod: { runners: other } } })).toEqual([]);
  });
});

describe("what is printed", () => {
  it("is a failed validation's mistakes alone, or else the message", () => {
    const failed = new Error(
      "Validation failed with the following errors:\n  [a/B] one.\n  [a/C] two.\n\nIf you wish to ignore these validations, pass 'skipValidation: true'.\n",
    );

    expect(messageOf(failed)).toBe("[a/B] one.\n[a/C] two.");
    expect(messageOf(new Error("another"))).toBe("another");
    expect(messageOf("text")).toBe("text");
  });
});
