import { JobQueue } from "../../constructs/job-queue";
import { mistakes, statements, synthesize, type Attributes } from "../support/synth";
import type { JobQueueProps } from "../../constructs/job-queue";

const build = (more: Partial<JobQueueProps> = {}) =>
  synthesize((stack) => void new JobQueue(stack, "Q", { prefix: "acme", ...more }));

const named = (synthesized: ReturnType<typeof build>, type: string, name: string): Attributes => {
  const found = Object.values(synthesized.resources(type)).find((resource) => resource.name === name);
  if (!found) throw new Error(`No ${type} has the name ${name}.`);
  return found;
};

const alarm = (synthesized: ReturnType<typeof build>, name: string): Attributes | undefined =>
  Object.values(synthesized.resources("aws_cloudwatch_metric_alarm")).find((one) => one.alarm_name === name);

describe("JobQueue", () => {
  it("makes two queues, a policy for each, who may redrive, and two alarms", () => {
    expect(build().counts()).toEqual({
      aws_sqs_queue: 2,
      aws_sqs_queue_policy: 2,
      aws_sqs_queue_redrive_allow_policy: 1,
      aws_cloudwatch_metric_alarm: 2,
    });
  });

  it("hides a message for 6 times the consumer's time-out", () => {
    expect(named(build(), "aws_sqs_queue", "acme-jobs")).toMatchObject({ visibility_timeout_seconds: 360 });
    expect(named(build({ consumerTimeoutSeconds: 900 }), "aws_sqs_queue", "acme-jobs")).toMatchObject({
      visibility_timeout_seconds: 5400,
    });
  });

  it("sends a message to the dead-letter queue after 5 tries, and keeps it there for 14 days", () => {
    const synthesized = build();

    const { redrive_policy: redrive } = named(synthesized, "aws_sqs_queue", "acme-jobs");
    expect(JSON.parse(String(redrive))).toEqual({
      deadLetterTargetArn: expect.stringMatching(
        /^\$\{aws_sqs_queue\.Q_DeadLetterQueue_\w+\.arn\}$/,
      ) as string,
      maxReceiveCount: 5,
    });
    expect(named(synthesized, "aws_sqs_queue", "acme-jobs-dead")).toMatchObject({
      message_retention_seconds: 14 * 24 * 60 * 60,
    });
  });

  it("lets only the jobs queue use the dead-letter queue", () => {
    const { redrive_allow_policy: policy, queue_url: url } = build().resource(
      "aws_sqs_queue_redrive_allow_policy",
    );

    expect(url).toMatch(/Q_DeadLetterQueue/);
    expect(JSON.parse(String(policy))).toEqual({
      redrivePermission: "byQueue",
      sourceQueueArns: [expect.stringMatching(/^\$\{aws_sqs_queue\.Q_Queue_\w+\.arn\}$/)],
    });
  });

  it("refuses plain HTTP at both queues, and allows nobody anything", () => {
    const policies = Object.values(build().resources("aws_sqs_queue_policy"));

    expect(policies.map(({ queue_url: url }) => String(url).replace(/_\w{8}\.id/, ""))).toEqual([
      "${aws_sqs_queue.Q_DeadLetterQueue}",
      "${aws_sqs_queue.Q_Queue}",
    ]);
    for (const { policy } of policies) {
      expect(statements(policy)).toEqual({
        RefusePlainHttp: {
          Sid: "RefusePlainHttp",
          Effect: "Deny",
          Principal: "*",
          Action: ["sqs:*"],
          Resource: [expect.stringMatching(/^\$\{aws_sqs_queue\.\w+\.arn\}$/)],
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        },
      });
    }
  });

  it("encrypts both queues, with SQS's own key or the team's", () => {
    const own = Object.values(build().resources("aws_sqs_queue"));
    const given = Object.values(build({ kmsKeyArn: "arn:key" }).resources("aws_sqs_queue"));

    expect(own.map((queue) => queue.sqs_managed_sse_enabled)).toEqual([true, true]);
    expect(given.map((queue) => queue.kms_master_key_id)).toEqual(["arn:key", "arn:key"]);
    expect(given.map((queue) => queue.sqs_managed_sse_enabled)).toEqual([undefined, undefined]);
  });

  it("alarms on any dead letter and on messages that wait", () => {
    const synthesized = build({ alarmActions: ["arn:topic"] });

    expect(alarm(synthesized, "acme-jobs-dead-depth")).toMatchObject({
      metric_name: "ApproximateNumberOfMessagesVisible",
      dimensions: { QueueName: expect.stringMatching(/Q_DeadLetterQueue_\w+\.name/) as string },
      comparison_operator: "GreaterThanThreshold",
      threshold: 0,
      alarm_actions: ["arn:topic"],
      alarm_description: expect.stringMatching(
        /aws sqs start-message-move-task --source-arn \$\{aws_sqs_queue\.Q_DeadLetterQueue_\w+\.arn\}$/,
      ) as string,
    });
    expect(alarm(synthesized, "acme-jobs-age")).toMatchObject({
      metric_name: "ApproximateAgeOfOldestMessage",
      dimensions: { QueueName: expect.stringMatching(/Q_Queue_\w+\.name/) as string },
      threshold: 300,
      alarm_actions: ["arn:topic"],
    });
  });

  it.each([
    [{ maximumReceives: 4 }, "maximumReceives must be a whole number from 5 to 1000, and is 4."],
    [
      { consumerTimeoutSeconds: 901 },
      "consumerTimeoutSeconds must be a whole number from 1 to 900 seconds, and is 901.",
    ],
  ])("refuses %j", (more, message) => {
    expect(mistakes((stack) => void new JobQueue(stack, "Q", { prefix: "acme", ...more }))).toEqual([
      message,
    ]);
  });
});
