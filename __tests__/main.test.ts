import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createApp } from "../main";
import { stable } from "./support/stable";

const root = join(__dirname, "..");
const golden = join(__dirname, "golden", "reference-app.golden.json");
const temporary = (): string => mkdtempSync(join(tmpdir(), "runners-"));

interface Config {
  readonly context: { readonly region: string; readonly runners: Record<string, unknown> };
}
const { context } = JSON.parse(readFileSync(join(root, "cdktf.json"), "utf8")) as Config;

type Stack = Record<"terraform" | "provider" | "resource" | "output", Record<string, unknown>>;

const synth = (changes: Record<string, unknown> = {}, stack: Record<string, unknown> = {}): Stack => {
  const outdir = temporary();
  createApp({ ...context, ...stack, runners: { ...context.runners, ...changes } }, outdir).synth();
  const file = join(outdir, "stacks", "ephemeral-runners", "cdk.tf.json");
  return JSON.parse(readFileSync(file, "utf8")) as Stack;
};

describe("the reference app", () => {
  it("synthesizes what is committed", () => {
    const actual = `${JSON.stringify(stable(synth()), null, 2)}\n`;
    // Look at the difference in git before it is committed.
    if (process.env.UPDATE_GOLDEN) writeFileSync(golden, actual);

    expect(existsSync(golden)).toBe(true);
    expect(JSON.parse(actual)).toEqual(JSON.parse(readFileSync(golden, "utf8")));
  });

  it("brings its providers, the versions that it needs and a place for the state", () => {
    const { terraform, provider } = synth();

    expect(terraform).toMatchObject({
      required_version: ">= 1.11",
      required_providers: { aws: { version: ">= 5.100, < 7" } },
      backend: { local: { path: "../../../terraform.ephemeral-runners.tfstate" } },
    });
    expect(provider).toEqual({
      aws: [{ region: "us-east-1" }],
      github: [{ owner: "acme", base_url: "https://api.github.com/" }],
    });
  });

  it("asks for no GitHub provider where nothing is made at GitHub", () => {
    const { provider } = synth({ webhook: "manual", runnerGroup: { id: "3", name: "builders" } });

    expect(Object.keys(provider)).toEqual(["aws"]);
  });

  it("keeps the GitHub provider, with its owner, for the apply that removes the last of what was made at GitHub", () => {
    const { terraform, provider } = synth(
      { webhook: "app", runnerGroup: { id: "3", name: "builders" } },
      { keepGithubProvider: true },
    );

    expect(provider.github).toEqual([{ owner: "acme", base_url: "https://api.github.com/" }]);
    expect(terraform.required_providers).toHaveProperty("github");
  });

  it.each([
    [undefined, "https://api.github.com/"],
    ["https://github.com", "https://api.github.com/"],
    ["https://Acme.ghe.com", "https://api.acme.ghe.com/"],
    ["https://ghe.example.com:443", "https://ghe.example.com/"],
  ])("tells the GitHub provider which API belongs to %s", (baseUrl, base_url) => {
    const { provider } = synth({ github: { org: "acme", tokenParameter: "/acme/token", baseUrl } });

    expect(provider.github).toEqual([{ owner: "acme", base_url }]);
  });

  it("takes a personal access token and GitHub Enterprise Server", () => {
    const { provider, resource } = synth({
      github: { org: "acme", tokenParameter: "/acme/token", baseUrl: "https://ghe.example.com" },
      runnerGroup: { default: true },
    });

    expect(provider.github).toEqual([{ owner: "acme", base_url: "https://ghe.example.com/" }]);
    expect(JSON.stringify(resource.aws_lambda_function)).toContain("https://ghe.example.com/api/v3");
  });

  it.each([
    [{ fleet: [] }, /^cdktf\.json: runners\.fleet is unknown: did you mean runners\.fleets\?$/],
    [{ fleets: "linux" }, /runners\.fleets must be a list of objects, and is "linux"/],
    [{ github: undefined }, /github is missing/],
    [{ logRetentionDays: "7" }, /logRetentionDays must be one of 1, 3, 5,/],
  ])("refuses the context %j in words", (changes, wording) => {
    expect(() => synth(changes)).toThrow(wording);
  });

  it("tells mistakes of the props, too", () => {
    expect(() => synth({ fleets: [{ name: "a", labels: [] }] })).toThrow(/fleets\[0\]\.labels must name/);
  });
});

describe("the program", () => {
  it.each([
    [
      "the mistakes alone, one a line",
      { region: "eu-west-1", runners: { ...context.runners, rotationMinutes: 1, throttlingBurstLimit: 0 } },
      [
        "[ephemeral-runners/Runners/Webhook] throttlingBurstLimit must be a whole number from 1 to 5000, and is 0.",
        "[ephemeral-runners/Runners/Rotation] rotationMinutes must be a whole number from 5 to 50 minutes, and is 1.",
      ],
    ],
    [
      "what is wrong with the context",
      { region: 1 },
      [
        "cdktf.json: runners is missing: it must be an object.",
        'cdktf.json: region must be an AWS region such as "eu-central-1", and is 1.',
      ],
    ],
  ])(
    "prints %s, and fails",
    (_what, wrong, lines) => {
      const run = spawnSync(process.execPath, ["--import", "tsx", "main.ts"], {
        cwd: root,
        env: { ...process.env, CDKTF_CONTEXT_JSON: JSON.stringify(wrong), CDKTF_OUTDIR: temporary() },
        encoding: "utf8",
      });

      expect(run.stderr.trimEnd().split("\n")).toEqual(lines);
      expect(run.status).toBe(1);
    },
    60_000,
  );
});
