/** The real terraform, with the real AWS provider, validates and plans every example. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readPlan } from "../../scripts/plan-review/read-plan";
import { review } from "../../scripts/plan-review/review";
import { emulatorRegion, startMoto, type Moto } from "../support/moto";
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
    served: true,
  });
});

afterAll(async () => {
  terraform?.stop();
  await moto.stop();
  rmSync(work, { recursive: true, force: true });
});

/** The verdict on the plan that was made last. */
const reviewed = async (folder: string): Promise<string> => {
  const plan = { name: "plan.json", text: await terraform.showPlan() };
  const stack = { name: "cdk.tf.json", text: readFileSync(join(folder, "cdk.tf.json"), "utf8") };
  return review(readPlan(plan, stack)).verdict;
};

const addressesIn = (folder: string): readonly string[] => {
  const { resource } = JSON.parse(readFileSync(join(folder, "cdk.tf.json"), "utf8")) as {
    resource: Record<string, object>;
  };
  return Object.entries(resource).flatMap(([type, byName]) =>
    Object.keys(byName).map((name) => `${type}.${name}`),
  );
};

it.each(EXAMPLES)("the example %s plans all that it makes, and nothing else", async (name) => {
  terraform.replace(stacks.get(name)!);

  const changes = await terraform.plan();

  expect(changes.filter(({ actions }) => actions.join() !== "create")).toEqual([]);
  expect(changes.map(({ address }) => address).sort()).toEqual([...addressesIn(stacks.get(name)!)].sort());
  expect(await reviewed(stacks.get(name)!)).toMatch(/^Routine: \d+ to create\.$/);
});

interface Plan {
  readonly prior_state: {
    readonly values: {
      readonly root_module: {
        readonly resources: readonly { readonly address: string; readonly values: Record<string, unknown> }[];
      };
    };
  };
}

it("the example several-accounts asks each account and region about itself", async () => {
  terraform.replace(stacks.get("several-accounts")!);
  await terraform.plan();

  const { prior_state: state } = JSON.parse(await terraform.showPlan()) as Plan;
  const answer = (type: string, key: string): readonly unknown[] =>
    state.values.root_module.resources
      .filter(({ address }) => address.startsWith(`data.${type}.`))
      .map(({ address, values }) => [address.includes(".SandboxRunners_") ? "sandbox" : "own", values[key]]);

  expect(Object.fromEntries(answer("aws_caller_identity", "account_id") as [string, string][])).toEqual({
    own: "123456789012",
    sandbox: "210987654321",
  });
  expect(Object.fromEntries(answer("aws_service", "region") as [string, string][])).toEqual({
    own: emulatorRegion,
    sandbox: "us-east-2",
  });
});
