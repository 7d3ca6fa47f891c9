import { Token } from "cdktf";
import { EphemeralRunners } from "../../constructs/ephemeral-runners";
import { GithubConnection } from "../../constructs/github-connection";
import { MonthlyBudget } from "../../constructs/monthly-budget";
import { mistakes, synthesize } from "../support/synth";
import type { EphemeralRunnersProps } from "../../constructs/ephemeral-runners";
import type { MonthlyBudgetProps } from "../../constructs/monthly-budget";
import type { Construct } from "constructs";

const TOPIC = "arn:aws:sns:us-east-1:123456789012:costs";

const create = (scope: Construct, more: Partial<MonthlyBudgetProps> = {}): MonthlyBudget =>
  new MonthlyBudget(scope, "Budget", {
    prefix: "ci",
    monthlyBudgetUsd: 250,
    budgetSubscribers: ["ops@acme.example", TOPIC],
    ...more,
  });
const budget = (more?: Partial<MonthlyBudgetProps>) =>
  synthesize((scope) => create(scope, more)).resource("aws_budgets_budget");

const installation = (scope: Construct, more: Partial<EphemeralRunnersProps>): EphemeralRunners =>
  new EphemeralRunners(scope, "Ci", {
    github: GithubConnection.app({ org: "acme", appId: "1", privateKeyParameter: "/acme/key" }),
    fleets: [{ name: "linux", labels: ["linux"] }],
    ...more,
  });

describe("a monthly budget", () => {
  it("counts what carries the tag of the installation", () => {
    expect(budget({ tags: { team: "platform" } })).toMatchObject({
      name: "ci-monthly",
      budget_type: "COST",
      limit_amount: "250",
      limit_unit: "USD",
      time_unit: "MONTHLY",
      cost_filter: [{ name: "TagKeyValue", values: ["user:ephemeral-runners:installation$ci"] }],
      tags: { team: "platform", "ephemeral-runners:installation": "ci" },
    });
  });

  it("tells everybody at 80 %, at all of it, and when more is to be expected", () => {
    const told = {
      comparison_operator: "GREATER_THAN",
      threshold_type: "PERCENTAGE",
      subscriber_email_addresses: ["ops@acme.example"],
      subscriber_sns_topic_arns: [TOPIC],
    };
    expect(budget().notification).toEqual([
      { ...told, notification_type: "ACTUAL", threshold: 80 },
      { ...told, notification_type: "ACTUAL", threshold: 100 },
      { ...told, notification_type: "FORECASTED", threshold: 100 },
    ]);
  });

  it("takes a topic that the stack makes", () => {
    const budgetSubscribers = [Token.asString({ resolve: () => "${aws_sns_topic.costs.arn}" })];
    expect(mistakes((scope) => create(scope, { budgetSubscribers }))).toEqual([]);
    expect(JSON.stringify(budget({ budgetSubscribers }).notification)).toContain(
      '"subscriber_sns_topic_arns":["${aws_sns_topic.costs.arn}"]',
    );
  });

  it("is made for an installation that asks for one, and for no other", () => {
    const props = { monthlyBudgetUsd: 100, budgetSubscribers: ["ops@acme.example"] };
    const resources = (more: Partial<EphemeralRunnersProps>) =>
      Object.values(synthesize((scope) => installation(scope, more)).resources("aws_budgets_budget"));
    expect(resources({})).toEqual([]);
    expect(resources(props)).toMatchObject([{ name: "ci-monthly", limit_amount: "100" }]);
  });

  const eleven = Array.from({ length: 11 }, (_, index) => `ops-${index}@acme.example`);
  it.each<[Partial<EphemeralRunnersProps>, string]>([
    [
      { monthlyBudgetUsd: 100 },
      "monthlyBudgetUsd needs budgetSubscribers, or nobody hears of it: name an e-mail address or an SNS topic.",
    ],
    [
      { budgetSubscribers: [TOPIC] },
      "budgetSubscribers is for monthlyBudgetUsd, which is missing: give it, or leave both out.",
    ],
    [
      { monthlyBudgetUsd: 0, budgetSubscribers: [TOPIC] },
      "monthlyBudgetUsd must be a whole number from 1 to 10000000 US dollars, and is 0.",
    ],
    [
      { monthlyBudgetUsd: 1, budgetSubscribers: [] },
      "budgetSubscribers must name at least one, and is empty.",
    ],
    [
      { monthlyBudgetUsd: 1, budgetSubscribers: ["ops"] },
      'budgetSubscribers[0] must be an e-mail address or the ARN of an SNS topic, such as "arn:aws:sns:us-east-1:123456789012:costs", and is "ops".',
    ],
    [
      { monthlyBudgetUsd: 1, budgetSubscribers: eleven },
      "budgetSubscribers holds 11 e-mail addresses, and AWS takes 10: use a list's address.",
    ],
    [
      { monthlyBudgetUsd: 1, budgetSubscribers: [TOPIC, `${TOPIC}-2`] },
      "budgetSubscribers holds more than one SNS topic, and AWS takes one: subscribe the others to it.",
    ],
  ])("refuses %j, and says it once", (more, sentence) => {
    expect(mistakes((scope) => installation(scope, more))).toEqual([sentence]);
  });
});
