/** CDK Terrain: the recipe of docs/configuration.md, by the newest `cdktn` and its AWS provider, on Node 22; and without it. */
import { dirname, join } from "node:path";
import { startMoto } from "../support/moto";
import { Terraform } from "../support/terraform";
import { Consumer, STACK, tarball, TOOLS } from "./consumer";
import { asProgram, snippetsOf } from "./snippets";

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly overrides: Readonly<Record<string, string>>;
}

const documented = snippetsOf("docs/configuration.md", "json").map((text) => JSON.parse(text) as object);
const one = <T>(key: string): T => {
  const found = documented.filter((block) => key in block);
  if (found.length !== 1) throw new Error(`${found.length} blocks of the page have ${key}.`);
  return found[0] as T;
};

const { dependencies, overrides } = one<Manifest>("overrides");
const { targetVersions } = one<{ targetVersions: object }>("targetVersions");
const backend = documented
  .map((block) => (block as { context?: { backend?: { type: string } } }).context?.backend)
  .find((found) => found?.type === "s3");
const s3 = { ...backend, type: undefined };

const [snippet = ""] = snippetsOf("README.md", "ts");

/** The README's program, as a team that has moved to CDK Terrain has it. */
const program = asProgram(snippet)
  .replaceAll('"cdktf"', '"cdktn"')
  .replaceAll("@cdktf/provider-aws", "@cdktn/provider-aws");

const withBackend = program
  .replace("import { App, TerraformStack }", "import { App, S3Backend, TerraformStack }")
  .replace(/^(const stack = .*)$/m, `$1\nnew S3Backend(stack, ${JSON.stringify(s3)});`);

const CLI = { "cdktn-cli": "0.24.0" };

const CDKTF_JSON = {
  language: "typescript",
  app: "npx tsx main.ts",
  projectId: "6e2f7f3c-7c0b-4b53-8e3f-0d4f2e8b7a10",
  sendCrashReports: "false",
};

const TSC = "npx tsc --noEmit --strict --skipLibCheck false --target es2022 --module commonjs main.ts";

/** Nobody is asked for newer versions. */
const QUIET = { CHECKPOINT_DISABLE: "1" };

/** On Node 22. */
const make = async (main: string, manifest: Partial<Manifest>, tools = {}): Promise<Consumer> => {
  const consumer = new Consumer(dirname(process.env.NODE_FOR_LAMBDA ?? ""));
  const packages = { ...manifest.dependencies, "cdktf-ephemeral-runners": `file:${tarball}` };
  const devDependencies = { ...TOOLS, ...tools };
  const project = { name: "runners", version: "1.0.0", private: true };
  consumer.write(
    "package.json",
    JSON.stringify({ ...project, dependencies: packages, devDependencies, overrides: manifest.overrides }),
  );
  consumer.write("cdktf.json", JSON.stringify({ ...CDKTF_JSON, targetVersions }));
  consumer.write("main.ts", main);
  await consumer.install({});
  return consumer;
};

const without = (manifest: Manifest, ...names: readonly string[]): Partial<Manifest> => ({
  dependencies: Object.fromEntries(
    Object.entries(manifest.dependencies).filter(([name]) => !names.includes(name)),
  ),
});

describe("a project of CDK Terrain by the documented recipe", () => {
  let consumer: Consumer;
  beforeAll(async () => {
    consumer = await make(withBackend, { dependencies, overrides }, CLI);
  });
  afterAll(() => consumer.remove());

  it("has one framework and one AWS provider, and npm finds nothing wrong", async () => {
    expect(await consumer.run("node --version")).toMatch(/^v22\./);
    const installed = await consumer.run("npm ls cdktn cdktf @cdktf/provider-aws");

    expect(installed).not.toMatch(/cdktf@0\.21|provider-aws@21|invalid/);
  });

  it("compiles, the types of its packages checked", async () => {
    await consumer.run(TSC);
  });

  it("is synthesized by `cdktn synth`, with the documented S3 backend", async () => {
    await consumer.run("npx cdktn synth", QUIET);

    const stack = JSON.parse(consumer.read(join(STACK, "cdk.tf.json"))) as {
      resource: object;
      terraform: { backend: object; required_providers: { aws: { version: string } } };
    };
    expect(Object.keys(stack.resource)).toContain("aws_launch_template");
    expect(stack.terraform.required_providers.aws.version).toMatch(/^6\./);
    expect(stack.terraform.backend).toEqual({
      s3: { bucket: "acme-state", key: "runners.tfstate", region: "eu-central-1", use_lockfile: true },
    });
  });

  it("is told its own command line by the summary", async () => {
    expect(await consumer.run("npx ephemeral-runners summary")).toContain("cdktn deploy runners");
  });

  it("has a plan", async () => {
    const moto = await startMoto();
    try {
      const terraform = await Terraform.prepare({
        stack: join(consumer.folder, STACK),
        work: join(consumer.folder, "terraform"),
        endpoint: moto.endpoint,
      });
      await terraform.validate();

      expect((await terraform.plan()).length).toBeGreaterThan(80);
    } finally {
      await moto.stop();
    }
  });
});

describe("a project of CDK Terrain without the recipe", () => {
  let consumer: Consumer;
  beforeAll(async () => {
    consumer = await make(
      program.replace(/^.*GithubProvider.*\n/gm, ""),
      without({ dependencies, overrides }, "cdktf", "@cdktf/provider-aws", "@cdktf/provider-github"),
    );
  });
  afterAll(() => consumer.remove());

  it("is told the recipe in one sentence", async () => {
    await expect(consumer.run("npx tsx main.ts")).rejects.toThrow(
      /ConfigurationError: \[runners\/Runners\] This stack is made with cdktn 0\.24\.0, [^\n]*"overrides": \{ "cdktf": "\$cdktf" \}[^\n]*"npm:@cdktn\/provider-aws@25\.7\.0"[^\n]*"targetVersions": \{ "terraform": ">=1\.11\.0" \}/,
    );
  });

  it("is synthesized once the recipe is followed, and needs no override without the GitHub provider", async () => {
    const { cdktf = "", "@cdktf/provider-aws": aws = "" } = dependencies;
    await consumer.install({ cdktf, "@cdktf/provider-aws": aws });
    consumer.write(
      "main.ts",
      consumer
        .read("main.ts")
        .replace("new App()", `new App({ context: ${JSON.stringify({ targetVersions })} })`)
        .replace("GithubConnection }", "GithubConnection, RunnerGroup }")
        .replace("fleets:", 'webhook: "app", runnerGroup: RunnerGroup.fromId("7"), fleets:'),
    );
    await consumer.run("npx tsx main.ts");

    expect(consumer.read(join(STACK, "cdk.tf.json"))).toContain("aws_launch_template");
  });
});
