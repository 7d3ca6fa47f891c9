import { SqsQueue } from "@cdktf/provider-aws/lib/sqs-queue";
import { SqsQueuePolicy } from "@cdktf/provider-aws/lib/sqs-queue-policy";
import { SqsQueueRedriveAllowPolicy } from "@cdktf/provider-aws/lib/sqs-queue-redrive-allow-policy";
import { Construct } from "constructs";
import { createAlarm } from "./alarm";
import { checkCommon, nameOf, tagsOf } from "./common";
import { resourcePolicy } from "./policy";
import { addCheck, checkRange } from "./validation";
import { JOB_QUEUE } from "./parts-shape";
import { checkProps } from "./schema/check-props";
import type { CommonProps } from "./common";
import type { CloudwatchMetricAlarm } from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";

export interface JobQueueProps extends CommonProps {
  /**
   * Time-out, in seconds, of the function that reads the queue. A message stays invisible for 6 times as long, as Lambda
   * asks: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
   * @default 60, the time-out of the launch function
   */
  readonly consumerTimeoutSeconds?: number;

  /**
   * Tries before a message goes to the dead-letter queue, 5 to 1000. Below 5, Lambda's own throttling can use them up.
   * @default 5
   */
  readonly maximumReceives?: number;
}

export const DEFAULT_CONSUMER_TIMEOUT_SECONDS = 60;

const VISIBILITY_FACTOR = 6;
const DEFAULT_MAXIMUM_RECEIVES = 5;
const DAY = 24 * 60 * 60;

/** What the webhook says waits here until the launch function has written it down; what it cannot write, in the dead-letter queue. */
export class JobQueue extends Construct {
  /** Holds an event for seconds as a rule, for a day at the most. */
  public readonly queue: SqsQueue;
  /** Refuses what does not come over TLS. */
  public readonly queuePolicy: SqsQueuePolicy;
  /** Holds what could not be written down, for 14 days. */
  public readonly deadLetterQueue: SqsQueue;
  /** Refuses what does not come over TLS. */
  public readonly deadLetterQueuePolicy: SqsQueuePolicy;
  /** Lets `queue`, and no other, use the dead-letter queue. */
  public readonly redriveAllowPolicy: SqsQueueRedriveAllowPolicy;
  /** Rings when there is a message in the dead-letter queue. */
  public readonly deadLetterAlarm: CloudwatchMetricAlarm;
  /** Rings when an event waits for more than 5 minutes. */
  public readonly ageAlarm: CloudwatchMetricAlarm;

  public constructor(scope: Construct, id: string, props: JobQueueProps) {
    super(scope, id);
    checkProps(this, props, JOB_QUEUE);
    checkCommon(this, props);
    addCheck(this, () => [
      ...checkRange("consumerTimeoutSeconds", props.consumerTimeoutSeconds, 1, 900, "seconds"),
      ...checkRange("maximumReceives", props.maximumReceives, 5, 1000),
    ]);

    this.deadLetterQueue = this.createQueue("DeadLetterQueue", props, {
      name: nameOf(props, "jobs-dead"),
      messageRetentionSeconds: 14 * DAY,
    });
    this.queue = this.createQueue("Queue", props, {
      name: nameOf(props, "jobs"),
      // GitHub fails a job that was queued for 24 hours: nothing older than that is worth keeping.
      messageRetentionSeconds: DAY,
      visibilityTimeoutSeconds:
        VISIBILITY_FACTOR * (props.consumerTimeoutSeconds ?? DEFAULT_CONSUMER_TIMEOUT_SECONDS),
      redrivePolicy: JSON.stringify({
        deadLetterTargetArn: this.deadLetterQueue.arn,
        maxReceiveCount: props.maximumReceives ?? DEFAULT_MAXIMUM_RECEIVES,
      }),
    });
    this.queuePolicy = this.refusePlainHttp("QueuePolicy", this.queue);
    this.deadLetterQueuePolicy = this.refusePlainHttp("DeadLetterQueuePolicy", this.deadLetterQueue);
    this.redriveAllowPolicy = new SqsQueueRedriveAllowPolicy(this, "RedriveAllowPolicy", {
      queueUrl: this.deadLetterQueue.id,
      redriveAllowPolicy: JSON.stringify({
        redrivePermission: "byQueue",
        sourceQueueArns: [this.queue.arn],
      }),
    });
    this.deadLetterAlarm = createAlarm(this, "DeadLetterAlarm", props, {
      ...metricOf(this.deadLetterQueue),
      alarmName: nameOf(props, "jobs-dead", "depth"),
      metricName: "ApproximateNumberOfMessagesVisible",
      alarmDescription: `Events of jobs could not be written down: read why in the launch function's log, then send them again: aws sqs start-message-move-task --source-arn ${this.deadLetterQueue.arn}`,
    });
    this.ageAlarm = createAlarm(this, "AgeAlarm", props, {
      ...metricOf(this.queue),
      alarmName: nameOf(props, "jobs", "age"),
      metricName: "ApproximateAgeOfOldestMessage",
      threshold: 300,
      alarmDescription:
        "Events of jobs have waited for more than 5 minutes: is the launch function throttled or failing?",
    });
  }

  private createQueue(
    id: string,
    props: JobQueueProps,
    config: {
      name: string;
      messageRetentionSeconds: number;
      visibilityTimeoutSeconds?: number;
      redrivePolicy?: string;
    },
  ): SqsQueue {
    return new SqsQueue(this, id, {
      ...config,
      ...(props.kmsKeyArn === undefined
        ? { sqsManagedSseEnabled: true }
        : { kmsMasterKeyId: props.kmsKeyArn }),
      tags: tagsOf(props),
    });
  }

  private refusePlainHttp(id: string, queue: SqsQueue): SqsQueuePolicy {
    return new SqsQueuePolicy(this, id, {
      queueUrl: queue.id,
      policy: resourcePolicy([
        {
          sid: "RefusePlainHttp",
          effect: "Deny",
          actions: ["sqs:*"],
          resources: [queue.arn],
          conditions: { Bool: { "aws:SecureTransport": "false" } },
        },
      ]),
    });
  }
}

const metricOf = ({ name }: SqsQueue) =>
  ({ namespace: "AWS/SQS", dimensions: { QueueName: name }, statistic: "Maximum" }) as const;
