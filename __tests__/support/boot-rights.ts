/** What the role of a machine may do, by the policy that RunnerLaunchTemplate gives it; the emulator allows everything. */
import { RunnerLaunchTemplate } from "../../constructs/runner-launch-template";
import type { AwsCall } from "../boot/stand-ins";
import { applied, arn } from "./applied";
import { isAllowed } from "./iam";
import { synthesize } from "./synth";

export const handoffTable = "boot-handoff";
export const logGroup = "/ephemeral-runners/boot/linux";

const role = "boot_linux_runner";

const resources = applied(
  synthesize(
    (stack) =>
      new RunnerLaunchTemplate(stack, "T", {
        prefix: "boot",
        fleet: "linux",
        handoffTable: { name: handoffTable, arn: arn("dynamodb", `table/${handoffTable}`) },
        securityGroupIds: ["sg-1"],
      }),
  ),
);

interface Asked {
  readonly TableName?: string;
  readonly Key?: { readonly instance?: { readonly S: string } };
  readonly logGroupName?: string;
  readonly logStreamName?: string;
  readonly Names?: readonly string[];
}

type ResourceOf = (asked: Asked, action: string) => string;

/** By the first word of `x-amz-target`. */
const services: Readonly<Record<string, readonly [service: string, resourceOf: ResourceOf]>> = {
  DynamoDB_20120810: ["dynamodb", ({ TableName }) => arn("dynamodb", `table/${TableName}`)],
  Logs_20140328: [
    "logs",
    ({ logGroupName, logStreamName }) => arn("logs", `log-group:${logGroupName}:log-stream:${logStreamName}`),
  ],
  AmazonSSM: ["ssm", ({ Names = [] }) => arn("ssm", `parameter${Names[0]}`)],
  // EC2 itself speaks another protocol; it is the right that counts. What describes names no resource.
  EC2: [
    "ec2",
    (_asked, action) => (/^Describe/.test(action) ? "*" : arn("ec2", "instance/i-0123456789abcdef0")),
  ],
};

/** Decides on the calls of one machine, once for each of a kind: a decision takes longer than a call. */
export const mayMachine = (roleId: string, instanceId: string): ((call: AwsCall) => Promise<boolean>) => {
  const decided = new Map<string, Promise<boolean>>();
  return ({ target, body }) => {
    const [prefix = "", action = ""] = target.split(".");
    const found = services[prefix];
    if (!found) return Promise.resolve(false);
    const [service, resourceOf] = found;
    const asked = JSON.parse(body) as Asked;
    const key = asked.Key?.instance?.S;
    const request = {
      role,
      action: `${service}:${action}`,
      resource: resourceOf(asked, action),
      context: {
        "aws:userid": `${roleId}:${instanceId}`,
        ...(key !== undefined && { "dynamodb:LeadingKeys": [key] }),
      },
    };
    const kind = JSON.stringify(request);
    const decision = decided.get(kind) ?? isAllowed(resources, request);
    decided.set(kind, decision);
    return decision;
  };
};
