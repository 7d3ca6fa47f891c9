/** The road of a newcomer, as the README tells it: an empty folder, the tarball, the first snippet, a plan. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { startMoto } from "../support/moto";
import { Terraform } from "../support/terraform";
import { Consumer, PEERS, STACK, tarball, TOOLS } from "./consumer";
import { asProgram, snippetsOf } from "./snippets";
import type { Moto } from "../support/moto";

const [snippet = ""] = snippetsOf("README.md", "ts");

const consumer = new Consumer();
const steps: string[] = [];
let moto: Moto | undefined;
let terraform: Terraform;

const step = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
  const start = Date.now();
  const result = await work();
  steps.push(`${String(steps.length + 1)}. ${name.padEnd(48)}${((Date.now() - start) / 1000).toFixed(1)} s`);
  return result;
};

afterAll(async () => {
  process.stdout.write(`\nFrom nothing to a plan:\n${steps.join("\n")}\n`);
  await moto?.stop();
  consumer.remove();
});

describe("a newcomer", () => {
  it("makes an empty project", async () => {
    await step("npm init --yes", () => consumer.run("npm init --yes"));
  });

  it("installs the tarball", async () => {
    await step("npm install <tarball> cdktf ...", () =>
      consumer.install({ ...PEERS, "cdktf-ephemeral-runners": tarball }),
    );
    await step("npm install --save-dev tsx ...", () => consumer.install(TOOLS, "--save-dev"));
  });

  it("pastes the README's first snippet, and synthesizes", async () => {
    consumer.write("main.ts", asProgram(snippet));

    await step("npx tsx main.ts", () => consumer.run("npx tsx main.ts"));

    const stack = JSON.parse(consumer.read(join(STACK, "cdk.tf.json"))) as { resource: object };
    expect(Object.keys(stack.resource)).toEqual(
      expect.arrayContaining(["aws_lambda_function", "aws_launch_template", "github_organization_webhook"]),
    );
  });

  it("has Terraform validate it", async () => {
    const { endpoint } = (moto = await startMoto());
    terraform = await step("terraform init", () =>
      Terraform.prepare({
        stack: join(consumer.folder, STACK),
        work: join(consumer.folder, "terraform"),
        endpoint,
      }),
    );
    await step("terraform validate", () => terraform.validate());
  });

  it("has Terraform plan it: all of it is new", async () => {
    const changes = await step("terraform plan", () => terraform.plan());

    expect(changes.length).toBeGreaterThan(80);
    expect(new Set(changes.map(({ actions }) => actions.join()))).toEqual(new Set(["create"]));
  });

  it("gets the same bytes in another folder and another time zone", async () => {
    const synthIn = async (folder: string, timeZone: string): Promise<string> => {
      await consumer.run(`mkdir ${folder} && cp main.ts ${folder} && cd ${folder} && npx tsx main.ts`, {
        TZ: timeZone,
      });
      const json = readFileSync(join(consumer.folder, folder, STACK, "cdk.tf.json"), "utf8");
      // With no backend said, CDKTF writes the folder's own path.
      return json.replaceAll(join(consumer.folder, folder), "FOLDER");
    };

    const one = await synthIn("one", "Pacific/Kiritimati");
    const two = await synthIn("another", "America/Los_Angeles");

    expect(one).toContain("FOLDER/terraform.runners.tfstate");
    expect(two).toBe(one);
  });
});
