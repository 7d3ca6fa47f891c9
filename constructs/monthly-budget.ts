import { BudgetsBudget } from "@cdktf/provider-aws/lib/budgets-budget";
import { Construct } from "constructs";
import { TAG } from "../functions/shared/contract";
import { checkCommon, nameOf, tagsOf } from "./common";
import { addCheckOnce, checkFilled, checkPattern, checkRange, isKnown } from "./validation";
import { MONTHLY_BUDGET } from "./parts-shape";
import { checkProps } from "./schema/check-props";
import type { NamedProps } from "./common";
import type { BudgetsBudgetNotification } from "@cdktf/provider-aws/lib/budgets-budget";

/** What both props of a budget need of the account is said at the first. */
export interface BudgetProps {
  /**
   * US dollars a month, a whole number from 1: AWS Budgets tells `budgetSubscribers` when 80 % and when all of it is
   * spent, and when AWS expects more than that by the end of the month. It stops nothing, and looks at costs that are 8
   * to 12 hours old or more: the alarm on machine-hours is faster.
   *
   * It counts what carries the tag `ephemeral-runners:installation`, and AWS does so only once the payer (of an organization
   * the management account) has activated that tag for cost allocation, in Billing, "Cost allocation tags". Until then, and
   * for costs before, the budget counts nothing and stays silent. The first two budgets of an account are free of charge.
   * @default none: only the alarm on machine-hours
   */
  readonly monthlyBudgetUsd?: number;

  /**
   * Whom the budget tells: up to 10 e-mail addresses and one SNS topic by its ARN, whose policy must let
   * `budgets.amazonaws.com` publish. Needed with `monthlyBudgetUsd`, and of no use without.
   * @default none
   */
  readonly budgetSubscribers?: readonly string[];
}

export interface MonthlyBudgetProps extends NamedProps, Required<BudgetProps> {}

/** Against a slip of the keys. */
const MAXIMUM_USD = 10_000_000;

/** Of one notification: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-budgets-budget.html */
const MAXIMUM_EMAILS = 10;

const NOTIFICATIONS = [
  { notificationType: "ACTUAL", threshold: 80 },
  { notificationType: "ACTUAL", threshold: 100 },
  { notificationType: "FORECASTED", threshold: 100 },
] as const;

/** A budget over what an installation costs in a month, by its tag. */
export class MonthlyBudget extends Construct {
  /** The budget at AWS. */
  public readonly budget: BudgetsBudget;

  public constructor(scope: Construct, id: string, props: MonthlyBudgetProps) {
    super(scope, id);
    checkProps(this, props, MONTHLY_BUDGET);
    checkCommon(this, props);
    checkBudget(this, props);
    this.budget = new BudgetsBudget(this, "Budget", {
      name: nameOf(props, "monthly"),
      budgetType: "COST",
      limitAmount: String(props.monthlyBudgetUsd),
      limitUnit: "USD",
      timeUnit: "MONTHLY",
      // https://docs.aws.amazon.com/cli/latest/reference/budgets/create-budget.html#examples
      costFilter: [{ name: "TagKeyValue", values: [`user:${TAG.installation}$${props.prefix}`] }],
      notification: notificationsOf(props.budgetSubscribers),
      tags: tagsOf(props),
    });
  }
}

const isEmail = (subscriber: string): boolean => isKnown(subscriber) && !/^arn:/.test(subscriber);

const notificationsOf = (subscribers: readonly string[]): BudgetsBudgetNotification[] =>
  NOTIFICATIONS.map((notification) => ({
    ...notification,
    comparisonOperator: "GREATER_THAN",
    thresholdType: "PERCENTAGE",
    subscriberEmailAddresses: subscribers.filter(isEmail),
    subscriberSnsTopicArns: subscribers.filter((one) => !isEmail(one)),
  }));

const subscriberMistakes = (subscribers: readonly string[]): readonly string[] => {
  const emails = subscribers.filter(isEmail);
  return [
    ...subscribers.flatMap((subscriber, index) =>
      isKnown(subscriber)
        ? checkPattern(
            `budgetSubscribers[${index}]`,
            subscriber,
            /^(?:[^\s@]+@[^\s@]+\.[^\s@]+|arn:[a-z-]+:sns:[^:]+:\d{12}:[\w.-]+)$/,
            'an e-mail address or the ARN of an SNS topic, such as "arn:aws:sns:us-east-1:123456789012:costs"',
          )
        : [],
    ),
    ...(emails.length > MAXIMUM_EMAILS
      ? [
          `budgetSubscribers holds ${emails.length} e-mail addresses, and AWS takes ${MAXIMUM_EMAILS}: use a list's address.`,
        ]
      : []),
    ...(subscribers.length - emails.length > 1
      ? ["budgetSubscribers holds more than one SNS topic, and AWS takes one: subscribe the others to it."]
      : []),
  ];
};

/** Of the two props neither is of use alone. */
const budgetMistakes = ({ monthlyBudgetUsd, budgetSubscribers }: BudgetProps): readonly string[] => {
  if (monthlyBudgetUsd === undefined && budgetSubscribers === undefined) return [];
  if (monthlyBudgetUsd === undefined)
    return ["budgetSubscribers is for monthlyBudgetUsd, which is missing: give it, or leave both out."];
  if (budgetSubscribers === undefined)
    return [
      "monthlyBudgetUsd needs budgetSubscribers, or nobody hears of it: name an e-mail address or an SNS topic.",
    ];
  const empty = checkFilled("budgetSubscribers", budgetSubscribers);
  return [
    ...checkRange("monthlyBudgetUsd", monthlyBudgetUsd, 1, MAXIMUM_USD, "US dollars"),
    ...(empty.length > 0 ? empty : subscriberMistakes(budgetSubscribers)),
  ];
};

/** Once, as with the common props. */
export const checkBudget = (scope: Construct, props: BudgetProps): void => {
  addCheckOnce(scope, "budget", () => budgetMistakes(props));
};

/** The budget of an installation, if it is to have one. */
export const budgetOf = (
  scope: Construct,
  common: NamedProps,
  { monthlyBudgetUsd, budgetSubscribers }: BudgetProps,
): MonthlyBudget | undefined =>
  monthlyBudgetUsd === undefined || budgetSubscribers === undefined
    ? undefined
    : new MonthlyBudget(scope, "Budget", { ...common, monthlyBudgetUsd, budgetSubscribers });
