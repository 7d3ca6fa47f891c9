import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { audit } from "../../../scripts/audit/audit";
import { parseInput, WANTED } from "../../../scripts/audit/read-input";
import { InputError, readText } from "../../../scripts/read-file";
import { NOW } from "./document";

describe("an input that cannot be audited", () => {
  it.each([
    ["", "x.json is not JSON"],
    ["PK\u0003\u0004", "x.json is not JSON"],
    ["[]", "neither a stack nor a plan"],
    ["{}", "neither a stack nor a plan"],
    ['{"resource":{}}', "holds no resources"],
    ['{"format_version":"1.0","values":{}}', "is a state, and not a plan"],
    ['{"format_version":"1.2"}', "is a plan without resources"],
    ['{"format_version":"1.2","resource_changes":[]}', "holds no resources"],
    ['{"format_version":"1.2","errored":true,"resource_changes":[{}]}', "a plan that failed"],
    ['{"format_version":"1.2","complete":false,"resource_changes":[{}]}', "a plan of a part only"],
    ['{"format_version":"1.2","resource_changes":[{"mode":"managed","change":{}}]}', "holds no resources"],
  ])("%j is refused in words that tell what to give", (text, words) => {
    const parse = (): unknown => parseInput(text, "x.json");

    expect(parse).toThrow(InputError);
    expect(parse).toThrow(words);
    expect(parse).toThrow("terraform show -json plan.bin");
  });

  it.each(["2.0", "10.1", 2, null])("is of the format version %j, which nobody knows", (format_version) => {
    const text = JSON.stringify({ format_version, resource_changes: [{}] });

    expect(() => parseInput(text, "x.json")).toThrow(InputError);
    expect(() => parseInput(text, "x.json")).toThrow("only 0 and 1 are known here");
  });

  it("is a file that is not there, or a folder", async () => {
    const folder = mkdtempSync(join(tmpdir(), "audit-"));

    const read = (path: string) => readText(path, WANTED, { input: () => "" });

    await expect(read(join(folder, "nothing.json"))).rejects.toThrow(/There is no file .*nothing\.json/);
    await expect(read(folder)).rejects.toThrow(/is a folder/);
  });

  it("is a stack without an installation", () => {
    const text = JSON.stringify({ resource: { aws_s3_bucket: { a: { bucket: "a" } } } });

    expect(() => audit(parseInput(text, "x"), { now: NOW })).toThrow(/None of the 1 resources belongs/);
  });
});

describe("a plan", () => {
  const read = (changes: unknown[], resources: unknown[] = []) =>
    parseInput(
      JSON.stringify({
        format_version: "1.2",
        resource_changes: changes,
        configuration: {
          root_module: {
            resources,
            module_calls: { inner: { module: { resources } } },
          },
        },
      }),
      "plan.json",
    );

  const queue = { type: "aws_sqs_queue", mode: "managed" };

  it("is read as it will stand: without what it destroys, and without data sources", () => {
    const { resources } = read([
      { ...queue, address: "aws_sqs_queue.a", change: { after: { name: "a" } } },
      { ...queue, address: "aws_sqs_queue.b", change: { after: null } },
      { ...queue, address: "data.aws_sqs_queue.c", mode: "data", change: { after: { name: "c" } } },
    ]);

    expect(resources).toEqual([
      {
        address: "aws_sqs_queue.a",
        type: "aws_sqs_queue",
        attributes: { name: "a" },
        unknown: new Set(),
        written: {},
      },
    ]);
  });

  it("gives references for what is known later, within modules and counted resources too", () => {
    const written = {
      address: "aws_sqs_queue_policy.p",
      expressions: { queue_url: { references: ["aws_sqs_queue.a.id", "aws_sqs_queue.a"] } },
    };
    const change = { after: {}, after_unknown: { queue_url: true } };

    const { resources } = read(
      [
        { ...queue, address: "aws_sqs_queue_policy.p", change },
        { ...queue, address: "module.inner.aws_sqs_queue_policy.p[0]", change },
      ],
      [written],
    );

    expect(resources.map(({ attributes }) => attributes.queue_url)).toEqual([
      "${aws_sqs_queue.a.id}",
      "${module.inner.aws_sqs_queue.a.id}",
    ]);
    expect(resources[0]!.unknown).toEqual(new Set(["queue_url"]));
  });

  it("may begin with a byte order mark", async () => {
    const json = '\uFEFF{"resource":{"aws_sqs_queue":{"//":"comment","a":{"name":"a","//":{}}}}}';
    const text = await readText("-", WANTED, { input: () => json });

    expect(parseInput(text, "x").resources.map(({ attributes }) => attributes)).toEqual([{ name: "a" }]);
  });
});

const STACK = JSON.stringify({ resource: { aws_sqs_queue: { a: { name: "ünï-\u{1F600}" } } } });

describe("a file as a shell on the way wrote it", () => {
  const swapped = Buffer.from(STACK, "utf16le").swap16();

  it.each<[string, Buffer]>([
    ["UTF-8", Buffer.from(STACK)],
    ["UTF-8 with a byte order mark", Buffer.from(`\uFEFF${STACK}`)],
    ["UTF-16 of PowerShell 5.1", Buffer.from(`\uFEFF${STACK}`, "utf16le")],
    ["UTF-16 without a byte order mark", Buffer.from(STACK, "utf16le")],
    ["UTF-16, big end first", Buffer.concat([Buffer.from([0xfe, 0xff]), swapped])],
    ["UTF-16, big end first, without a byte order mark", swapped],
  ])("is read: %s", async (_, bytes) => {
    const path = join(mkdtempSync(join(tmpdir(), "audit-")), "plan.json");
    writeFileSync(path, bytes);

    expect(await readText(path, WANTED, { input: () => "" })).toBe(STACK);
    expect(await readText("-", WANTED, { input: () => Promise.resolve(bytes) })).toBe(STACK);
  });

  // https://github.com/hashicorp/setup-terraform/issues/85
  const wrapped = [
    "[command]/home/runner/work/_temp/6f3b/terraform-bin show -json plan.bin",
    STACK,
    "::debug::Terraform exited with code 0.",
    `::debug::stdout: ${STACK}%0A`,
    "::debug::stderr: ",
    "::debug::exitcode: 0",
    `::set-output name=stdout::${STACK}%0A`,
    "::set-output name=exitcode::0",
    "",
  ];

  it.each(["\n", "\r\n"])("is read without the lines of setup-terraform's wrapper, split by %j", (end) => {
    expect(parseInput(wrapped.join(end), "x")).toEqual(parseInput(STACK, "x"));
  });

  it("is read as it stands where it is JSON, whatever a text in it looks like", () => {
    const name = "a\u2028::debug::b";
    const text = `{"resource":{"aws_sqs_queue":{"a":{"name":"${name}"}}}}`;

    expect(parseInput(text, "x").resources.map(({ attributes }) => attributes.name)).toEqual([name]);
  });

  it("is not JSON where other lines stand around it", () => {
    expect(() => parseInput(`some words\n${STACK}`, "x.json")).toThrow("x.json is not JSON");
  });
});

describe("a synthesized stack", () => {
  it("may list its blocks, as Terraform's JSON form allows", () => {
    const text = '{"resource":[{"aws_sqs_queue":[{"a":[{"name":"a"}]}]}]}';

    expect(parseInput(text, "x").resources.map(({ address }) => address)).toEqual(["aws_sqs_queue.a"]);
  });
});
