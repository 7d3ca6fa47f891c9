/** A Terraform configuration as the audit sees it, whichever form it was read from. */

export type Attributes = Readonly<Record<string, unknown>>;

export interface Resource {
  /** E.g. `aws_sqs_queue.Runners_Queue_63592750` */
  readonly address: string;
  readonly type: string;
  /**
   * As far as they are known. A reference that is not resolved yet stands in its text as Terraform writes it:
   * `${aws_sqs_queue.Runners_Queue_63592750.arn}`.
   */
  readonly attributes: Attributes;
  /** Attributes of the first level of which something becomes known with the apply only. */
  readonly unknown: ReadonlySet<string>;
  /** Attributes as the configuration has them; what is not among them, AWS told. */
  readonly written: Attributes;
}

/** Type of what stands for a module's call in a synthesized stack, which does not show what the module holds. */
export const MODULE = "module";

export interface Stack {
  /** What was read: a synthesized stack, or a plan. */
  readonly form: "stack" | "plan";
  readonly resources: readonly Resource[];
  /** Regions of the AWS providers, as far as they are written out; absent where no provider was read. */
  readonly regions?: readonly string[];
}

/** Blocks are objects in synthesized JSON when there is one, and lists otherwise and in plans. */
export const blocks = (value: unknown): readonly Attributes[] =>
  (Array.isArray(value) ? (value as unknown[]) : [value]).filter(isObject);

export const block = (value: unknown): Attributes => blocks(value)[0] ?? {};

export const isObject = (value: unknown): value is Attributes =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const strings = (value: unknown): readonly string[] =>
  (Array.isArray(value) ? (value as unknown[]) : [value]).filter((one) => typeof one === "string");

export const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

/** Terraform takes "443" for 443, and "true" for true. */
export const numberOf = (value: unknown): number | undefined => {
  if (typeof value === "number") return value;
  return typeof value === "string" && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : undefined;
};

export const isTrue = (value: unknown): boolean => value === true || value === "true";
export const isFalse = (value: unknown): boolean => value === false || value === "false";

/** `["a.b"]`, `[0]`; a key may hold brackets and escaped quotes. */
const INDEX = /\[(?:\d+|"(?:[^"\\]|\\.)*")\]/g;

/** `module.m[0].aws_sqs_queue.a["x"]`: `module.m.aws_sqs_queue.a` */
export const withoutIndex = (address: string): string => address.replace(INDEX, "");

/** Every text in a value, with the path to it. */
export const textsIn = (value: unknown, path = ""): readonly (readonly [path: string, text: string])[] => {
  if (typeof value === "string") return [[path, value]];
  if (Array.isArray(value)) return value.flatMap((one, index) => textsIn(one, `${path}[${index}]`));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, one]) => textsIn(one, path === "" ? key : `${path}.${key}`));
};

/** JSON in a text, such as a policy; undefined where it is none. */
export const jsonIn = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};

/** What another resource can be meant by. */
const IDENTITIES = ["arn", "id", "name", "url", "function_name", "api_endpoint", "invoke_arn", "unique_id"];

/** Whether an expression in the text names the address: by itself, or as what a function is given. */
const isNamedIn = (text: string, address: string, follows: RegExp): boolean => {
  for (let at = text.indexOf(address); at >= 0; at = text.indexOf(address, at + 1))
    if (!/[\w.-]/.test(text[at - 1] ?? "") && follows.test(text.slice(at + address.length))) return true;
  return false;
};

/** A reference without index is one to each of the counted. */
const isReferenceTo = (text: string, address: string): boolean => {
  if (!text.includes("${")) return false;
  const [base = "", index] = address.split(/(?=\[[^\]]*\]$)/);
  return isNamedIn(text, address, /^[^\w-]/) || (index !== undefined && isNamedIn(text, base, /^[^\w[-]/));
};

/** Whether the text is, or holds, a reference to the resource. */
export const refersTo = (text: string, { address, attributes }: Resource): boolean =>
  isReferenceTo(text, address) ||
  IDENTITIES.some((name) => text !== "" && attributes[name] === text) ||
  (typeof attributes.api_endpoint === "string" && text.startsWith(`${attributes.api_endpoint}/`));

/** What an attribute was given; within `for_each`, also what that goes through. */
export const givenTexts = ({ attributes }: Resource, attribute: string): readonly string[] => {
  const texts = textsIn(attributes[attribute]).map(([, text]) => text);
  const each = texts.some((text) => /\beach\./.test(text)) ? textsIn(attributes.for_each) : [];
  return [...texts, ...each.map(([, text]) => text)];
};

/** Whether the attribute names a resource by an expression that comes to none of these: a variable, a local value. */
export const isOpen = (
  from: Resource,
  attributes: readonly string[],
  resources: readonly Resource[],
): boolean => {
  const texts = attributes.flatMap((attribute) => givenTexts(from, attribute));
  const isUnknown = attributes.some((attribute) => from.unknown.has(attribute) && texts.length === 0);
  const named = (text: string): boolean => resources.some((one) => refersTo(text, one));
  return (isUnknown || texts.some((text) => text.includes("${"))) && !texts.some(named);
};

/** How the ARN of a resource ends, after its account. */
const ARN_ENDS: Readonly<Record<string, (name: string) => string>> = {
  aws_cloudwatch_log_group: (name) => `log-group:${name}`,
  aws_dynamodb_table: (name) => `table/${name}`,
  aws_iam_role: (name) => `role/${name}`,
  aws_lambda_function: (name) => `function:${name}`,
  aws_launch_template: (id) => `launch-template/${id}`,
  aws_security_group: (id) => `security-group/${id}`,
  aws_sqs_queue: (name) => name,
  aws_ssm_parameter: (name) => `parameter${name.startsWith("/") ? "" : "/"}${name}`,
  aws_subnet: (id) => `subnet/${id}`,
};

/** The resource part of an ARN, or undefined: `arn:partition:service:region:account:resource`. */
export const arnEnd = (text: string): string | undefined => /^arn:(?:[^:]*:){4}(.+)$/.exec(text)?.[1];

/** Whether the text is exactly this resource's ARN, with nothing left open; `suffix` is what stands behind it. */
export const isArnOf = (text: string, resource: Resource, suffix = ""): boolean => {
  const { address, type, attributes } = resource;
  const arns = [`\${${address}.arn}`, attributes.arn].map((arn) => `${String(arn)}${suffix}`);
  if (arns.includes(text)) return true;
  const end = arnEnd(text);
  const named = ARN_ENDS[type];
  if (end === undefined || named === undefined) return false;
  const names = [attributes.id, attributes.name, attributes.function_name, `\${${address}.id}`];
  return strings([...names, `\${${address}.name}`]).some((name) => end === `${named(name)}${suffix}`);
};
