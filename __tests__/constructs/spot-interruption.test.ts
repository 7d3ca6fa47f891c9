import { GithubConnection } from "../../constructs/github-connection";
import { RunnerLauncher } from "../../constructs/runner-launcher";
import { SpotInterruption } from "../../constructs/spot-interruption";
import { INTERRUPTION, REBALANCE } from "../../functions/interruption/interruption";
import { principalOf, statements, synthesize, type Attributes } from "../support/synth";

const build = (kmsKeyArn?: string) =>
  synthesize((stack) => {
    const common = { prefix: "acme", kmsKeyArn };
    const launcher = new RunnerLauncher(stack, "L", {
      ...common,
      fleets: [{ name: "linux", labels: ["linux"] }],
      network: { subnetIds: ["subnet-1"], securityGroupIds: ["sg-1"] },
      queue: { arn: "arn:queue", url: "https://sqs/queue" },
      github: GithubConnection.app({ org: "acme", appId: "123", privateKeyParameter: "/acme/key" }),
      rotateFunction: { arn: "arn:rotate", functionName: "rotate" },
      runnerGroup: { id: "7", name: "ephemeral" },
    });
    new SpotInterruption(stack, "I", { ...common, launcher });
  });

const named = (type: string, key: string, kmsKeyArn?: string): Attributes | undefined =>
  Object.values(build(kmsKeyArn).resources(type)).find((one) => one[key] === "acme-interruption");

describe("SpotInterruption", () => {
  it("hears what EC2 says of spot instances: what the function knows, and nothing else", () => {
    const rule = build().resource("aws_cloudwatch_event_rule");

    expect(JSON.parse(String(rule.event_pattern))).toEqual({
      source: ["aws.ec2"],
      "detail-type": [INTERRUPTION, REBALANCE],
    });
  });

  it("lets its own rule invoke the function, and nobody else", () => {
    const stack = build();

    expect(stack.resource("aws_cloudwatch_event_target").arn).toMatch(
      /^\$\{aws_lambda_function\.I_\w+\.arn\}$/,
    );
    expect(stack.resource("aws_lambda_permission")).toMatchObject({
      principal: principalOf("events"),
      function_name: expect.stringMatching(/^\$\{aws_lambda_function\.I_\w+\.function_name\}$/) as string,
      source_arn: expect.stringMatching(/^\$\{aws_cloudwatch_event_rule\.I_\w+\.arn\}$/) as string,
    });
  });

  it("tells the function where ledger and queue are, and the fleets", () => {
    const { environment } = named("aws_lambda_function", "function_name") as {
      environment: { variables: { SETTINGS: string } };
    };

    expect(JSON.parse(environment.variables.SETTINGS)).toEqual({
      installation: "acme",
      ledgerTable: expect.stringMatching(/^\$\{aws_dynamodb_table\.L_Tables_Ledger_\w+\.name\}$/) as string,
      queueUrl: "https://sqs/queue",
      fleets: ["linux"],
    });
  });

  it("rings an alarm when the function fails", () => {
    const alarms = Object.values(build().resources("aws_cloudwatch_metric_alarm"));

    expect(alarms.map(({ alarm_name }) => alarm_name)).toContain("acme-interruption-errors");
  });

  it("may find and mark machines and send wake-ups, and nothing else", () => {
    const { WriteLogs, ...rest } = statements(named("aws_iam_role_policy", "name")?.policy);

    expect(WriteLogs).toBeDefined();
    expect(Object.values(rest).map(({ Action, Resource }) => [Action, Resource])).toEqual([
      [
        ["dynamodb:BatchGetItem", "dynamodb:UpdateItem"],
        [expect.stringMatching(/^\$\{aws_dynamodb_table\.L_Tables_Ledger_\w+\.arn\}$/)],
      ],
      [["sqs:SendMessage"], ["arn:queue"]],
    ]);
  });

  it("uses the team's key for the ledger and for the queue only", () => {
    const key = "arn:aws:kms:eu-west-1:111122223333:key/team";

    const all = Object.values(statements(named("aws_iam_role_policy", "name", key)?.policy));

    const withKey = all.filter(({ Resource }) => Resource.includes(key));
    expect(withKey.map(({ Sid, Action }) => [Sid, Action])).toEqual([
      ["UseLedgerKey", ["kms:Decrypt"]],
      ["UseQueueKey", ["kms:GenerateDataKey", "kms:Decrypt"]],
    ]);
    expect(withKey.map(({ Condition }) => String(Condition?.StringLike?.["kms:ViaService"]))).toEqual([
      expect.stringMatching(/^dynamodb\./),
      expect.stringMatching(/^sqs\./),
    ]);
  });
});
