import fs from "node:fs";
import { Fn } from "cdktf";
import { createHash } from "node:crypto";
import { BundledFunction } from "../../../constructs/functions/bundled-function";
import { mistakes, statements, synthesize, synthesizeToFolder } from "../../support/synth";
import type { BundledFunctionProps } from "../../../constructs/functions/bundled-function";

const props = (more: Partial<BundledFunctionProps> = {}): BundledFunctionProps => ({
  prefix: "acme-ci",
  bundle: "webhook",
  description: "Answers GitHub",
  settings: { queueUrl: Fn.upper("q") },
  timeoutSeconds: 10,
  memoryMb: 256,
  statements: [{ sid: "Send", actions: ["sqs:SendMessage"], resources: ["arn:q"] }],
  ...more,
});

const build = (more?: Partial<BundledFunctionProps>) =>
  synthesize((stack) => void new BundledFunction(stack, "F", props(more)));

describe("BundledFunction", () => {
  afterEach(() => jest.restoreAllMocks());

  it("makes a function with its role, policy, log group and alarm, and nothing else", () => {
    expect(build().counts()).toEqual({
      aws_cloudwatch_log_group: 1,
      aws_cloudwatch_metric_alarm: 1,
      aws_iam_role: 1,
      aws_iam_role_policy: 1,
      aws_lambda_function: 1,
    });
  });

  it("runs the bundle on arm64 with the given size", () => {
    expect(build().resource("aws_lambda_function")).toMatchObject({
      function_name: "acme-ci-webhook",
      architectures: ["arm64"],
      runtime: "nodejs22.x",
      handler: "index.handler",
      timeout: 10,
      memory_size: 256,
      role: expect.stringMatching(/^\$\{aws_iam_role\.F_Role_\w+\.arn\}$/) as string,
    });
  });

  it("reserves no concurrency unless asked to", () => {
    expect(build().resource("aws_lambda_function")).not.toHaveProperty("reserved_concurrent_executions");
    expect(build({ reservedConcurrency: 5 }).resource("aws_lambda_function")).toMatchObject({
      reserved_concurrent_executions: 5,
    });
  });

  it("hands the settings over as JSON in which references resolve", () => {
    const { environment } = build({ environment: { MORE: "1" } }).resource<{
      environment: { variables: Record<string, string> };
    }>("aws_lambda_function");

    expect(environment.variables).toEqual({
      SETTINGS: '{"queueUrl":"${upper("q")}"}',
      DNS_SUFFIX: expect.stringMatching(/^\$\{data\.aws_partition\.\w+\.dns_suffix\}$/) as string,
      MORE: "1",
    });
  });

  it("names the content of the zip by its hash", () => {
    const content = fs.readFileSync("lib/bundles/webhook.zip");

    expect(build().resource("aws_lambda_function")).toMatchObject({
      filename: expect.stringMatching(/^assets\/F_Code_\w+\/\w+\/webhook\.zip$/) as string,
      source_code_hash: createHash("sha256").update(content).digest("base64"),
    });
  });

  it("copies the zip into the output", () => {
    const folder = synthesizeToFolder((stack) => void new BundledFunction(stack, "F", props()));

    const copies = fs.readdirSync(folder, { recursive: true }).map(String);

    expect(copies).toContainEqual(expect.stringMatching(/webhook\.zip$/));
    fs.rmSync(folder, { recursive: true });
  });

  it("lets the role write its own log, do what is given, and nothing else", () => {
    const { policy } = build().resource("aws_iam_role_policy");

    expect(statements(policy)).toEqual({
      WriteLogs: {
        Sid: "WriteLogs",
        Effect: "Allow",
        Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
        Resource: [expect.stringMatching(/^\$\{aws_cloudwatch_log_group\.F_LogGroup_\w+\.arn\}:\*$/)],
      },
      Send: { Sid: "Send", Effect: "Allow", Action: ["sqs:SendMessage"], Resource: ["arn:q"] },
    });
  });

  it("makes the function after its policy and log group", () => {
    expect(build().resource("aws_lambda_function")).toMatchObject({
      depends_on: [
        expect.stringMatching(/^aws_iam_role_policy\./),
        expect.stringMatching(/^aws_cloudwatch_log_group\./),
      ],
    });
  });

  it("keeps logs for 30 days in a group that Terraform owns", () => {
    expect(build().resource("aws_cloudwatch_log_group")).toMatchObject({
      name: "/aws/lambda/acme-ci-webhook",
      retention_in_days: 30,
    });
  });

  it("alarms on the first error, and not on silence", () => {
    expect(build({ alarmActions: ["arn:topic"] }).resource("aws_cloudwatch_metric_alarm")).toMatchObject({
      alarm_name: "acme-ci-webhook-errors",
      namespace: "AWS/Lambda",
      metric_name: "Errors",
      statistic: "Sum",
      comparison_operator: "GreaterThanThreshold",
      threshold: 0,
      treat_missing_data: "notBreaching",
      alarm_actions: ["arn:topic"],
    });
  });

  it("takes runtime, key, retention, boundary and tags from the team", () => {
    const synthesized = build({
      runtime: "nodejs24.x",
      kmsKeyArn: "arn:key",
      logRetentionDays: 365,
      permissionsBoundaryArn: "arn:boundary",
      tags: { team: "ci" },
    });

    expect(synthesized.resource("aws_lambda_function")).toMatchObject({ runtime: "nodejs24.x" });
    expect(synthesized.resource("aws_iam_role")).toMatchObject({ permissions_boundary: "arn:boundary" });
    expect(synthesized.resource("aws_cloudwatch_log_group")).toMatchObject({
      kms_key_id: "arn:key",
      retention_in_days: 365,
    });
    for (const type of Object.keys(synthesized.counts()).filter((name) => name !== "aws_iam_role_policy")) {
      expect(synthesized.resource(type)).toMatchObject({
        tags: { team: "ci", "ephemeral-runners:installation": "acme-ci" },
      });
    }
  });

  it("refuses settings beyond what Lambda takes, not counting references", () => {
    const reference = Fn.upper("q");
    const told = (length: number): string[] =>
      mistakes((stack) => {
        const settings = { reference, text: "x".repeat(length) };
        new BundledFunction(stack, "F", props({ settings }));
      });

    const frame = "SETTINGS".length + '{"reference":"","text":""}'.length;
    expect(told(4096 - frame)).toEqual([]);
    expect(told(4097 - frame)).toEqual([
      "The settings of this function take 4097 bytes, and Lambda allows 4096: shorten the lists (fleets, labels, repositories).",
    ]);
  });

  it.each<[Partial<BundledFunctionProps>, string]>([
    [
      { prefix: "Acme" },
      'prefix must be 1 to 20 characters of a-z, 0-9 and "-", beginning with a letter, and is "Acme".',
    ],
    [
      { prefix: "a".repeat(21) },
      `prefix must be 1 to 20 characters of a-z, 0-9 and "-", beginning with a letter, and is "${"a".repeat(21)}".`,
    ],
    [
      { runtime: "python3.12" },
      'runtime must be a Node.js runtime of Lambda, nodejs22.x or newer, and is "python3.12".',
    ],
  ])("refuses %j", (more, message) => {
    expect(mistakes((stack) => void new BundledFunction(stack, "F", props(more)))).toEqual([message]);
  });

  it("refuses days that CloudWatch Logs does not know", () => {
    expect(() =>
      mistakes((stack) => void new BundledFunction(stack, "F", props({ logRetentionDays: 31 }))),
    ).toThrow(
      "logRetentionDays must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653, and is 31.",
    );
  });

  it("says how to get a bundle that is missing", () => {
    const exists = fs.existsSync;
    jest.spyOn(fs, "existsSync").mockImplementation((path) => !String(path).endsWith(".zip") && exists(path));

    expect(() => build()).toThrow(/^The bundle .*webhook\.zip is missing: run "npm run build"\.$/);
  });

  it("stands twice in a stack", () => {
    const synthesized = synthesize((stack) => {
      new BundledFunction(stack, "A", props({ prefix: "a" }));
      new BundledFunction(stack, "B", props({ prefix: "b" }));
    });

    expect(Object.values(synthesized.resources("aws_lambda_function")).map((f) => f.function_name)).toEqual([
      "a-webhook",
      "b-webhook",
    ]);
  });
});
