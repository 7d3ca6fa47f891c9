import type { Resource } from "./terraform";
import type { Attributes, Synthesized } from "./synth";

const ACCOUNT = "123456789012";
const REGION = "eu-central-1";

const arn = (service: string, what: string): string => `arn:aws:${service}:${REGION}:${ACCOUNT}:${what}`;

/** ARNs as AWS makes them, of what roles are given rights to. */
const ARNS: Readonly<Record<string, (name: string) => string>> = {
  aws_cloudwatch_log_group: (name) => arn("logs", `log-group:${name}`),
  aws_dynamodb_table: (name) => arn("dynamodb", `table/${name}`),
  aws_iam_role: (name) => `arn:aws:iam::${ACCOUNT}:role/${name}`,
  aws_lambda_function: (name) => arn("lambda", `function:${name}`),
  aws_launch_template: (name) => arn("ec2", `launch-template/lt-${name}`),
  aws_sqs_queue: (name) => arn("sqs", name),
};

const DATA: Readonly<Record<string, string>> = {
  aws_partition: "aws",
  aws_region: REGION,
  aws_caller_identity: ACCOUNT,
};

/** What would stand in the state after an apply, as far as roles and their policies go. */
export const applied = (stack: Synthesized): Resource[] => {
  const nameOf = (type: string, id: string): string => {
    const { name, function_name: functionName } = stack.resources(type)[id] ?? {};
    const own = [functionName, name].find((one) => typeof one === "string");
    return own ?? id;
  };
  const resolve = (text: string): string =>
    text
      .replace(/\$\{data\.(\w+)\.[\w-]+\.\w+\}/g, (_all, type: string) => DATA[type] ?? type)
      .replace(/\$\{(\w+)\.([\w-]+)\.(\w+)\}/g, (_all, type: string, id: string, attribute: string) => {
        const name = nameOf(type, id);
        return attribute === "arn" ? (ARNS[type]?.(name) ?? name) : name;
      });
  const valuesOf = (attributes: Attributes): Attributes =>
    Object.fromEntries(
      Object.entries(attributes).map(([key, value]) => [
        key,
        typeof value === "string" ? resolve(value) : value,
      ]),
    );
  return ["aws_iam_role", "aws_iam_role_policy"].flatMap((type) =>
    Object.entries(stack.resources(type)).map(([id, attributes]) => ({
      address: `${type}.${id}`,
      type,
      values: valuesOf(attributes),
    })),
  );
};
