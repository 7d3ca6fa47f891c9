import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseInput } from "../../../scripts/audit/read-input";
import { estimate } from "../../../scripts/cost/estimate";
import { machineHour, PRICES } from "../../../scripts/cost/prices";
import { DEFAULT_INSTANCE_TYPES } from "../../../constructs/instance-types";
import { synthesizeApp } from "../audit/document";
import { run } from "../run-program";
import type { Estimate } from "../../../scripts/cost/estimate";

const app = synthesizeApp();
const estimated = estimate(parseInput(app.text(), "cdk.tf.json"));

const stack = (resource: Record<string, Record<string, unknown>>): Estimate =>
  estimate(parseInput(JSON.stringify({ resource }), "cdk.tf.json"));

const market = (name: string) => estimated.fleets[0]!.markets.find((one) => one.market === name)!;

describe("the estimate of the reference app", () => {
  it("counts what stands idle", () => {
    expect(estimated.idle.map(({ what, count, month }) => [what, count, month.toFixed(3)])).toEqual([
      ["alarms", 11, "1.100"],
      // 15 long polls a minute, at 0.40 USD a million.
      ["polling of an empty queue", 1, "0.263"],
      // 21,900 runs of 0.5 GB and 1,460 of 0.25 GB, a second each.
      ["functions on a schedule", 2, "0.156"],
    ]);
  });

  it("counts machine, disk and address of 1,000 jobs", () => {
    const hours = (1_000 * 11.5) / 60;
    const beside = hours * (0.005 + (30 * 0.08) / 730);

    expect(market("on-demand").cheapest).toBeCloseTo(hours * 0.086 + beside);
    expect(market("on-demand").expected).toBe(market("on-demand").cheapest);
    expect(market("spot").dearest).toBeCloseTo(hours * 0.11592 * 0.38 + beside);
    expect(market("spot").expected).toBeCloseTo(8.63, 2);
  });

  /** README rounds, and says "about". */
  it("agrees with the README's table", () => {
    const readme = readFileSync(resolve(__dirname, "../../../README.md"), "utf8");
    const row = (name: string): readonly number[] => {
      const line = readme.split("\n").find((one) => one.startsWith(`| ${name}`))!;
      return [...line.matchAll(/about ([\d.]+) USD/g)].map(([, amount]) => Number(amount));
    };
    const [idle, spot] = row("this library, spot") as [number, number];
    const [, onDemand] = row("this library, on-demand") as [number, number];

    expect(Math.abs(idle - estimated.idleMonth)).toBeLessThan(0.6);
    expect(Math.round(market("spot").expected)).toBe(spot);
    expect(onDemand).toBeGreaterThanOrEqual(Math.floor(market("on-demand").cheapest));
    expect(onDemand).toBeLessThanOrEqual(Math.ceil(market("on-demand").dearest));
    expect(readme).toContain("Idle is eleven CloudWatch alarms (1.10 USD)");
  });
});

describe("what stands idle", () => {
  it.each<[string, Record<string, Record<string, unknown>>, number]>([
    [
      "a NAT gateway and its address",
      { aws_nat_gateway: { a: {} }, aws_eip: { a: {} } },
      730 * (0.045 + 0.005),
    ],
    ["a key", { aws_kms_key: { a: {} } }, 1],
    [
      "an interface endpoint in two subnets",
      { aws_vpc_endpoint: { a: { vpc_endpoint_type: "Interface", subnet_ids: ["a", "b"] } } },
      14.6,
    ],
    ["a gateway endpoint", { aws_vpc_endpoint: { a: { vpc_endpoint_type: "Gateway" } } }, 0],
    [
      "an alarm on two metrics",
      {
        aws_cloudwatch_metric_alarm: {
          a: {
            metric_query: [
              { metric: {} },
              { metric: [{ x: 1 }] },
              { metric: [{ x: 1 }] },
              { expression: "a/b" },
            ],
          },
        },
      },
      0.3,
    ],
    [
      "a provisioned table",
      { aws_dynamodb_table: { a: { billing_mode: "PROVISIONED", read_capacity: 5, write_capacity: 5 } } },
      730 * 5 * 0.00078,
    ],
    ["a machine that always runs", { aws_instance: { a: { instance_type: "m7i.large" } } }, 730 * 0.1008],
  ])("%s costs", (_, resources, month) => {
    expect(stack(resources).idleMonth).toBeCloseTo(month);
  });
});

describe("two installations in one stack", () => {
  /** An installation of the least: an alarm and a fleet. */
  const parts = (prefix: string, alarms: number) => {
    const tags = { "ephemeral-runners:installation": prefix };
    const settings = { launchTemplateId: "lt", instanceTypes: ["m7i.large"], markets: ["spot"] };
    return {
      alarms: Object.fromEntries(
        Array.from({ length: alarms }, (_, index) => [`${prefix}${index}`, { tags }]),
      ),
      fleet: { [prefix]: { tags, name: `/${prefix}/fleets/x64`, insecure_value: JSON.stringify(settings) } },
    };
  };
  const [ci, test] = [parts("ci", 3), parts("test", 1)];
  const resource = {
    aws_cloudwatch_metric_alarm: { ...ci.alarms, ...test.alarms },
    aws_ssm_parameter: { ...ci.fleet, ...test.fleet },
    aws_kms_key: { shared: {} },
  };

  it("are told apart, in what stands idle as in what jobs cost", async () => {
    const { out } = await run(["cost", "-"], { input: () => JSON.stringify({ resource }) });

    expect(out.match(/^ {2}\S.*USD/gm)).toEqual([
      expect.stringMatching(/^ {2}keys of KMS +1\.00 USD/),
      expect.stringMatching(/^ {2}ci: 3 alarms +0\.30 USD/),
      expect.stringMatching(/^ {2}test: alarms +0\.10 USD/),
      expect.stringMatching(/^ {2}all of it +1\.40 USD/),
      expect.stringMatching(/^ {2}ci\/x64, spot +\S+ USD/),
      expect.stringMatching(/^ {2}test\/x64, spot +\S+ USD/),
    ]);
  });

  it("are told apart in JSON", () => {
    const { idle, fleets } = stack(resource);

    expect(idle.map(({ installation, what, count }) => [installation, what, count])).toEqual([
      [undefined, "keys of KMS", 1],
      ["ci", "alarms", 3],
      ["test", "alarms", 1],
    ]);
    expect(fleets.map(({ installation, fleet }) => [installation, fleet])).toEqual([
      ["ci", "x64"],
      ["test", "x64"],
    ]);
  });
});

describe("the table of prices", () => {
  it("knows every default instance type", () => {
    for (const type of Object.values(DEFAULT_INSTANCE_TYPES).flat())
      expect(machineHour(type)).toBeGreaterThan(0);
  });

  it.each([
    ["m7i.large", 0.1008],
    ["m7i.xlarge", 0.2016],
    ["m7i.4xlarge", 0.8064],
    ["c7g.medium", 0.03625],
    ["zz9.large", undefined],
    ["m7i.metal", undefined],
  ])("%s costs %s an hour", (type, price) => {
    expect(machineHour(type)).toEqual(price === undefined ? undefined : expect.closeTo(price));
  });

  it("names a source for every price, and a day", () => {
    const described = [
      "region",
      "currency",
      "date",
      "note",
      "sources",
      "hoursAMonth",
      "assumptions",
      "largeHour",
    ];
    const prices = Object.keys(PRICES).filter((name) => !described.includes(name));

    expect(Object.keys(PRICES.sources)).toEqual(expect.arrayContaining(prices));
    expect(PRICES.date).toMatch(/^\d{4}-\d\d-\d\d$/);
  });
});

describe("ephemeral-runners cost", () => {
  const input = () => app.text();

  it("writes a table", async () => {
    const { code, out } = await run(["cost", "-"], { input });

    expect(code).toBe(0);
    expect(out).toMatch(/^cost of -\n/);
    expect(out).toMatch(/^ {2}11 alarms +1\.10 USD$/m);
    expect(out).toMatch(/^ {2}linux-x64, spot +8\.63 USD {2}7\.85 to 10\.03, by instance type$/m);
    expect(out).toContain("List prices of us-east-1");
    expect(out).not.toContain("\u001b");
  });

  it("writes one object with --json", async () => {
    const json = JSON.parse((await run(["cost", "-", "--json"], { input })).out) as Estimate;

    expect(json).toEqual(JSON.parse(JSON.stringify(estimated)));
  });

  it("says for which types it knows no price, and where prices differ", async () => {
    const copy = app.copy();
    copy.fleet((settings) => (settings.instanceTypes = ["zz9.large"]));
    copy.one("aws_sqs_queue", ({ name }) => name === "runners-jobs").arn =
      "arn:aws:sqs:eu-west-1:1:runners-jobs";

    const { out } = await run(["cost", "-"], { input: () => copy.text() });

    expect(out).toContain("linux-x64: no price is known for zz9.large");
    expect(out).toContain("\nThis stack stands in eu-west-1, and these are the prices of us-east-1: ");
  });

  // Nothing in a synthesized stack has an ARN yet: only the provider tells where it will stand.
  it.each<[string, unknown, readonly string[]]>([
    ["one provider", [{ region: "eu-central-1" }], ["eu-central-1"]],
    ["one provider that is no list", { region: "eu-central-1" }, ["eu-central-1"]],
    ["two providers", [{ region: "us-east-1" }, { alias: "x", region: "ap-south-1" }], ["ap-south-1"]],
    ["the region of the prices", [{ region: "us-east-1" }], []],
    ["a region that is a variable", [{ region: "${var.region}" }], []],
    ["a region of the environment", [{}], []],
  ])("knows the region of a synthesized stack by %s", (_, aws, others) => {
    const resource = { aws_sqs_queue: { a: {} } };

    expect(estimate(parseInput(JSON.stringify({ provider: { aws }, resource }), "x")).otherRegions).toEqual(
      others,
    );
  });

  it("knows the region of a plan by its provider", () => {
    const plan = {
      format_version: "1.2",
      resource_changes: [
        { address: "aws_sqs_queue.a", type: "aws_sqs_queue", mode: "managed", change: { after: {} } },
      ],
      configuration: {
        provider_config: {
          aws: { name: "aws", expressions: { region: { constant_value: "eu-central-1" } } },
          github: { name: "github", expressions: { region: { constant_value: "nowhere" } } },
        },
      },
    };

    expect(estimate(parseInput(JSON.stringify(plan), "x")).otherRegions).toEqual(["eu-central-1"]);
  });

  it("writes no digits that only binary fractions have", async () => {
    const { out } = await run(["cost", "-", "--json"], { input });

    // Eleven alarms at 0.1 come to 1.0999999999999999.
    expect(out).toContain('"month": 1.1\n');
    expect(out).not.toMatch(/\d\.\d{7,}/);
  });

  it("says where fleets are not visible", async () => {
    const text = async (name: string, values: object): Promise<string> =>
      (await run(["cost", "-"], { input: () => JSON.stringify({ resource: { [name]: { a: values } } }) }))
        .out;

    expect(await text("aws_sqs_queue", {})).toContain("  no fleet is visible here\n");
  });

  it("ends with 2 for what is neither a stack nor a plan", async () => {
    expect((await run(["cost", join(__dirname, "nothing.json")])).code).toBe(2);
  });
});
