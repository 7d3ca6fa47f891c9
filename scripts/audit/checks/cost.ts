import { ALARM_METRIC } from "../../../functions/shared/contract";
import { demand, fail, hidden, pass } from "../finding";
import {
  block,
  blocks,
  isArnOf,
  isFalse,
  isTrue,
  jsonIn,
  isObject,
  numberOf,
  refersTo,
  strings,
  textOf,
  textsIn,
} from "../model";
import { settingNumber } from "../view";
import { eachFunction, setting, stopped } from "./shared";
import type { Finding } from "../finding";
import type { Resource } from "../model";
import type { LambdaFunction, View } from "../view";
import type { Check } from "./shared";

/** Alarms of this installation that tell somebody, on a metric of the library's own, or of one queue. */
export const alarmsOn = (view: View, metric: RegExp, of?: Resource): readonly Resource[] =>
  view.of("aws_cloudwatch_metric_alarm").filter(({ attributes }) => {
    const { metric_name, namespace, dimensions, metric_query, actions_enabled } = attributes;
    if (isFalse(actions_enabled)) return false;
    const queries = blocks(metric_query).map((one) => block(one.metric));
    const looked = [{ metric_name, namespace, dimensions }, ...queries];
    return looked.some(
      (one) =>
        metric.test(textOf(one.metric_name) ?? "") &&
        (of === undefined
          ? one.namespace === ALARM_METRIC.namespace &&
            block(one.dimensions)[ALARM_METRIC.dimension] === view.name
          : textsIn(one.dimensions).some(([, text]) => refersTo(text, of))),
    );
  });

const MACHINE_HOURS = /machine.?(hours|minutes|seconds)/i;

const budgets = (view: View): readonly Finding[] =>
  view.of("aws_budgets_budget").map((budget) =>
    demand(
      blocks(budget.attributes.notification).some(
        ({ subscriber_email_addresses, subscriber_sns_topic_arns }) =>
          strings(subscriber_email_addresses).length + strings(subscriber_sns_topic_arns).length > 0,
      ),
      budget,
      "notification",
      "a budget counts the money",
      "the budget tells nobody: name an e-mail address or a topic",
    ),
  );

/** Control 29. A budget may as well stand in the account that pays, so a stack without one has not failed. */
export const capAndAlarm: Check = (view) => {
  if (view.fleets.length === 0) return [hidden(view.self, "", "no fleet's settings stand in this stack")];
  const caps = view.fleets.map(({ resource, attribute, settings }): Finding => {
    if (settings === undefined) return hidden(resource, attribute, "known after the apply only, or no JSON");
    const most = settingNumber(settings, "maximumMachines") ?? -1;
    return demand(
      // None at all: the fleet is emptied.
      Number.isInteger(most) && most >= 0,
      resource,
      `${attribute}.maximumMachines`,
      `at most ${most} machines`,
      "the fleet has no cap",
    );
  });
  const [alarm] = alarmsOn(view, MACHINE_HOURS);
  return [
    ...caps,
    alarm
      ? pass(alarm, "metric_name", "an alarm counts machine-hours")
      : fail(view.self, "", "no alarm counts machine-hours"),
    ...budgets(view),
  ];
};

/** Control 30. */
export const recovery: Check = eachFunction("sweep", ({ resource, settings }, view) => [
  ...stopped("rotate-tokens", view),
  demand(
    isTrue(settings.redeliver),
    resource,
    setting("redeliver"),
    "failed deliveries are sent again, and waiting jobs looked up",
    "nothing sends failed deliveries again: let the rotation function manage the webhook",
  ),
]);

const deadLetters = (queue: Resource, view: View): Resource | undefined => {
  const separate = view
    .of("aws_sqs_queue_redrive_policy")
    .filter(({ attributes }) => refersTo(textOf(attributes.queue_url) ?? "", queue));
  return [queue, ...separate]
    .map(({ attributes }) => jsonIn(textOf(attributes.redrive_policy) ?? ""))
    .filter(isObject)
    .filter(({ maxReceiveCount }) => (numberOf(maxReceiveCount) ?? 0) > 0)
    .flatMap(({ deadLetterTargetArn }) =>
      view.of("aws_sqs_queue").filter((one) => isArnOf(textOf(deadLetterTargetArn) ?? "", one)),
    )[0];
};

const DEPTH = /^ApproximateNumberOfMessages/;

const behind = (queue: Resource, view: View): readonly Finding[] => {
  if (queue.unknown.has("redrive_policy"))
    return [hidden(queue, "redrive_policy", "known after the apply only")];
  const dead = deadLetters(queue, view);
  if (!dead)
    return [fail(queue, "redrive_policy", "what cannot be handled is lost: it has no dead-letter queue")];
  const [alarm] = alarmsOn(view, DEPTH, dead);
  return [
    pass(queue, "redrive_policy", `what cannot be handled goes to ${dead.address}`),
    alarm
      ? pass(alarm, "metric_name", "an alarm watches the dead-letter queue")
      : fail(dead, "", "no alarm watches the dead-letter queue"),
  ];
};

const isRead = (queue: Resource, launch: readonly LambdaFunction[], view: View): boolean =>
  view
    .of("aws_lambda_event_source_mapping")
    .filter(({ attributes }) => !isFalse(attributes.enabled))
    .some(
      ({ attributes }) =>
        view.named(textOf(attributes.event_source_arn), queue.type) === queue &&
        launch.some(({ resource }) => refersTo(textOf(attributes.function_name) ?? "", resource)),
    );

/** Control 31. */
export const queueBetween: Check = (view, context) => {
  const launch = view.functionsOf("launch");
  return eachFunction("webhook", ({ resource, settings }) => {
    const queue = strings([settings.queueUrl])
      .map((url) => view.named(url, "aws_sqs_queue"))
      .find((one) => one !== undefined);
    if (!queue) return [hidden(resource, setting("queueUrl"), "the queue does not stand in this stack")];
    return [
      launch.length === 0
        ? hidden(view.self, "", "its launch function does not stand in this stack")
        : demand(
            isRead(queue, launch, view),
            queue,
            "",
            "it stands between webhook and launch",
            "the launch function does not read it",
          ),
      ...stopped("launch", view),
      ...behind(queue, view),
    ];
  })(view, context);
};
