import type { Resource } from "./terraform";
import type { Attributes, Synthesized } from "./synth";

export const ACCOUNT = "123456789012";
export const REGION = "eu-central-1";

export const arn = (service: string, what: string): string =>
  `arn:aws:${service}:${REGION}:${ACCOUNT}:${what}`;

/** ARNs as AWS makes them, by name. */
const ARNS: Readonly<Record<string, (name: string) => string>> = {
  aws_apigatewayv2_api: (name) => `arn:aws:execute-api:${REGION}:${ACCOUNT}:${name}`,
  aws_cloudwatch_event_rule: (name) => arn("events", `rule/${name}`),
  aws_cloudwatch_log_group: (name) => arn("logs", `log-group:${name}`),
  aws_dynamodb_table: (name) => arn("dynamodb", `table/${name}`),
  aws_iam_instance_profile: (name) => `arn:aws:iam::${ACCOUNT}:instance-profile/${name}`,
  aws_iam_role: (name) => `arn:aws:iam::${ACCOUNT}:role/${name}`,
  aws_lambda_function: (name) => arn("lambda", `function:${name}`),
  aws_launch_template: (name) => arn("ec2", `launch-template/lt-${name}`),
  aws_sqs_queue: (name) => arn("sqs", name),
};

/** Ids that are not the name. Those at GitHub are numbers. */
const IDS: Readonly<Record<string, (name: string) => string>> = {
  aws_launch_template: (name) => `lt-${name}`,
  aws_sqs_queue: (name) => `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/${name}`,
  github_actions_runner_group: () => "7",
  github_organization_webhook: () => "42",
  github_repository_webhook: () => "42",
};

/** What data sources answer, by attribute, from what they were asked. */
const DATA: Readonly<Record<string, (asked: Attributes) => Readonly<Record<string, string>>>> = {
  aws_partition: () => ({ partition: "aws", dns_suffix: "amazonaws.com" }),
  aws_service: () => ({ region: REGION, reverse_dns_prefix: "com.amazonaws" }),
  aws_service_principal: ({ service_name }) => ({ name: `${String(service_name)}.amazonaws.com` }),
  aws_caller_identity: () => ({ account_id: ACCOUNT }),
};

type Computed = (type: string, name: string) => string | undefined;

/** By attribute; what is not here is what the resource was given, or else its name. */
const COMPUTED: Readonly<Record<string, Computed>> = {
  arn: (type, name) => ARNS[type]?.(name),
  execution_arn: (type, name) => ARNS[type]?.(name),
  id: (type, name) => IDS[type]?.(name),
  url: (type, name) => IDS[type]?.(name),
  latest_version: () => "1",
  unique_id: (_type, name) => `AROA${name.replace(/\W|_/g, "").toUpperCase()}`,
};

/** What would stand in the state after an apply, as far as rights and what the functions work on depend on it. */
export const applied = (stack: Synthesized): Resource[] => {
  const { resource = {}, data = {} } = stack.json as Partial<
    Record<"resource" | "data", Record<string, Record<string, Attributes>>>
  >;
  const given = (type: string, id: string): Attributes => stack.resources(type)[id] ?? {};
  const nameOf = (type: string, id: string): string => {
    const { name, function_name: functionName } = given(type, id);
    return [functionName, name].find((one) => typeof one === "string") ?? id;
  };
  const attributeOf = (type: string, id: string, attribute: string): string => {
    const name = nameOf(type, id);
    const own = given(type, id)[attribute];
    return COMPUTED[attribute]?.(type, name) ?? (typeof own === "string" ? resolve(own) : name);
  };
  const resolve = (text: string): string =>
    text
      .replace(
        /\$\{data\.(\w+)\.([\w-]+)\.(\w+)\}/g,
        (_all, type: string, id: string, attribute: string) =>
          DATA[type]?.(data[type]?.[id] ?? {})[attribute] ?? type,
      )
      .replace(/\$\{(\w+)\.([\w-]+)\.(\w+)\}/g, (_all, type: string, id: string, attribute: string) =>
        attributeOf(type, id, attribute),
      )
      // How Terraform writes what it is to leave alone.
      .replaceAll("$${", "${");
  const resolveAll = (value: unknown): unknown => {
    if (typeof value === "string") return resolve(value);
    if (Array.isArray(value)) return value.map(resolveAll);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, resolveAll(one)]));
  };
  return Object.entries(resource).flatMap(([type, byId]) =>
    Object.entries(byId).map(([id, attributes]) => ({
      address: `${type}.${id}`,
      type,
      values: {
        ...(resolveAll(attributes) as Attributes),
        ...Object.fromEntries(
          ["arn", "execution_arn", "id", "unique_id"].map((name) => [name, attributeOf(type, id, name)]),
        ),
      },
    })),
  );
};
