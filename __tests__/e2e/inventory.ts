/** What stands in the emulated account, asked of each service by itself: what Terraform forgot is not in its state. */
import { emulatorCredentials, emulatorRegion } from "../support/moto";

/** By kind, the names or ids in order. */
export type Inventory = Readonly<Record<string, readonly string[]>>;

interface Question {
  readonly service: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Absent: it is a GET. */
  readonly body?: string;
  /** What a name stands in. */
  readonly names: RegExp;
}

const json = (service: string, target: string, names: RegExp, type = "1.1"): Question => ({
  service,
  headers: { "content-type": `application/x-amz-json-${type}`, "x-amz-target": target },
  body: "{}",
  names,
});

const query = (service: string, version: string, action: string, names: RegExp): Question => ({
  service,
  headers: { "content-type": "application/x-www-form-urlencoded" },
  body: `Action=${action}&Version=${version}`,
  names,
});

const ec2 = (action: string, names: RegExp): Question => query("ec2", "2016-11-15", action, names);
const iam = (action: string, names: RegExp): Question => query("iam", "2010-05-08", action, names);

/** Every kind that the reference app makes, and what its functions make beside it. */
const QUESTIONS: Readonly<Record<string, Question>> = {
  alarm: query("monitoring", "2010-08-01", "DescribeAlarms", /<AlarmName>([^<]+)/g),
  api: { service: "apigateway", path: "/v2/apis", names: /"name": *"([^"]+)"/g },
  "event rule": json("events", "AWSEvents.ListRules", /"Name": *"([^"]+)"/g),
  "event source mapping": {
    service: "lambda",
    path: "/2015-03-31/event-source-mappings/",
    names: /"UUID": *"([^"]+)"/g,
  },
  function: { service: "lambda", path: "/2015-03-31/functions/", names: /"FunctionName": *"([^"]+)"/g },
  "instance profile": iam("ListInstanceProfiles", /<InstanceProfileName>([^<]+)/g),
  "internet gateway": ec2("DescribeInternetGateways", /<internetGatewayId>([^<]+)/g),
  "launch template": ec2("DescribeLaunchTemplates", /<launchTemplateName>([^<]+)/g),
  "log group": json("logs", "Logs_20140328.DescribeLogGroups", /"logGroupName": *"([^"]+)"/g),
  parameter: json("ssm", "AmazonSSM.DescribeParameters", /"Name": *"([^"]+)"/g),
  policy: {
    ...iam("ListPolicies", /<PolicyName>([^<]+)/g),
    body: "Action=ListPolicies&Version=2010-05-08&Scope=Local",
  },
  queue: json("sqs", "AmazonSQS.ListQueues", /\/([\w-]+)"/g, "1.0"),
  role: iam("ListRoles", /<RoleName>([^<]+)/g),
  "route table": ec2("DescribeRouteTables", /<routeTableId>([^<]+)/g),
  "security group": ec2("DescribeSecurityGroups", /<groupId>([^<]+)/g),
  subnet: ec2("DescribeSubnets", /<subnetId>([^<]+)/g),
  table: json("dynamodb", "DynamoDB_20120810.ListTables", /"([^"]+)"(?=[,\]])/g, "1.0"),
  volume: ec2("DescribeVolumes", /<volumeId>([^<]+)/g),
  vpc: ec2("DescribeVpcs", /<vpcId>([^<]+)/g),
  // One that was deleted is shown for a while, as `deleted`.
  "vpc endpoint": ec2(
    "DescribeVpcEndpoints",
    /<vpcEndpointId>([^<]+)(?=(?:(?!<vpcEndpointId>)[^])*?<state>available)/g,
  ),
};

const ask = async (
  endpoint: string,
  { service, path = "/", headers, body, names }: Question,
): Promise<string[]> => {
  const scope = `${emulatorCredentials.accessKeyId}/20260101/${emulatorRegion}/${service}/aws4_request`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`;
  const response = await fetch(`${endpoint}${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: { authorization, ...headers },
    body,
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${service} answered ${response.status} to ${body ?? path}: ${text}`);
  return [...new Set([...text.matchAll(names)].map(([, name = ""]) => name))].sort();
};

/** @param endpoint of the emulator */
export const inventoryOf = async (endpoint: string): Promise<Inventory> => {
  const asked = Object.entries(QUESTIONS).map(
    async ([kind, question]) => [kind, await ask(endpoint, question)] as const,
  );
  return Object.fromEntries(await Promise.all(asked));
};

/** `kind name` of all that stands now and did not stand before. */
export const addedSince = (before: Inventory, now: Inventory): readonly string[] =>
  Object.entries(now).flatMap(([kind, names]) =>
    names.filter((name) => !before[kind]?.includes(name)).map((name) => `${kind} ${name}`),
  );
