import { execFile, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { createApp } from "../main";
import { bundleApp } from "../scripts/bundle-app";
import { stable } from "./support/stable";
import { EXAMPLES } from "./support/synth-examples";

const root = join(__dirname, "..");
const golden = join(__dirname, "golden", "reference-app.golden.json");
const temporary = (): string => mkdtempSync(join(tmpdir(), "runners-"));

interface Config {
  readonly context: { readonly region: string; readonly runners: Record<string, unknown> };
}
const { context } = JSON.parse(readFileSync(join(root, "cdktf.json"), "utf8")) as Config;

type Stack = Record<"terraform" | "provider" | "resource" | "output", Record<string, unknown>>;

const synth = (changes: Record<string, unknown> = {}): Stack => {
  const outdir = temporary();
  createApp({ ...context, runners: { ...context.runners, ...changes } }, outdir).synth();
  const file = join(outdir, "stacks", "ephemeral-runners", "cdk.tf.json");
  return JSON.parse(readFileSync(file, "utf8")) as Stack;
};

const filesIn = (folder: string): string[] =>
  readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesIn(path) : [path];
  });

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
    expect(provider).toEqual({ aws: [{ region: "us-east-1" }], github: [{ owner: "acme" }] });
  });

  it("asks for no GitHub provider where nothing is made at GitHub", () => {
    const { provider } = synth({ webhook: "manual", runnerGroup: { id: "3", name: "builders" } });

    expect(Object.keys(provider)).toEqual(["aws"]);
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

describe("synthesis", () => {
  const parts = [
    "main.ts",
    "cdktf.json",
    "package.json",
    "tsconfig.json",
    "constructs",
    "examples",
    "functions",
    "scripts/app",
    "__tests__/support/synth-examples.ts",
    "lib/bundles",
  ];

  const prepare = (folder: string): void => {
    mkdirSync(folder, { recursive: true });
    for (const part of parts) cpSync(join(root, part), join(folder, part), { recursive: true });
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  };

  /** As `npm run app` runs it. */
  const bundled = async (root: string): Promise<string[]> => {
    const outFile = join(root, "lib/app/main.js");
    await bundleApp({ root, outFile });
    return [outFile];
  };
  const fromSource = (): string[] => ["--import", "tsx", "main.ts"];

  const synthIn = async (
    folder: string,
    timeZone: string,
    app: (folder: string) => string[] | Promise<string[]>,
  ): Promise<Record<string, string>> => {
    prepare(folder);
    const env = { PATH: process.env.PATH, HOME: process.env.HOME, TZ: timeZone };
    const out = join(folder, "cdktf.out");
    const run = (...words: string[]) => promisify(execFile)(process.execPath, words, { cwd: folder, env });
    await run(...(await app(folder)));
    await run("--import", "tsx", "__tests__/support/synth-examples.ts", join(out, "examples"));
    return Object.fromEntries(
      filesIn(out).map((path) => [relative(out, path), readFileSync(path).toString("base64")]),
    );
  };

  it("gives the same bytes in any folder, in any time zone, with any file times, bundled or not", async () => {
    const first = join(temporary(), "one");
    const second = join(temporary(), "a longer name", "two");

    const [one, two] = await Promise.all([
      synthIn(first, "Pacific/Kiritimati", fromSource),
      synthIn(second, "America/Los_Angeles", bundled),
    ]);

    expect(Object.keys(one).filter((path) => !path.startsWith("examples"))).toHaveLength(7);
    expect(Object.keys(one).filter((path) => path.endsWith("cdk.tf.json"))).toHaveLength(1 + EXAMPLES.length);
    expect(two).toEqual(one);
    const text = Object.values(one)
      .map((bytes) => Buffer.from(bytes, "base64").toString())
      .join("");
    expect(text).not.toContain(first);
  }, 60_000);

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
      const folder = temporary();
      prepare(folder);
      writeFileSync(join(folder, "cdktf.json"), JSON.stringify({ context: wrong }));

      const run = spawnSync(process.execPath, ["--import", "tsx", "main.ts"], {
        cwd: folder,
        env: { PATH: process.env.PATH, HOME: process.env.HOME },
        encoding: "utf8",
      });

      expect(run.stderr.trimEnd().split("\n")).toEqual(lines);
      expect(run.status).toBe(1);
    },
    60_000,
  );
});
