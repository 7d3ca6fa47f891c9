import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mergePatch } from "../../../scripts/app/merge-patch";
import { CONFIG_VARIABLE, parseContext, readContext } from "../../../scripts/app/read-context";

const folder = mkdtempSync(join(tmpdir(), "context-"));
const below = join(folder, "a", "b");
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

beforeAll(() => {
  mkdirSync(below, { recursive: true });
  file(
    "cdktf.json",
    JSON.stringify({ context: { region: "eu-west-1", runners: { prefix: "a", tags: { t: "1" } } } }),
  );
});

describe("reading the context", () => {
  it("finds the cdktf.json above", () => {
    expect(readContext(below, {})).toEqual({
      context: { region: "eu-west-1", runners: { prefix: "a", tags: { t: "1" } } },
      source: "cdktf.json",
    });
  });

  it("takes what the CDKTF CLI hands over", () => {
    const { context } = readContext(below, { CDKTF_CONTEXT_JSON: '{ "region": "us-west-2" }' });

    expect(context).toEqual({ region: "us-west-2" });
  });

  it.each([
    [
      "a file",
      () => file("prod.json", '{ "$schema": "x", "region": "eu-north-1", "runners": { "prefix": "p" } }'),
    ],
    ["JSON itself", () => ' { "region": "eu-north-1", "runners": { "prefix": "p" } }'],
  ])("lays %s over it that the environment names", (_what, changes) => {
    expect(readContext(below, { [CONFIG_VARIABLE]: changes() })).toEqual({
      context: { region: "eu-north-1", runners: { prefix: "p", tags: { t: "1" } } },
      source: `cdktf.json with ${CONFIG_VARIABLE}`,
    });
  });

  it("takes an empty variable for none, as CI systems set it", () => {
    expect(readContext(below, { [CONFIG_VARIABLE]: "" }).source).toBe("cdktf.json");
  });

  it.each([
    [
      "there is no such file",
      () => "nowhere.json",
      /^EPHEMERAL_RUNNERS_CONFIG names the file nowhere\.json, which is not there: /,
    ],
    [
      "the file is no JSON",
      () => file("bad.json", "x"),
      /^EPHEMERAL_RUNNERS_CONFIG, .*bad\.json, is not JSON: /,
    ],
    ["the text is no JSON", () => "{ 1", /^EPHEMERAL_RUNNERS_CONFIG is not JSON: /],
    [
      "the file holds a list",
      () => file("list.json", "[]"),
      /^EPHEMERAL_RUNNERS_CONFIG, .*list\.json, must hold an object\.$/,
    ],
  ])("says by the variable's name that %s", (_what, changes, wording) => {
    expect(() => readContext(below, { [CONFIG_VARIABLE]: changes() })).toThrow(wording);
  });

  it.each([
    ['{\n  "context": {\n    "region": "x",\n  }\n}', "line 4, column 3"],
    ['{\n  // mine\n  "context": {}\n}', "line 2, column 3"],
  ])("says where %j is no JSON", (text, place) => {
    expect(() => parseContext(text, "cdktf.json")).toThrow(
      `(${place}). It takes no comments, and no comma behind the last element.`,
    );
  });

  it("says what stands beside the context, and belongs into it", () => {
    expect(() => parseContext('{ "app": "x", "runners": {}, "region": "x" }', "cdktf.json")).toThrow(
      "cdktf.json: what stands beside context belongs into it: region, runners.",
    );
  });

  it("says that there is no cdktf.json", () => {
    expect(() => readContext("/nowhere", {})).toThrow(/^There is no cdktf\.json: run this in the project\.$/);
  });
});

describe("a merge patch", () => {
  // https://www.rfc-editor.org/rfc/rfc7396#appendix-A
  it.each([
    [{ a: "b" }, { a: "c" }, { a: "c" }],
    [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
    [{ a: "b" }, { a: null }, {}],
    [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
    [{ a: ["b"] }, { a: "c" }, { a: "c" }],
    [{ a: "c" }, { a: ["b"] }, { a: ["b"] }],
    [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
    [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
    [
      ["a", "b"],
      ["c", "d"],
      ["c", "d"],
    ],
    [{ a: "b" }, ["c"], ["c"]],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: "b", c: null }, { a: "b" }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])("turns %j with %j into %j", (target, patch, merged) => {
    expect(mergePatch(target, patch)).toEqual(merged);
  });

  it("cannot reach a prototype", () => {
    mergePatch({}, JSON.parse('{ "__proto__": { "polluted": true } }'));

    expect({}).not.toHaveProperty("polluted");
  });
});

describe("the text of cdktf.json", () => {
  it("gives its context, or none", () => {
    expect(parseContext('{ "context": { "region": "a" } }', "cdktf.json")).toEqual({ region: "a" });
    expect(parseContext("{}", "cdktf.json")).toEqual({});
  });

  it.each([
    ['{ "context": ', /^\/acme\/cdktf\.json is not JSON: /],
    ["[]", /^\/acme\/cdktf\.json must hold an object\.$/],
    ['{ "context": 1 }', /^\/acme\/cdktf\.json: context must be an object, and is 1\.$/],
  ])("is refused with the file's name: %s", (text, wording) => {
    expect(() => parseContext(text, "/acme/cdktf.json")).toThrow(wording);
  });
});
