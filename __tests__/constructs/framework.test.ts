import { TerraformStack, Testing } from "cdktf";
import { Construct } from "constructs";
import * as library from "../../constructs";

/** What every class of `cdktn` 0.24.0 has, and what a team makes of it: tests of the package use the real one. */
class TerrainStack extends TerraformStack {}
Object.defineProperty(TerrainStack, Symbol.for("jsii.rtti"), {
  value: { fqn: "cdktn.TerraformStack", version: "0.24.0" },
});
class TeamStack extends TerrainStack {}

/** A stack of a library that is built with jsii too. */
class PublishedStack extends TerrainStack {}
Object.defineProperty(PublishedStack, Symbol.for("jsii.rtti"), {
  value: { fqn: "@acme/stacks.PublishedStack", version: "7.0.0" },
});

type Class = new (scope: Construct, id: string, props: object) => Construct;

const isConstruct = (value: unknown): value is Class =>
  typeof value === "function" && (value as Class).prototype instanceof Construct;

const exported: readonly (readonly [string, unknown])[] = Object.entries(library);
const classes = exported.flatMap(([name, value]) => (isConstruct(value) ? [[name, value] as const] : []));

const props = {
  prefix: "a",
  github: library.GithubConnection.app({ org: "acme", appId: "1", privateKeyParameter: "/key" }),
  fleets: [{ name: "linux", labels: ["linux"] }],
  fleet: "linux",
  url: "https://example.com",
  repository: "widget",
  name: "group",
  network: { subnetIds: ["subnet-1"], securityGroupIds: ["sg-1"] },
};

describe("in a stack of CDK Terrain without the alias", () => {
  it("has a construct to try", () => {
    expect(classes.length).toBeGreaterThanOrEqual(15);
  });

  it.each(classes)("%s is refused with the recipe in one sentence", (name, Part) => {
    const stack = new TeamStack(Testing.app(), "team");

    expect(() => void new Part(stack, name, props)).toThrow(
      `[team/${name}] This stack is made with cdktn 0.24.0, and cdktf-ephemeral-runners with cdktf 0.21.0: ` +
        'in package.json, add "cdktf": "npm:cdktn@0.24.0" to the dependencies and "overrides": { "cdktf": "$cdktf" }, ' +
        'with @cdktn/provider-aws also "@cdktf/provider-aws": "npm:@cdktn/provider-aws@25.7.0" and its override, ' +
        'set "targetVersions": { "terraform": ">=1.11.0" } in cdktf.json, and install again',
    );
  });

  it("is known below other constructs, and by a stack of a published library", () => {
    const stack = new PublishedStack(Testing.app(), "team");
    const below = new Construct(stack, "Below");

    expect(() => new library.RunnerTables(below, "Tables", { prefix: "a" })).toThrow(
      /^\[team\/Below\/Tables] This stack is made with cdktn 0\.24\.0/,
    );
  });
});

describe("in a stack of CDKTF", () => {
  class OwnStack extends TerraformStack {}

  it("nothing is refused, whatever the team makes of the stack", () => {
    const stack = new OwnStack(Testing.app(), "team");

    expect(() => new library.RunnerTables(stack, "Tables", { prefix: "a" })).not.toThrow();
  });
});
