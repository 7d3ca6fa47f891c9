import { checkContext, messageOf, parseContext } from "../../scripts/context";

const github = { org: "acme", appId: "123", privateKeyParameter: "/acme/key" };
const fleet = { name: "linux", labels: ["linux"] };
const right = { github, fleets: [fleet] };

const linesOf = (runners: unknown, region?: unknown): string[] => {
  try {
    checkContext(region, runners);
    return [];
  } catch (error) {
    return (error as Error).message.split("\n");
  }
};

const withoutKeys = (given: Readonly<Record<string, unknown>>, ...keys: string[]) =>
  Object.fromEntries(Object.entries(given).filter(([key]) => !keys.includes(key)));

describe("the context of cdktf.json", () => {
  it("takes the least there is, in us-east-1", () => {
    expect(checkContext(undefined, right)).toEqual({ region: "us-east-1", runners: right });
  });

  it.each([
    ["a token", { ...right, github: { repository: "acme/widget", tokenParameter: "/acme/token" } }],
    ["a group", { ...right, runnerGroup: { id: "3", name: "builders" } }],
    ["the default group", { ...right, runnerGroup: { default: true } }],
    ["a network", { ...right, network: { existing: { subnetIds: ["s"], securityGroupIds: ["g"] } } }],
    [
      "several Apps",
      { ...right, github: { ...github, furtherApps: [{ appId: "4", privateKeyParameter: "/acme/4" }] } },
    ],
    [
      "what the sweep is told",
      {
        ...right,
        sweepMinutes: 1,
        idleLimitMinutes: 4,
        rerunInterruptedJobs: false,
        backlogRepositories: ["w"],
      },
    ],
    ["source addresses", { ...right, sourceAddresses: ["192.30.252.0/22"] }],
    ["tags", { ...right, tags: { team: "ci" }, alarmActions: [] }],
  ])("takes %s", (_what, runners) => {
    expect(linesOf(runners, "us-gov-west-1")).toEqual([]);
  });

  it.each<[unknown, RegExp]>([
    [undefined, /^runners is missing/],
    [[], /^runners must be an object, and is \[\]\.$/],
    [withoutKeys(right, "fleets"), /^runners\.fleets is missing: it must be a list of objects\.$/],
    [withoutKeys(right, "github"), /^runners\.github is missing: it must be an object\.$/],
    [{ ...right, fleet: [] }, /^runners\.fleet is unknown\. Known are: github, fleets,/],
    [{ ...right, toString: 1 }, /^runners\.toString is unknown/],
    [{ ...right, logRetentionDays: "7" }, /^runners\.logRetentionDays must be a number, and is "7"\.$/],
    [{ ...right, repositories: "widget" }, /^runners\.repositories must be a list of texts, and is "widget"/],
    [{ ...right, sourceAddresses: "::1" }, /^runners\.sourceAddresses must be a list of texts, and is "::1"/],
    [{ ...right, tags: { cost: 5 } }, /^runners\.tags must be an object of texts, and is \{"cost":5\}/],
    [{ ...right, prefix: null }, /^runners\.prefix must be a text, and is null\.$/],
    [{ ...right, github: "acme" }, /^runners\.github must be an object, and is "acme"\.$/],
    [{ ...right, github: { ...github, appID: "1" } }, /^runners\.github\.appID is unknown\. Known are: org,/],
    [
      { ...right, github: { ...github, appId: 123 } },
      /^runners\.github\.appId must be a text, and is 123\.$/,
    ],
    [
      { ...right, github: withoutKeys(github, "org") },
      /^runners\.github\.org or runners\.github\.repository is missing/,
    ],
    [
      { ...right, github: withoutKeys(github, "appId") },
      /^runners\.github\.appId is missing: it must be a text\.$/,
    ],
    [
      { ...right, github: withoutKeys(github, "privateKeyParameter") },
      /^runners\.github\.privateKeyParameter is missing: it must be the name of an SSM parameter\.$/,
    ],
    [
      { ...right, github: { org: "acme" } },
      /^runners\.github has no credential: give appId and privateKeyParameter/,
    ],
    [
      { ...right, github: { org: "acme", tokenParameter: "/a", registration: "jit" } },
      /^runners\.github\.registration is for a GitHub App, and runners\.github\.tokenParameter is given too/,
    ],
    [
      { ...right, github: { org: "acme", tokenParameter: "/a", furtherApps: [] } },
      /^runners\.github\.furtherApps is for a GitHub App/,
    ],
    [
      { ...right, github: { ...github, furtherApps: { appId: "4" } } },
      /^runners\.github\.furtherApps must be a list of Apps\.$/,
    ],
    [
      { ...right, github: { ...github, furtherApps: [{ appId: "4" }] } },
      /^runners\.github\.furtherApps\[0\]\.privateKeyParameter is missing/,
    ],
    [
      { ...right, github: { ...github, furtherApps: [{ appId: "4", privateKeyParameter: "/a", app: 1 }] } },
      /^runners\.github\.furtherApps\[0\]\.app is unknown\. Known are: appId,/,
    ],
    [{ ...right, sweepMinutes: "2" }, /^runners\.sweepMinutes must be a number, and is "2"\.$/],
    [{ ...right, fleets: [fleet, "linux"] }, /^runners\.fleets\[1\] must be an object, and is "linux"\.$/],
    [
      { ...right, fleets: [{ labels: ["a"] }] },
      /^runners\.fleets\[0\]\.name is missing: it must be a text\.$/,
    ],
    [
      { ...right, fleets: [{ name: "a" }] },
      /^runners\.fleets\[0\]\.labels is missing: it must be a list of texts\.$/,
    ],
    [
      { ...right, fleets: [{ ...fleet, label: [] }] },
      /^runners\.fleets\[0\]\.label is unknown\. Known are: name,/,
    ],
    [
      { ...right, fleets: [{ ...fleet, labels: "linux" }] },
      /^runners\.fleets\[0\]\.labels must be a list of texts, and is "linux"\.$/,
    ],
    [
      { ...right, fleets: [{ ...fleet, labels: ["linux", 64] }] },
      /^runners\.fleets\[0\]\.labels must be a list of texts, and is \["linux",64\]\.$/,
    ],
    [
      { ...right, fleets: [{ ...fleet, hardLimitMinutes: "60" }] },
      /hardLimitMinutes must be a number, and is "60"/,
    ],
    [{ ...right, network: [] }, /^runners\.network must be an object, and is \[\]\.$/],
    [{ ...right, network: { zone: 2 } }, /^runners\.network\.zone is unknown\. Known are: existing,/],
    [{ ...right, network: { zones: "2" } }, /^runners\.network\.zones must be a number, and is "2"\.$/],
    [{ ...right, network: { existing: {} } }, /^runners\.network\.existing\.subnetIds is missing/],
    [
      { ...right, network: { existing: { subnetIds: "subnet-1" } } },
      /^runners\.network\.existing\.subnetIds must be a list of texts, and is "subnet-1"\.$/,
    ],
    [
      { ...right, network: { existing: { subnetIds: ["s"], vpc: "v" } } },
      /^runners\.network\.existing\.vpc is unknown\. Known are: vpcId,/,
    ],
    [{ ...right, runnerGroup: { name: "a" } }, /^runners\.runnerGroup needs id/],
    [{ ...right, runnerGroup: { id: 3 } }, /^runners\.runnerGroup\.id must be a text, and is 3\.$/],
    [{ ...right, runnerGroup: { id: "3", group: "a" } }, /^runners\.runnerGroup\.group is unknown/],
    [
      { ...right, runnerGroup: { id: "3", default: true } },
      /^runners\.runnerGroup\.default and id exclude each other/,
    ],
  ])("refuses %j in one line", (runners, wording) => {
    const lines = linesOf(runners);

    expect(lines.map((line) => line.replace(/^cdktf\.json: /, ""))).toEqual([expect.stringMatching(wording)]);
    expect(lines[0]).toMatch(/^cdktf\.json: /);
  });

  it("never shows what stands in place of a parameter's name", () => {
    const key = ["-----BEGIN RSA PRIVATE KEY-----", "MIIE"];

    expect(linesOf({ ...right, github: { ...github, privateKeyParameter: key } })).toEqual([
      "cdktf.json: runners.github.privateKeyParameter must be the name of an SSM parameter.",
    ]);
  });

  it.each(["Frankfurt", "eu-central-1a", "", 1, null])("refuses the region %j", (region) => {
    expect(linesOf(right, region)).toEqual([
      `cdktf.json: region must be an AWS region such as "eu-central-1", and is ${JSON.stringify(region)}.`,
    ]);
  });

  it("tells all mistakes, one a line", () => {
    expect(linesOf({ ...right, fleets: [{ name: 1 }], network: { zone: 1 } }, "x")).toHaveLength(4);
  });
});

describe("the text of cdktf.json", () => {
  it("gives its context, or none", () => {
    expect(parseContext('{ "context": { "region": "a" } }', "cdktf.json")).toEqual({ region: "a" });
    expect(parseContext("{}", "cdktf.json")).toEqual({});
  });

  it.each([
    ['{ "context": ', /^\/acme\/cdktf\.json is not JSON: /],
    ["[]", /^\/acme\/cdktf\.json must hold an object\.$/],
    ['{ "context": 1 }', /^\/acme\/cdktf\.json: context must be an object, and is 1\.$/],
  ])("is refused with the file's name: %s", (text, wording) => {
    expect(() => parseContext(text, "/acme/cdktf.json")).toThrow(wording);
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
