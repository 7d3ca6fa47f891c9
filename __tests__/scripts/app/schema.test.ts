import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Ajv from "ajv";
import ts from "typescript";
import { BACKEND } from "../../../scripts/app/backend";
import { checkContext, STACK } from "../../../scripts/app/context";
import { cdktfJsonSchema } from "../../../scripts/app/json-schema";
import { openKeys, type Json, type Node } from "../../../constructs/schema/node";
import { createApp } from "../../../main";
import { contextDocs } from "../../../scripts/context-docs";
import { contextExample, OFF } from "../../../scripts/context-example";
import { EXAMPLE_FILE, SCHEMA_FILE, schemaText } from "../../../scripts/update-schema";
import { BACKENDS, least, RIGHT, WRONG } from "./contexts";

const read = (name: string): string => readFileSync(join(__dirname, "../../..", name), "utf8");

// Keywords stand beside conditions, where Ajv's strict mode wants each fragment to be whole.
const validate = new Ajv({ strict: false }).compile(cdktfJsonSchema(() => undefined));
const accepts = (context: unknown): boolean => validate({ context });

const isRight = (context: Json): boolean => {
  try {
    checkContext(context);
    return true;
  } catch {
    return false;
  }
};

describe("the JSON Schema of cdktf.json", () => {
  it.each<readonly [string, Json]>([
    ["the least", { runners: least }],
    ...RIGHT.map(([what, runners]) => [what, { runners }] as const),
    ...BACKENDS.map(
      ({ type, given }) => [`the backend ${type}`, { backend: given, runners: least }] as const,
    ),
    [
      "several stacks",
      {
        runners: {},
        stacks: { a: { runners: least }, b: { runners: { ...least, prefix: "b", tags: null } } },
      },
    ],
    ["CDKTF's own keys", { cdktfRelativeModules: ["a"], runners: least }],
  ])("takes %s, as the synth does", (_what, context) => {
    expect(isRight(context)).toBe(true);
    expect(accepts(context)).toBe(true);
  });

  it.each([
    ...WRONG.map(([runners]) => ({ runners })),
    { region: "Frankfurt", runners: least },
    { account: 123456789012, runners: least },
    { regoin: "eu-west-1", runners: least },
    { backend: { type: "S3" }, runners: least },
    { backend: { type: "s3", bucket: "b" }, runners: least },
    { backend: { type: "s3", bucket: "b", key: "k", secretKey: "hush" }, runners: least },
    { backend: { type: "pg", connStr: "postgres://user:hush@db/state" }, runners: least },
    { backend: { type: "cloud", organization: "a", workspaces: { name: "a", tags: ["b"] } }, runners: least },
    { runners: least, stacks: {} },
    { runners: least, stacks: { "a b": {} } },
    { runners: least, stacks: { a: { regoin: "x" } } },
    { runners: least, stacks: { a: { region: "x" } } },
    { runners: least, stacks: { a: { stacks: {} } } },
    { runners: least, stacks: { a: { runners: { fleets: [{ name: "a" }] } } } },
  ])("refuses %j, as the synth does", (context) => {
    expect(isRight(context as Json)).toBe(false);
    expect(accepts(context)).toBe(false);
  });

  it("takes the cdktf.json of this project", () => {
    expect(validate(JSON.parse(read("cdktf.json")))).toBe(true);
  });
});

/** Every key that a user may give, by its path. */
const pathsIn = (node: Node, path: string): readonly string[] => {
  if (typeof node === "string") return [];
  if ("items" in node) return pathsIn(node.items, path);
  if (!("keys" in node)) return [];
  return openKeys(node.keys).flatMap((key) => {
    const at = path === "" ? key : `${path}.${key}`;
    return [at, ...pathsIn(node.keys[key]!, at)];
  });
};

describe("what is written for people", () => {
  const docs = contextDocs();
  const text = read(EXAMPLE_FILE);

  it("is as the sources have it; else run npm run update-schema", () => {
    expect(read(SCHEMA_FILE)).toBe(schemaText(docs));
    expect(text).toBe(contextExample(docs));
  });

  it("explains every key", () => {
    const paths = [...pathsIn(STACK, ""), "stacks"];

    expect(paths.length).toBeGreaterThan(80);
    expect(paths.filter((path) => !docs.has(path))).toEqual([]);
    expect(paths.map((path) => path.split(".").at(-1)!).filter((key) => !text.includes(`"${key}":`))).toEqual(
      [],
    );
  });

  it("says what a change of a key does, and where its steps are", () => {
    const one = { text: "A region.", fallback: "one", effect: "in place", change: "in place. It moves." };

    expect(schemaText(new Map([["region", one]]))).toContain(
      String.raw`A region.\n\nDefault: one\n\nChange: in place. It moves.`,
    );
    expect(docs.get("runners.kmsKeyArn")?.change).toMatch(
      /^two steps\. .*\. Steps: docs\/changing\.md, "Another KMS key"\.$/,
    );
    expect(docs.get("runners.fleets.labels")?.effect).toBe("in place");
    expect(text).toMatch(/Change: new machines only\.\n *"rootVolumeGb"/);
  });

  it("names and explains every key of every backend", () => {
    for (const [type, { keys }] of Object.entries(BACKEND.variants)) {
      const names = openKeys(keys).filter((key) => key !== "type");
      const line = new RegExp(`// ${type}: ([^.]*)\\.`).exec(text)?.[1]?.replace(/\n *\/\/ /g, " ") ?? "";

      expect(line.replaceAll(" (needed)", "").split(", ")).toEqual(names);
      expect(names.filter((name) => !docs.has(`backend.${type}.${name}`))).toEqual([]);
    }
  });

  const parse = (jsonc: string): { readonly context: Record<string, unknown> } => {
    const { config, error } = ts.parseConfigFileTextToJson(EXAMPLE_FILE, jsonc) as {
      config: { context: Record<string, unknown> };
      error?: unknown;
    };
    expect(error).toBeUndefined();
    return config;
  };

  it("synthesizes as it is", () => {
    const { context } = parse(text);

    expect(accepts(context)).toBe(true);
    expect(() => createApp(context, mkdtempSync(join(tmpdir(), "example-"))).synth()).not.toThrow();
  });

  it.each(OFF)("is right about %s, which is off there", (path) => {
    const key = path.split(".").at(-1)!;
    // Alone, with what it excludes left out, it is what the checks take.
    const given = parse(text.replace(new RegExp(`// ("${key}": )`), "$1"));

    expect(JSON.stringify(given)).toContain(`"${key}":`);
    const lines = ((): string[] => {
      try {
        checkContext(given.context);
        return [];
      } catch (error) {
        return (error as Error).message.split("\n");
      }
    })();
    expect(lines.filter((one) => !/exclude each other|is for a GitHub App/.test(one))).toEqual([]);
  });
});
