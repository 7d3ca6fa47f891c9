/** What of an installation decides which rights a call takes, read out of its resources. */
import { handoffKey, type MovedSettings } from "../../../functions/shared/contract";
import { arn, REGION } from "../applied";
import type { Resource } from "../terraform";

/** Stands for every machine. */
export const INSTANCE = "i-0123456789abcdef0";

type Values = Readonly<Record<string, unknown>>;

export interface Template {
  readonly arn: string;
  readonly roleArn: string;
  readonly imageArn: string;
  /** ARN of the parameter that EC2 reads the image's id from. */
  readonly imageParameter?: string;
  readonly securityGroupIds: readonly string[];
  /** Key of the root volume. */
  readonly kmsKeyArn?: string;
  /** What it tags at a launch: `instance`, `volume`, ... */
  readonly tags: readonly string[];
}

export interface Installation {
  /** By id. */
  readonly templates: ReadonlyMap<string, Template>;
  /** Customer-managed keys, by ARN of what they encrypt. */
  readonly keys: ReadonlyMap<string, string>;
  /** ARNs of all that may lie under a key of the installation. */
  readonly things: readonly string[];
  /** Log groups of functions by name of the role. */
  readonly logGroups: ReadonlyMap<string, string>;
  /** Queues that Lambda reads, by name of the reader's role. */
  readonly readQueues: ReadonlyMap<string, string>;
  /** What `aws:userid` is for a machine, by name of its role. */
  readonly userIds: ReadonlyMap<string, string>;
  /** Value of the installation's tag. */
  readonly name: string;
  /** Nobody has launched spot in this account yet. */
  readonly lacksSpotRole: boolean;
}

export const ofType = (resources: readonly Resource[], type: string): Values[] =>
  resources.filter((one) => one.type === type).map(({ values }) => values);

/** A block: an object as it is synthesized, a list of one in the state. */
export const block = (value: unknown): Values => (Array.isArray(value) ? value[0] : value) as Values;

/** What a function is told. */
export const settingsOf = <T>(resources: readonly Resource[], bundle: string): T => {
  const found = ofType(resources, "aws_lambda_function").find(({ function_name: name }) =>
    String(name).endsWith(`-${bundle}`),
  );
  if (!found) throw new Error(`There is no function ${bundle}.`);
  const { variables } = block(found.environment) as { variables: { SETTINGS: string } };
  return JSON.parse(variables.SETTINGS) as T;
};

/** The same, with what found no room in its environment and stands in parameters. */
export const wholeSettingsOf = <T>(resources: readonly Resource[], bundle: string): T => {
  const settings = settingsOf<T & MovedSettings>(resources, bundle);
  const values = new Map(
    ofType(resources, "aws_ssm_parameter").map(({ name, insecure_value: value }) => [String(name), value]),
  );
  const pieces = settings.settingsParameters?.map((name) => String(values.get(name))) ?? ["{}"];
  return { ...settings, ...(JSON.parse(pieces.join("")) as object) };
};

/** ARN of a parameter by its name; AWS's own belong to no account. */
export const parameterArn = (name: string): string => {
  const path = `parameter/${name.replace(/^\//, "")}`;
  return name.startsWith("/aws/service/") ? `arn:aws:ssm:${REGION}::${path}` : arn("ssm", path);
};

const isKey = (value: unknown): value is string => typeof value === "string" && value.includes(":key/");

/** What may lie under a key, each with the key or whatever stands in its place. */
const keyedIn = (resources: readonly Resource[]): [string, unknown][] => {
  const of = (type: string, arnOf: (values: Values) => string, keyOf: (values: Values) => unknown) =>
    ofType(resources, type).map((values): [string, unknown] => [arnOf(values), keyOf(values)]);
  return [
    ...of(
      "aws_sqs_queue",
      ({ arn: own }) => String(own),
      ({ kms_master_key_id: key }) => key,
    ),
    ...of(
      "aws_dynamodb_table",
      ({ arn: own }) => String(own),
      ({ server_side_encryption: encryption }) => block(encryption)?.kms_key_arn,
    ),
    ...ofType(resources, "aws_ssm_parameter")
      .filter(({ type }) => type === "SecureString")
      .map(({ name, key_id: key }): [string, unknown] => [parameterArn(String(name)), key]),
  ];
};

const keysIn = (resources: readonly Resource[]): [string, string][] =>
  keyedIn(resources).flatMap(([what, key]): [string, string][] => (isKey(key) ? [[what, key]] : []));

const templateOf = (values: Values, resources: readonly Resource[]): Template => {
  const profile = String(block(values.iam_instance_profile).arn);
  const role = ofType(resources, "aws_iam_instance_profile").find(({ arn: own }) => own === profile)?.role;
  const image = String(values.image_id);
  const parameter = /^resolve:ssm:(.+)$/.exec(image)?.[1];
  const key = block(block(values.block_device_mappings).ebs).kms_key_id;
  return {
    arn: String(values.arn),
    roleArn: String(ofType(resources, "aws_iam_role").find(({ name }) => name === role)?.arn),
    imageArn: `arn:aws:ec2:${REGION}::image/${parameter === undefined ? image : "ami-0123456789abcdef0"}`,
    ...(parameter !== undefined && { imageParameter: parameterArn(parameter) }),
    securityGroupIds: values.vpc_security_group_ids as string[],
    ...(isKey(key) && { kmsKeyArn: key }),
    tags: (values.tag_specifications as Values[]).map(({ resource_type: kind }) => String(kind)),
  };
};

const roleOf = (functionArn: unknown, resources: readonly Resource[]): string => {
  const { role } = ofType(resources, "aws_lambda_function").find(({ arn: own }) => own === functionArn)!;
  return String(ofType(resources, "aws_iam_role").find(({ arn: own }) => own === role)?.name);
};

export const roleIdOf = (role: string, resources: readonly Resource[]): string =>
  String(ofType(resources, "aws_iam_role").find(({ name }) => name === role)?.unique_id);

/** @param credentials keys of what the team itself stores, by name of the parameter */
export const readInstallation = (
  resources: readonly Resource[],
  credentials: Readonly<Record<string, string>> = {},
  lacksSpotRole = false,
): Installation => ({
  lacksSpotRole,
  name: settingsOf<{ installation: string }>(resources, "launch").installation,
  templates: new Map(
    ofType(resources, "aws_launch_template").map((one) => [String(one.id), templateOf(one, resources)]),
  ),
  keys: new Map([
    ...keysIn(resources),
    ...Object.entries(credentials).map(([name, key]) => [parameterArn(name), key] as const),
  ]),
  things: keyedIn(resources).map(([what]) => what),
  userIds: new Map(
    ofType(resources, "aws_iam_instance_profile").map(({ role }) => [
      String(role),
      handoffKey(roleIdOf(String(role), resources), INSTANCE),
    ]),
  ),
  logGroups: new Map(
    ofType(resources, "aws_lambda_function").map(({ arn: own, function_name: name }) => [
      roleOf(own, resources),
      arn("logs", `log-group:/aws/lambda/${String(name)}`),
    ]),
  ),
  readQueues: new Map(
    ofType(resources, "aws_lambda_event_source_mapping").map(
      ({ event_source_arn: queue, function_name: reader }) => [roleOf(reader, resources), String(queue)],
    ),
  ),
});
