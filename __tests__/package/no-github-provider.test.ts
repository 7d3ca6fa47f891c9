/** A project without the GitHub provider, an optional peer: npm brings none, and nothing asks for it before it is used. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { cdktfInit, synth } from "./cdktf-init";
import { PEERS, STACK } from "./consumer";
import { asProgram, snippetsOf } from "./snippets";
import type { Consumer } from "./consumer";

const [snippet = ""] = snippetsOf("README.md", "ts");
const program = asProgram(snippet).replace(/^.*GithubProvider.*\n/gm, "");

/** As the README says: nothing is made at GitHub with the App's webhook and a group that stands already. */
const withoutGithub = program
  .replace("GithubConnection }", "GithubConnection, RunnerGroup }")
  .replace("fleets:", 'webhook: "app", runnerGroup: RunnerGroup.fromId("7"), fleets:');

const packages = Object.fromEntries(
  Object.entries(PEERS).filter(([name]) => name !== "@cdktf/provider-github"),
);

describe("a project without the GitHub provider", () => {
  let consumer: Consumer;
  beforeAll(async () => {
    consumer = await cdktfInit(withoutGithub, { packages });
  });
  afterAll(() => consumer.remove());

  it("gets none from npm", () => {
    expect(existsSync(join(consumer.folder, "node_modules/@cdktf/provider-aws"))).toBe(true);
    expect(existsSync(join(consumer.folder, "node_modules/@cdktf/provider-github"))).toBe(false);
  });

  it("compiles, the types of its packages checked", async () => {
    await consumer.run("npx tsc --noEmit --skipLibCheck false");
  });

  it("synthesizes what makes nothing at GitHub", async () => {
    await synth(consumer);

    const { resource } = JSON.parse(consumer.read(join(STACK, "cdk.tf.json"))) as { resource: object };
    expect(Object.keys(resource)).toContain("aws_launch_template");
    expect(Object.keys(resource).filter((type) => type.startsWith("github_"))).toEqual([]);
  });

  it("is told to install it by what makes something there", async () => {
    consumer.write("main.ts", program);

    await expect(synth(consumer)).rejects.toThrow(
      "[runners/Runners/GithubWebhook] This is made with the GitHub provider, which is not installed: npm install @cdktf/provider-github@15.",
    );
  });
});
