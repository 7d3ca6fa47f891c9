/** The tarball in projects such as people have: the versions that we promise, the fork, the ways to import. */
import { join } from "node:path";
import { transformSync } from "esbuild";
import { releasedAt } from "../../constructs/runner-version.json";
import manifest from "../../package.json";
import { CONTROLS } from "../../scripts/audit/controls";
import { startMoto } from "../support/moto";
import { Terraform } from "../support/terraform";
import { cdktfInit, synth } from "./cdktf-init";
import { PEERS, STACK } from "./consumer";
import { asProgram, snippetsOf } from "./snippets";
import type { Packages } from "./cdktf-init";
import type { Consumer } from "./consumer";

const [snippet = ""] = snippetsOf("README.md", "ts");
const program = asProgram(snippet);
const JSON_FILE = join(STACK, "cdk.tf.json");

const NEWEST: Packages = { packages: PEERS };

const OTHERS: readonly (Packages & { readonly name: string })[] = [
  { name: "the oldest AWS provider", packages: { ...PEERS, "@cdktf/provider-aws": "20.1.0" } },
  {
    name: "CDK Terrain in place of CDKTF",
    packages: { ...PEERS, cdktf: "npm:cdktn@0.24.0", constructs: "10.6.0" },
    overrides: { cdktf: "$cdktf" },
  },
];

/** The road that all of them go, from their main.ts to a plan. */
const reachesPlan = (project: Packages): (() => Consumer) => {
  let consumer: Consumer;
  beforeAll(async () => {
    consumer = await cdktfInit(program, project);
  });
  afterAll(() => consumer.remove());

  it("synthesizes", async () => {
    await synth(consumer);

    const stack = JSON.parse(consumer.read(JSON_FILE)) as { resource: object };
    expect(Object.keys(stack.resource)).toContain("aws_launch_template");
  });

  it("compiles, the types of its packages checked", async () => {
    await consumer.run("npx tsc --noEmit --skipLibCheck false");
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
  return () => consumer;
};

describe.each(OTHERS)("a project of cdktf init with $name", (project) => {
  reachesPlan(project);
});

describe("a project of cdktf init with the newest AWS provider", () => {
  const consumer = reachesPlan(NEWEST);

  it.each([
    ["node16", "node16"],
    ["preserve", "bundler"],
  ])("compiles with --module %s --moduleResolution %s, all types checked", async (module, resolution) => {
    await consumer().run(
      `npx tsc --noEmit --skipLibCheck false --module ${module} --moduleResolution ${resolution}`,
    );
  });

  it.each([
    ["require", "cjs"],
    ["import", "mjs"],
  ])("in JavaScript that says %s synthesizes the same bytes", async (_how, extension) => {
    const { code } = transformSync(program, {
      loader: "ts",
      format: extension === "cjs" ? "cjs" : "esm",
      tsconfigRaw: {},
    });
    // ES modules name files, and the provider's package knows none by another name.
    const bytes = consumer().read(JSON_FILE);
    consumer().write(`main.${extension}`, code.replaceAll('/lib/provider"', '/lib/provider/index.js"'));
    await consumer().run(`rm -r cdktf.out && node main.${extension}`);

    expect(consumer().read(JSON_FILE)).toBe(bytes);
  });

  it("has the program, in the package's version", async () => {
    expect(await consumer().run("npx ephemeral-runners --version")).toBe(`${manifest.version}\n`);
  });

  it("has its stack audited", async () => {
    const line = `npx ephemeral-runners audit ${JSON_FILE} --threshold 95% --now ${releasedAt}`;
    const report = await consumer().run(line);

    for (const { title } of CONTROLS) expect(report).toContain(title);
  });
});
