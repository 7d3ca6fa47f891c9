import { minutesOf } from "../audit/checks/life-cycle";
import { blocks, numberOf, refersTo, strings, textOf } from "../audit/model";
import { machineHour, monthly, PRICES } from "./prices";
import type { Installation } from "../audit/installations";
import type { Resource, Stack } from "../audit/model";

/** What stands and costs, whether a job runs or not. */
export interface IdleItem {
  /** Prefix of the installation that it belongs to, where there are several; absent for what none or more than one has. */
  readonly installation?: string;
  readonly what: string;
  readonly count: number;
  /** USD */
  readonly month: number;
}

type Price = (resource: Resource, stack: Stack) => readonly IdleItem[];

const { assumptions } = PRICES;
const MINUTES_A_MONTH = PRICES.hoursAMonth * 60;

const item = (what: string, month: number, count = 1): readonly IdleItem[] => [{ what, count, month }];

/** An alarm on an expression is billed for each metric in it. */
const alarm: Price = ({ attributes }) => {
  const metrics = blocks(attributes.metric_query).filter(({ metric }) => blocks(metric).length > 0).length;
  return item("alarms", PRICES.alarmMonth * Math.max(1, metrics));
};

/** Lambda asks an idle queue with 5 connections, each of which waits 20 s: https://aws.amazon.com/sqs/faqs/ */
const polling: Price = ({ attributes }) =>
  /sqs|queue/.test(textOf(attributes.event_source_arn) ?? "")
    ? item("polling of an empty queue", assumptions.idlePollsAMinute * MINUTES_A_MONTH * PRICES.queueRequest)
    : [];

/** A rule costs nothing; the function that it calls does. */
const schedule: Price = (target, { resources }) => {
  const named = (value: unknown, type: string): Resource | undefined =>
    resources.find((one) => one.type === type && refersTo(textOf(value) ?? "", one));
  const rule = named(target.attributes.rule, "aws_cloudwatch_event_rule");
  const called = named(target.attributes.arn, "aws_lambda_function");
  const minutes = minutesOf(textOf(rule?.attributes.schedule_expression) ?? "");
  if (called === undefined || minutes === undefined) return [];
  const { architectures, memory_size } = called.attributes;
  const gigabytes = (numberOf(memory_size) ?? 128) / 1024;
  const second = PRICES.functionGigabyteSecond[strings(architectures).includes("arm64") ? "arm64" : "x86_64"];
  const run = gigabytes * assumptions.scheduledRunSeconds * second + PRICES.functionRequest;
  return item("functions on a schedule", (MINUTES_A_MONTH / minutes) * run);
};

/** A gateway endpoint is free; an interface is paid for in each subnet. */
const endpoint: Price = ({ attributes }) =>
  attributes.vpc_endpoint_type === "Interface"
    ? item(
        "interface endpoints",
        monthly(PRICES.endpointHour) * Math.max(1, strings(attributes.subnet_ids).length),
      )
    : [];

const table: Price = ({ attributes }) => {
  if (attributes.billing_mode !== "PROVISIONED") return [];
  const read = (numberOf(attributes.read_capacity) ?? 0) * PRICES.readCapacityHour;
  const write = (numberOf(attributes.write_capacity) ?? 0) * PRICES.writeCapacityHour;
  return item("provisioned tables", monthly(read + write));
};

const parameter: Price = ({ attributes }) =>
  attributes.tier === "Advanced" ? item("advanced parameters", PRICES.advancedParameterMonth) : [];

const machine: Price = ({ attributes }) =>
  item("machines that always run", monthly(machineHour(textOf(attributes.instance_type) ?? "") ?? 0));

const PRICE_OF: Readonly<Record<string, Price>> = {
  aws_cloudwatch_metric_alarm: alarm,
  aws_lambda_event_source_mapping: polling,
  aws_cloudwatch_event_target: schedule,
  aws_vpc_endpoint: endpoint,
  aws_dynamodb_table: table,
  aws_ssm_parameter: parameter,
  aws_instance: machine,
  aws_nat_gateway: () => item("NAT gateways", monthly(PRICES.natGatewayHour)),
  aws_eip: () => item("public addresses", monthly(PRICES.publicAddressHour)),
  aws_kms_key: () => item("keys of KMS", PRICES.keyMonth),
  aws_secretsmanager_secret: () => item("secrets", PRICES.secretMonth),
};

/** Which installation a resource belongs to, where there are several and it belongs to one of them alone. */
const ownerIn =
  (installations: readonly Installation[]) =>
  (resource: Resource): string | undefined => {
    if (installations.length < 2) return undefined;
    const owners = installations.filter(({ members }) => members.some((one) => one.resource === resource));
    return owners.length === 1 ? owners[0]?.name : undefined;
  };

/** One line a kind of thing and installation, the dearest first. */
export const idleItems = (stack: Stack, installations: readonly Installation[]): readonly IdleItem[] => {
  const ownerOf = ownerIn(installations);
  const sums = new Map<string, IdleItem>();
  for (const resource of stack.resources)
    for (const { what, count, month } of PRICE_OF[resource.type]?.(resource, stack) ?? []) {
      const installation = ownerOf(resource);
      const key = JSON.stringify([installation, what]);
      const sum = sums.get(key) ?? { installation, what, count: 0, month: 0 };
      sums.set(key, { ...sum, count: sum.count + count, month: sum.month + month });
    }
  return [...sums.values()].sort(
    (one, other) =>
      (one.installation ?? "").localeCompare(other.installation ?? "", "en") ||
      other.month - one.month ||
      one.what.localeCompare(other.what, "en"),
  );
};
