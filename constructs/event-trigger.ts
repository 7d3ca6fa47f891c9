import { CloudwatchEventRule } from "@cdktf/provider-aws/lib/cloudwatch-event-rule";
import { CloudwatchEventTarget } from "@cdktf/provider-aws/lib/cloudwatch-event-target";
import { LambdaPermission } from "@cdktf/provider-aws/lib/lambda-permission";
import { AwsEnvironment } from "./aws-environment";
import { tagsOf } from "./common";
import type { NamedProps } from "./common";
import type { BundledFunction } from "./functions/bundled-function";
import type { CloudwatchEventRuleConfig } from "@cdktf/provider-aws/lib/cloudwatch-event-rule";
import type { Construct } from "constructs";

/** A rule of EventBridge with what lets it invoke one function. */
export interface EventTrigger {
  /** What has to happen. */
  readonly rule: CloudwatchEventRule;
  /** The function that hears of it. */
  readonly target: CloudwatchEventTarget;
  /** Lets this rule invoke the function. */
  readonly permission: LambdaPermission;
}

type When = Pick<CloudwatchEventRuleConfig, "eventPattern" | "scheduleExpression">;

export interface EventTriggerProps extends NamedProps {
  readonly invokes: BundledFunction;
  /** Name of the rule. */
  readonly name: string;
  readonly description: string;
  readonly when: When;
}

/** @param id first part of the ids of rule, target and permission in `scope`; may be empty */
export const eventTrigger = (scope: Construct, id: string, props: EventTriggerProps): EventTrigger => {
  const { functionName, arn } = props.invokes.function;
  const { name, description, when } = props;
  const rule = new CloudwatchEventRule(scope, `${id}Rule`, {
    name,
    description,
    ...when,
    tags: tagsOf(props),
  });
  return {
    rule,
    target: new CloudwatchEventTarget(scope, `${id}Target`, { rule: rule.name, arn }),
    permission: new LambdaPermission(scope, `${id}Permission`, {
      action: "lambda:InvokeFunction",
      functionName,
      principal: AwsEnvironment.of(scope).principal("events"),
      sourceArn: rule.arn,
    }),
  };
};

/** EventBridge tells one from many: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html */
export const everyMinutes = (minutes: number): When => ({
  scheduleExpression: `rate(${minutes} ${minutes === 1 ? "minute" : "minutes"})`,
});

/** @param pattern as https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html */
export const onEvents = (pattern: object): When => ({ eventPattern: JSON.stringify(pattern) });
