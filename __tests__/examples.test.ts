import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compact } from "./support/stable";
import { EXAMPLES, synthExample } from "./support/synth-examples";

const out = mkdtempSync(join(tmpdir(), "examples-"));
afterAll(() => rmSync(out, { recursive: true }));

const goldenOf = (name: string): string => join(__dirname, "golden", `${name}.golden.json`);

type Block = Record<string, Record<string, Record<string, unknown>>>;
interface Stack {
  readonly provider: Readonly<Record<string, readonly object[]>>;
  readonly resource: Block;
  readonly data: Block;
}

const synth = (name: string): Stack => {
  const folder = synthExample(name, join(out, name));
  return JSON.parse(readFileSync(join(folder, "cdk.tf.json"), "utf8")) as Stack;
};

const stacks = new Map(EXAMPLES.map((name) => [name, synth(name)]));

describe.each(EXAMPLES)("the example %s", (name) => {
  it("synthesizes what is committed", () => {
    const actual = compact(stacks.get(name));
    // Look at the difference in git before it is committed.
    if (process.env.UPDATE_GOLDEN) writeFileSync(goldenOf(name), actual);

    expect(existsSync(goldenOf(name))).toBe(true);
    expect(JSON.parse(actual)).toEqual(JSON.parse(readFileSync(goldenOf(name), "utf8")));
  });

  it("stands in the list of examples", () => {
    expect(readFileSync(join(__dirname, "../examples/README.md"), "utf8")).toContain(`(${name}/main.ts)`);
  });
});

describe("the example several-accounts", () => {
  it("makes all of one installation, and asks all that it needs to know, with the other provider", () => {
    const { resource, data } = stacks.get("several-accounts")!;
    const providers = Object.entries({ ...resource, ...data })
      .filter(([type]) => type.startsWith("aws_"))
      .flatMap(([, byName]) => Object.entries(byName))
      .map(([name, { provider }]) => [name.startsWith("SandboxRunners_"), provider] as const);

    expect(providers.filter(([sandbox]) => sandbox).length).toBeGreaterThan(80);
    expect(
      providers.filter(([sandbox, provider]) => provider !== (sandbox ? "aws.sandbox" : undefined)),
    ).toEqual([]);
  });

  it("refers in no installation to what is in the other", () => {
    const { resource } = stacks.get("several-accounts")!;
    const texts = Object.values(resource).flatMap((byName) =>
      Object.entries(byName).map(([name, block]) => [name, JSON.stringify({ ...block, "//": {} })] as const),
    );

    for (const [name, text] of texts)
      if (name.startsWith("SandboxRunners_")) expect(text).not.toMatch(/\.Runners_/);
      else expect(text).not.toMatch(/\.SandboxRunners_/);
  });
});

describe("the example app-webhook", () => {
  it("needs no GitHub provider", () => {
    expect(Object.keys(stacks.get("app-webhook")!.provider)).toEqual(["aws"]);
  });
});
