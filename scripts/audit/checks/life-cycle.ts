import { demand, fail, hidden, pass } from "../finding";
import { block, isFalse, isObject, isTrue, jsonIn, numberOf, strings, textOf } from "../model";
import { settingNumber } from "../view";
import { covers } from "../policies";
import { eachFunction, eachTemplate, eachUserData, setting, stopped } from "./shared";
import type { Finding } from "../finding";
import type { Resource } from "../model";
import type { FunctionKind, View } from "../view";
import type { Check } from "./shared";

/** Control 14. */
export const powerOffTerminates: Check = eachTemplate(({ resource, userData }) => {
  const { attributes } = resource;
  const spot = block(block(attributes.instance_market_options).spot_options);
  const interruption = textOf(spot.instance_interruption_behavior);
  return [
    demand(
      attributes.instance_initiated_shutdown_behavior === "terminate",
      resource,
      "instance_initiated_shutdown_behavior",
      "power off terminates",
      'a machine that powers off is kept, and paid for: set it to "terminate"',
    ),
    ...(interruption === undefined || interruption === "" || interruption === "terminate"
      ? []
      : [fail(resource, "instance_market_options", `an interrupted machine would ${interruption}`)]),
    ...["disable_api_termination", "disable_api_stop"]
      .filter((name) => isTrue(attributes[name]))
      .map((name) => fail(resource, name, "no sweep could end the machine")),
    ...("hidden" in userData || /poweroff/.test(userData.text)
      ? []
      : [fail(resource, "user_data", "nothing in it powers the machine off")]),
  ];
});

/** Whether a setting of the boot script is there, and is used beside the line that sets it. */
const isUsed = (text: string, name: string): boolean =>
  new RegExp(`\\$\\{?\\(*${name}\\b|\\b${name} \\+`).test(text);

const limitOf = (settings: Readonly<Record<string, string>>, text: string, name: string): number => {
  const seconds = numberOf(settings[name]) ?? 0;
  return isUsed(text, name) ? seconds : 0;
};

/** Control 15: GitHub decides first, the machine later. */
export const idleLimit: Check = (view, context) => [
  ...eachUserData(({ settings, text }, { resource }) => {
    const backstop = limitOf(settings, text, "IDLE_BACKSTOP_SECONDS");
    const sweep = view
      .functionsOf("sweep")
      .map((one) => settingNumber(one.settings, "idleLimitSeconds"))
      .find((seconds) => seconds !== undefined);
    return [
      demand(
        backstop > 0,
        resource,
        "user_data",
        `it ends an idle machine after ${backstop} s`,
        "it sets no idle limit",
      ),
      ...(sweep !== undefined && backstop > 0 && sweep >= backstop
        ? [
            fail(
              resource,
              "user_data",
              `the backstop (${backstop} s) comes before the sweep (${sweep} s), which asks GitHub`,
            ),
          ]
        : []),
    ];
  })(view, context),
  ...eachFunction("sweep", ({ resource, settings }) => [
    demand(
      (settingNumber(settings, "idleLimitSeconds") ?? 0) > 0,
      resource,
      setting("idleLimitSeconds"),
      "the sweep ends idle machines",
      "the sweep knows no idle limit",
    ),
  ])(view, context),
];

/** GitHub ends a job on a self-hosted runner after 5 days: https://docs.github.com/en/actions/reference/limits */
const LONGEST_JOB_SECONDS = 5 * 24 * 3600;

/** Control 16. */
export const hardLimit: Check = eachUserData(({ settings, text }, { resource }) => {
  const seconds = limitOf(settings, text, "HARD_LIMIT_SECONDS");
  return [
    demand(
      seconds > 0 && seconds <= LONGEST_JOB_SECONDS,
      resource,
      "user_data",
      `it ends the machine after ${seconds} s, whatever runs`,
      "it sets no hard limit of at most 5 days",
    ),
  ];
});

/** A rule, and the function that it calls. */
interface Call {
  readonly rule: Resource;
  readonly callee: Resource;
}

/** Rules that call a function of the kind. */
const callsOf = (kind: FunctionKind, view: View): readonly Call[] => {
  const functions = view.functionsOf(kind).map(({ resource }) => resource);
  return view.of("aws_cloudwatch_event_target").flatMap(({ attributes }) => {
    const rule = view.named(textOf(attributes.rule), "aws_cloudwatch_event_rule");
    const callee = functions.find((one) => view.named(textOf(attributes.arn), one.type) === one);
    return rule && callee ? [{ rule, callee }] : [];
  });
};

const isOn = ({ attributes }: Resource): boolean =>
  !/^DISABLED/.test(textOf(attributes.state) ?? "") && !isFalse(attributes.is_enabled);

/** EventBridge must be let in. */
const mayCall = ({ rule, callee }: Call, view: View): boolean =>
  view
    .of("aws_lambda_permission")
    .some(
      ({ attributes }) =>
        attributes.principal === "events.amazonaws.com" &&
        covers(textOf(attributes.action) ?? "", "lambda:InvokeFunction") &&
        view.named(textOf(attributes.function_name), callee.type) === callee &&
        view.named(textOf(attributes.source_arn), rule.type) === rule,
    );

const MOST_MINUTES = 5;
const MINUTES: Readonly<Record<string, number>> = { minute: 1, hour: 60, day: 24 * 60 };

/** Minutes between two runs; undefined for a cron expression that is not every so many minutes. */
export const minutesOf = (schedule: string): number | undefined => {
  const rate = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(schedule);
  if (rate) return Number(rate[1]) * (MINUTES[rate[2] ?? ""] ?? Number.NaN);
  const cron = /^cron\((\*|[0*]\/(\d+)) \* \* \* \? \*\)$/.exec(schedule);
  return cron ? Number(cron[2] ?? 1) : undefined;
};

const sweepRule = (call: Call, view: View): Finding => {
  const { rule } = call;
  const schedule = textOf(rule.attributes.schedule_expression) ?? "";
  const minutes = minutesOf(schedule);
  if (!isOn(rule)) return fail(rule, "state", "the rule is switched off");
  if (!mayCall(call, view)) return fail(rule, "", "no permission lets the rule call the sweep function");
  return demand(
    minutes !== undefined && minutes <= MOST_MINUTES,
    rule,
    "schedule_expression",
    `the sweep runs every ${minutes} minutes`,
    `${schedule || "no schedule"} is not known to be every ${MOST_MINUTES} minutes or less`,
  );
};

/** Whoever launches has the others beside it; a stack without it holds a part of the whole only. */
const missing = (kind: FunctionKind, view: View): Finding =>
  view.functionsOf("launch").length > 0
    ? fail(view.self, "", `there is no ${kind} function`)
    : hidden(view.self, "", `its ${kind} function does not stand in this stack`);

/** Control 17. One good rule is enough. */
export const sweeper: Check = (view) => {
  if (view.functionsOf("sweep").length === 0) return [missing("sweep", view)];
  const rules = callsOf("sweep", view).map((call) => sweepRule(call, view));
  const good = rules.filter(({ result }) => result === "pass");
  if (rules.length === 0) return [fail(view.self, "", "no rule calls the sweep function")];
  return [...stopped("sweep", view), ...(good.length > 0 ? good : rules)];
};

const NOTICE = "EC2 Spot Instance Interruption Warning";

const hearsNotice = ({ attributes }: Resource): boolean => {
  const pattern = jsonIn(textOf(attributes.event_pattern) ?? "");
  return (
    isObject(pattern) &&
    // Whatever else it asks for leaves notices out.
    Object.keys(pattern).every((key) => key === "source" || key === "detail-type") &&
    strings(pattern.source).includes("aws.ec2") &&
    strings(pattern["detail-type"]).includes(NOTICE)
  );
};

/** Control 18: what follows the notice is a matter of run time. */
export const interruption: Check = (view) => {
  if (view.functionsOf("interruption").length === 0) return [missing("interruption", view)];
  const calls = callsOf("interruption", view).filter(({ rule }) => hearsNotice(rule));
  if (calls.length === 0)
    return [fail(view.self, "", "no rule tells the interruption function of every spot interruption")];
  return [
    ...stopped("interruption", view),
    ...calls.map((call) => {
      const { rule } = call;
      if (!isOn(rule)) return fail(rule, "state", "the rule is switched off");
      return mayCall(call, view)
        ? pass(rule, "event_pattern", "spot interruptions reach the interruption function")
        : fail(rule, "", "no permission lets the rule call the interruption function");
    }),
  ];
};
