/** The real terraform, with the real AWS provider, validates and plans every example. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startMoto, type Moto } from "../support/moto";
import { EXAMPLES, synthExample } from "../support/synth-examples";
import { Terraform } from "../support/terraform";

const work = mkdtempSync(join(tmpdir(), "examples-"));
const stacks = new Map(EXAMPLES.map((name) => [name, synthExample(name, join(work, name))]));
let moto: Moto;
/** One for all: its providers take seconds to install. */
let terraform: Terraform;

beforeAll(async () => {
  moto = await startMoto();
  terraform = await Terraform.prepare({
    stack: stacks.get("smallest")!,
    work: join(work, "terraform"),
    endpoint: moto.endpoint,
    githubTypes: ["github_repository_webhook"],
  });
});

afterAll(async () => {
  await moto.stop();
  rmSync(work, { recursive: true, force: true });
});

/** Resources that a plan creates; those of the GitHub provider by their types. */
const PLANS: Readonly<Record<string, { readonly resources: number; readonly github: readonly string[] }>> =
  {};

describe.each(EXAMPLES)("the example %s", (name) => {
  beforeAll(() => {
    terraform.replace(stacks.get(name)!);
  });

  it("plans nothing but new resources", async () => {
    const changes = await terraform.plan();

    expect(changes.filter(({ actions }) => actions.join() !== "create")).toEqual([]);
    const github = changes.map(({ type }) => type).filter((type) => type.startsWith("github_"));
    expect({ resources: changes.length, github: github.sort() }).toEqual(PLANS[name]);
  });
});
