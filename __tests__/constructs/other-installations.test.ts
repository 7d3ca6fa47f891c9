import { Token, TerraformStack, Testing } from "cdktf";
import { EphemeralRunners } from "../../constructs/ephemeral-runners";
import { GithubConnection } from "../../constructs/github-connection";
import { RunnerGroup } from "../../constructs/runner-group";
import { TokenRotation } from "../../constructs/token-rotation";
import type { App } from "cdktf";
import type { EphemeralRunnersProps } from "../../constructs/ephemeral-runners";

const place = { org: "acme", appId: "123", privateKeyParameter: "/acme/key" };
const github = GithubConnection.app(place);
const enterprise = GithubConnection.app({ ...place, baseUrl: "https://ghe.example.com" });
const linux = { name: "linux-x64", labels: ["self-hosted", "linux", "x64"] };
const other = { name: "other", labels: ["other"] };

type Installation = Partial<EphemeralRunnersProps>;

/** Each in a stack of its own, in one app. */
const build = (...installations: Installation[]): App => {
  const app = Testing.app();
  installations.forEach((props, index) => {
    const stack = new TerraformStack(app, `stack-${index + 1}`);
    const prefix = `runners-${index + 1}`;
    new EphemeralRunners(stack, "Runners", { github, fleets: [linux], prefix, ...props });
  });
  return app;
};

const mistakesIn = (app: App): string[] =>
  app.node
    .findAll()
    .filter((one) => !TerraformStack.isStack(one))
    .flatMap(({ node }) => node.validate());

const warningsIn = (app: App): unknown[] =>
  app.node
    .findAll()
    .flatMap(({ node }) => node.metadata)
    .filter(({ type }) => type === "@cdktf/warn")
    .map(({ data }) => data as unknown);

describe("two installations that would set the webhook of one App", () => {
  const own = { webhook: "app", runnerGroup: RunnerGroup.fromId("7"), fleets: [linux] } as const;

  it("are refused, though they stand in two stacks", () => {
    expect(mistakesIn(build(own, { ...own, fleets: [other] }))).toEqual([
      'webhook "app" is the one webhook of App 123, and stack-1/Runners/Rotation sets it already: GitHub sends to one ' +
        'address only. Give one of them an App of its own, or webhook "organization" (or "repository").',
    ]);
  });

  it("are refused for different organizations, too: it is one webhook all the same", () => {
    const elsewhere = GithubConnection.app({ ...place, org: "umbrella" });

    expect(mistakesIn(build(own, { ...own, github: elsewhere }))).toHaveLength(1);
  });

  it("are refused where one is a TokenRotation by itself", () => {
    const app = build(own);
    new TokenRotation(new TerraformStack(app, "parts"), "Tokens", {
      prefix: "parts",
      github,
      webhook: { kind: "app", url: "https://api.example.com/webhook" },
    });

    expect(mistakesIn(app)).toEqual([expect.stringContaining("stack-1/Runners/Rotation sets it already")]);
  });

  it.each<[string, Installation]>([
    ["another App", { ...own, github: GithubConnection.app({ ...place, appId: "456" }) }],
    ["an App of that number on another server", { ...own, github: enterprise }],
    ["the organization's webhook", { webhook: "organization" }],
    ["a webhook made by hand", { webhook: "manual" }],
    [
      "an App whose number synth does not know",
      { ...own, github: GithubConnection.app({ ...place, appId: Token.asString({ Ref: "x" }) }) },
    ],
  ])("are two webhooks with %s", (_title, props) => {
    const told = mistakesIn(build(own, { fleets: [other], ...props }));

    expect(told.filter((text) => text.startsWith('webhook "app" is the one'))).toEqual([]);
  });
});

describe("two installations with equal labels", () => {
  it("are told, in whatever order and case the labels stand, by the later one", () => {
    const again = { name: "again", labels: ["X64", "Self-Hosted", "linux"] };

    expect(warningsIn(build({}, { fleets: [other, again] }))).toEqual([
      'fleets[1] has the labels of fleet "linux-x64" of stack-1/Runners (X64, Self-Hosted, linux), and both serve jobs of ' +
        "acme: each launches a machine for every such job, and one of the two stays without. Give one of them another " +
        "label, or name different repositories in each.",
    ]);
  });

  it.each<[string, Installation, Installation]>([
    ["one is for a repository of the organization", {}, { github: ofRepository("acme/widget") }],
    ["their repositories meet", { repositories: ["a", "b"] }, { repositories: ["B", "c"] }],
    ["one names its repositories", {}, { repositories: ["a"] }],
  ])("are told where %s", (_title, one, two) => {
    expect(warningsIn(build(one, two))).toHaveLength(1);
  });

  it.each<[string, Installation, Installation]>([
    ["the labels differ", {}, { fleets: [other] }],
    ["the organizations differ", {}, { github: GithubConnection.app({ ...place, org: "umbrella" }) }],
    ["the servers differ", {}, { github: enterprise }],
    ["their repositories never meet", { repositories: ["a"] }, { repositories: ["b"] }],
    ["they are for two repositories", { github: ofRepository("acme/a") }, { github: ofRepository("acme/b") }],
  ])("are not told where %s", (_title, one, two) => {
    expect(warningsIn(build(one, two))).toEqual([]);
  });
});

function ofRepository(repository: string): GithubConnection {
  return GithubConnection.app({ ...place, org: undefined, repository });
}
