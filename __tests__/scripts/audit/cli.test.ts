import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { wantsColor } from "../../../scripts/cli";
import { run } from "../run-program";
import { synthesizeApp } from "./document";
import type { Log } from "sarif";
import type { Values } from "./document";

const folder = mkdtempSync(join(tmpdir(), "audit-"));
const good = join(folder, "good.tf.json");
const bad = join(folder, "bad.tf.json");
const app = synthesizeApp();
writeFileSync(good, app.text());
app.block(app.template(), "metadata_options").http_tokens = "optional";
writeFileSync(bad, app.text());

const DATE = ["--now", "2026-06-20"];

interface Json {
  readonly score: number;
  readonly of: number;
  readonly input: string;
  readonly controls: readonly { readonly id: number; readonly result: string; readonly where: string }[];
  readonly installations: readonly { readonly resources: readonly { readonly why: string }[] }[];
}

describe("ephemeral-runners audit", () => {
  it("ends with 0 when every visible control passes, and with 1 when one fails", async () => {
    expect((await run(["audit", good, ...DATE])).code).toBe(0);
    expect((await run(["audit", bad, ...DATE])).code).toBe(1);
  });

  it.each([
    ["25", 0],
    ["26", 1],
    ["0", 0],
    ["96%", 0],
    ["97%", 1],
  ])("with the threshold %s and 25 of 26 ends with %d", async (threshold, code) => {
    expect((await run(["audit", bad, ...DATE, "--threshold", threshold])).code).toBe(code);
  });

  it.each([
    [["audit"], "missing required argument"],
    [["audit", good, "--threshold", "101%"], "a number such as 20"],
    [["audit", good, "--threshold", "many"], "a number such as 20"],
    [["audit", good, "--now", "yesterday"], "a date such as"],
    [["audit", good, "--nonsense"], "unknown option"],
    [["audit", join(folder, "nothing.json")], "There is no file"],
    [["audit", good, "--sarif", join(folder, "no", "folder.sarif")], "cannot be written (ENOENT)"],
    [["adit"], "Did you mean audit?"],
    [[], "Usage: ephemeral-runners"],
  ])("%j ends with 2, and says what is wrong", async (words, text) => {
    const { code, error, out } = await run(words);

    expect(code).toBe(2);
    expect(error).toContain(text);
    expect(out).toBe("");
  });

  it("documents its exit codes", async () => {
    const { code, out } = await run(["audit", "--help"]);

    expect(code).toBe(0);
    expect(out).toMatch(/Exit codes:\n +0 .*\n +1 .*\n +2 .*\n +70 /);
  });

  it("writes one object with --json: score, of, and each control with its result and place", async () => {
    const { out, code } = await run(["audit", bad, ...DATE, "--json"]);

    const json = JSON.parse(out) as Json;

    expect(code).toBe(1);
    expect(json).toMatchObject({ score: 25, of: 26, input: "stack" });
    expect(json.controls).toHaveLength(35);
    expect(json.controls[7]).toMatchObject({
      id: 8,
      result: "fail",
      where: expect.stringMatching(/^aws_launch_template\..*\.metadata_options\.http_tokens$/) as string,
    });
    expect(json.controls.filter(({ result }) => result === "not visible here")).toHaveLength(9);
    expect(json.installations[0]!.resources.every(({ why }) => why !== "")).toBe(true);
  });

  it("tells a person what fails, where, and what to do", async () => {
    const { out } = await run(["audit", bad, ...DATE]);

    expect(out).toMatch(
      / {3}8 {2}FAIL {2}IMDSv2 required\n +aws_launch_template\..*http_tokens\n +IMDSv1 .*required/,
    );
    expect(out).toContain("25 of 26 visible controls pass, 9 of 35 are not visible here.");
    expect(out).toMatch(/22 {2}- {5}HMAC.*\n.*proven by __tests__\/functions\/webhook/);
    expect(out).not.toContain("\u001b");
  });

  it("colours its table where colours are wanted", async () => {
    expect((await run(["audit", bad, ...DATE], { color: true })).out).toContain("\u001b[31mFAIL\u001b[39m");
  });

  it.each([
    [{}, true, true],
    [{ NO_COLOR: "" }, true, true],
    [{ NO_COLOR: "1" }, true, false],
    [{}, false, false],
  ])("with the environment %j, on a terminal: %s, wants colours: %s", (environment, isTerminal, wanted) => {
    expect(wantsColor(environment, isTerminal)).toBe(wanted);
  });

  it("lists with --resources what it took for the installation, and why", async () => {
    const { out } = await run(["audit", good, ...DATE, "--resources"]);

    expect(out).toMatch(/aws_launch_template\.\S+ {2}\(tagged ephemeral-runners:installation\)/);
    expect(out).toMatch(/aws_iam_role_policy\.\S+ {2}\(attached to aws_iam_role\.\S+\)/);
  });
});

describe("the SARIF report", () => {
  const report = async (): Promise<Log> => {
    const path = join(folder, "audit.sarif");
    await run(["audit", bad, ...DATE, "--sarif", path]);
    return JSON.parse(readFileSync(path, "utf8")) as Log;
  };

  /** https://docs.oasis-open.org/sarif/sarif/v2.1.0/: what an object must have, and of which values. */
  it("has what SARIF 2.1.0 requires", async () => {
    const { version, $schema, runs } = await report();

    expect(version).toBe("2.1.0");
    expect($schema).toMatch(/sarif-schema-2\.1\.0\.json$/);
    expect(runs).toHaveLength(1);
    const [{ tool, results = [] }] = runs as [Log["runs"][number]];
    expect(tool.driver).toMatchObject({ name: "ephemeral-runners audit", semanticVersion: "1.2.3" });
    const ids = (tool.driver.rules ?? []).map(({ id }) => id);
    expect(new Set(ids).size).toBe(35);
    for (const { ruleId, ruleIndex, message, level } of results) {
      expect(ids[ruleIndex ?? -1]).toBe(ruleId);
      expect(message.text).not.toBe("");
      expect(["none", "note", "warning", "error"]).toContain(level);
    }
  });

  it("has no message that a reader takes for a placeholder or a link", async () => {
    const copy = synthesizeApp();
    copy.allow("launch", "ec2:CreateFleet").on("${aws_subnet.a[0].arn}*");
    (copy.template().tag_specifications as Values[])[0]!.tags = { token: "It's a Secret to Everybody" };
    const [input, path] = [join(folder, "braces.tf.json"), join(folder, "braces.sarif")];
    writeFileSync(input, copy.text());
    await run(["audit", input, ...DATE, "--sarif", path]);

    const { runs } = JSON.parse(readFileSync(path, "utf8")) as Log;

    const texts = runs[0]!.results!.map(({ message }) => message.text!);
    expect(texts).toContainEqual(expect.stringContaining("allows launches with aws_subnet.a.0.arn*"));
    expect(texts).toContainEqual(expect.stringContaining("tag_specifications.0.tags.token"));
    expect(texts.filter((text) => /[{}[\]]/.test(text))).toEqual([]);
  });

  it("holds each failure, at the line where its resource begins", async () => {
    const [{ results = [] }] = (await report()).runs as [Log["runs"][number]];

    expect(results.map(({ ruleId }) => ruleId)).toEqual(["control-08"]);
    const { physicalLocation, logicalLocations } = results[0]!.locations![0]!;
    const line = readFileSync(bad, "utf8").split("\n")[physicalLocation!.region!.startLine! - 1]!;
    expect(line).toMatch(/^\s+"Runners_Launcher_Template-linux-x64_LaunchTemplate_\w+": \{$/);
    expect(logicalLocations![0]!.fullyQualifiedName).toMatch(/metadata_options\.http_tokens$/);
    expect(physicalLocation!.artifactLocation!.uri).not.toContain("\\");
    expect(results[0]!.partialFingerprints).toEqual({
      "controlAndAttribute/v1": expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    });
  });

  it("gives a failure the same fingerprint wherever it stands in the file", async () => {
    const fingerprints = async (): Promise<unknown> =>
      (await report()).runs[0]!.results?.map(({ partialFingerprints }) => partialFingerprints);
    const before = await fingerprints();

    writeFileSync(bad, `\n\n${readFileSync(bad, "utf8")}`);

    expect(await fingerprints()).toEqual(before);
  });
});
