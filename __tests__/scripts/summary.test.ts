import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { summarize } from "../../scripts/summary";
import { run } from "./run-program";

const at = (path: string) => ({ "//": { metadata: { path, uniqueId: "x" } } });
const annotation = {
  constructPath: "prod",
  level: "@cdktf/warn",
  message: "This fleet has no cap.",
  stacktrace: [],
};
const json = {
  resource: {
    aws_sqs_queue: { a: at("prod/Runners/Queue/Queue"), b: at("prod/Runners/Queue/DeadLetterQueue") },
    aws_iam_role: { c: at("prod/Runners/Webhook/Function/Role") },
    github_organization_webhook: { d: at("prod/Hook") },
    aws_vpc: { e: {} },
  },
  data: { aws_region: { f: at("prod/Runners/Region") } },
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "summary "));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** What CDKTF leaves behind for these stacks. */
const synthesize = (stacks: readonly string[], annotations: object[] = [], version = "0.21.0") => {
  for (const name of stacks) {
    mkdirSync(join(folder, "cdktf.out", "stacks", name), { recursive: true });
    writeFileSync(join(folder, "cdktf.out", "stacks", name, "cdk.tf.json"), JSON.stringify(json));
  }
  const manifests = stacks.map((name) => [
    name,
    {
      name,
      annotations,
      synthesizedStackPath: `stacks/${name}/cdk.tf.json`,
      workingDirectory: `stacks/${name}`,
    },
  ]);
  mkdirSync(join(folder, "cdktf.out"), { recursive: true });
  const manifest = { version, stacks: Object.fromEntries(manifests) as object };
  writeFileSync(join(folder, "cdktf.out", "manifest.json"), JSON.stringify(manifest));
};

const summary = (color = false) => summarize({ outDir: join(folder, "cdktf.out"), from: folder, color });

describe("the summary", () => {
  it("tells what was made, where it is and what comes next", () => {
    synthesize(["prod"]);
    expect(summary().split("\n")).toEqual([
      "prod  5 resources, 1 data sources",
      "  Runners/Queue      2  2 × sqs queue",
      "  Runners/Webhook    1  iam role",
      "  (stack)            2  vpc, organization webhook",
      "",
      "  JSON  cdktf.out/stacks/prod/cdk.tf.json",
      "  next  terraform -chdir=cdktf.out/stacks/prod init",
      "        terraform -chdir=cdktf.out/stacks/prod plan",
      "        terraform -chdir=cdktf.out/stacks/prod apply",
      "",
    ]);
  });

  it.each([
    ["0.21.0", "or, with the CDKTF CLI: cdktf deploy prod"],
    ["0.24.0", "or, with the CLI of CDK Terrain: cdktn deploy prod"],
  ])("names the command line of version %s beside a cdktf.json, which it needs", (version, line) => {
    synthesize(["prod"], [], version);
    expect(summary()).not.toContain(" deploy ");

    writeFileSync(join(folder, "cdktf.json"), "{}");
    expect(summary()).toContain(`\n        ${line}\n`);
  });

  it("names as many kinds as a line of 80 columns takes, and counts the rest", () => {
    const types = ["aws_apigatewayv2_api", "aws_apigatewayv2_integration", "aws_iam_role", "aws_sqs_queue"];
    const resource = Object.fromEntries(
      types.map((type) => [type, { a: at("prod/Runners/Webhook/A"), b: at("prod/Runners/Webhook/B") }]),
    );
    synthesize(["prod"]);
    writeFileSync(join(folder, "cdktf.out", "stacks", "prod", "cdk.tf.json"), JSON.stringify({ resource }));

    expect(summary().split("\n")[1]).toBe(
      // One kind more, "2 × apigatewayv2 api", would end it in column 81.
      "  Runners/Webhook    8  2 × iam role, 2 × sqs queue, 4 more",
    );
  });

  it("tells about every stack", () => {
    synthesize(["one", "two"]);
    expect(summary()).toMatch(/^one {2}5[^]*\ntwo {2}5/m);
  });

  it("repeats the warnings of the synth, which only the CDKTF CLI prints", () => {
    synthesize(["prod"], [annotation]);
    expect(summary()).toContain("\n  warn: This fleet has no cap.\n");
  });

  it("quotes a folder that a shell would split", () => {
    synthesize(["my stack"]);
    expect(summary()).toContain("terraform -chdir='cdktf.out/stacks/my stack' plan");
  });

  it("has color only when asked", () => {
    synthesize(["prod"], [annotation]);
    expect(summary()).not.toContain("\u001b");
    expect(summary(true)).toContain("\u001b[1mprod\u001b[22m");
  });

  it.each<[string, () => void]>([
    ["no manifest", () => {}],
    ["no stack in it", () => synthesize([])],
    [
      "no JSON of the stack",
      () => {
        synthesize(["prod"]);
        rmSync(join(folder, "cdktf.out", "stacks"), { recursive: true });
      },
    ],
  ])("says in one line that there is nothing: %s", (_, prepare) => {
    prepare();
    expect(() => summary()).toThrow(
      /^Nothing was synthesized: .*Synthesize first \("npm run synth", or your own program\), or name/,
    );
  });
});

describe("the command", () => {
  it("tells what was made, or ends with 2 and one line when nothing was", async () => {
    const outDir = join(folder, "cdktf.out");

    const empty = await run(["summary", outDir]);
    synthesize(["prod"]);
    const full = await run(["summary"], { environment: { CDKTF_OUTDIR: outDir } });

    expect(empty).toMatchObject({ code: 2, out: "" });
    expect(empty.error.trim().split("\n")).toHaveLength(1);
    expect(full).toMatchObject({ code: 0, error: "" });
    expect(full.out).toMatch(/^prod {2}\d+ resources/);
  });
});
