/** Rights that AWS checks although nobody calls for them: which call, or which resource, takes which. */
import { arn, REGION } from "../applied";
import type { IamRequest } from "../iam";
import type { Call } from "../proxy";
import { askedBy } from "./asked";
import { fleetRequests, templatesOf } from "./fleet-requests";
import type { Installation } from "./installation";
import { requestsOf } from "./requests";

/** A right that was asked for, and the call that asked. */
export interface Check extends IamRequest {
  readonly by: string;
  /** Where AWS says that the call takes it; absent: the call is the right's own. */
  readonly source?: string;
}

type Request = Omit<IamRequest, "role">;

interface Implied {
  /** The action that takes more than itself. */
  readonly of: RegExp;
  readonly takes: (request: IamRequest, call: Call, installation: Installation) => readonly Request[];
  /** Where AWS says so. */
  readonly source: string;
}

const through = (service: string, context: Readonly<Record<string, string>> = {}) => ({
  "kms:ViaService": `${service}.${REGION}.amazonaws.com`,
  ...Object.fromEntries(
    Object.entries(context).map(([name, value]) => [`kms:EncryptionContext:${name}`, value]),
  ),
});

/** Use of the key that encrypts what the request works on. */
const withKey =
  (service: string, actions: readonly string[], context: (resource: string) => Record<string, string>) =>
  ({ resource }: IamRequest, _call: Call, { keys }: Installation): Request[] => {
    const key = keys.get(resource.replace(/\/index\/.*$/, ""));
    if (key === undefined) return [];
    return actions.map((action) => ({ action, resource: key, context: through(service, context(resource)) }));
  };

/** Once a call, and not once for each resource of it. */
const onceACall =
  (takes: (call: Call, installation: Installation) => readonly Request[]): Implied["takes"] =>
  ({ resource }, call, installation) =>
    resource.includes(":launch-template/") ? takes(call, installation) : [];

const tableName = (resource: string): Record<string, string> => ({
  "aws:dynamodb:tableName": /table\/([^/]+)/.exec(resource)?.[1] ?? "",
});
const parameter = (resource: string): Record<string, string> => ({ PARAMETER_ARN: resource });

export const IMPLIED: readonly Implied[] = [
  {
    of: /^ec2:CreateFleet$/,
    takes: onceACall((call, installation) => fleetRequests("ec2:RunInstances", askedBy(call), installation)),
    source: "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-fleet-prerequisites.html",
  },
  {
    of: /^ec2:CreateFleet$/,
    takes: onceACall((call, installation) => [
      ...(askedBy(call).TagSpecifications ?? []).map(({ ResourceType }) =>
        tagging(ResourceType, "CreateFleet"),
      ),
      ...templatesOf(askedBy(call), installation).flatMap(({ tags }) =>
        tags.map((kind) => tagging(kind, "RunInstances")),
      ),
    ]),
    source: "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html",
  },
  {
    of: /^ec2:CreateFleet$/,
    takes: onceACall((call, installation) =>
      templatesOf(askedBy(call), installation).map(({ roleArn }) => ({
        action: "iam:PassRole",
        resource: roleArn,
        context: { "iam:PassedToService": "ec2.amazonaws.com" },
      })),
    ),
    source: "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html",
  },
  {
    of: /^ec2:CreateFleet$/,
    takes: onceACall((call, installation) =>
      templatesOf(askedBy(call), installation).flatMap(({ imageParameter }) =>
        imageParameter === undefined
          ? []
          : ["ssm:GetParameter", "ssm:GetParameters"].map((action) => ({ action, resource: imageParameter })),
      ),
    ),
    source:
      "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/create-launch-template.html#use-an-ssm-parameter-instead-of-an-ami-id",
  },
  {
    of: /^ec2:CreateFleet$/,
    takes: onceACall((call, installation) =>
      templatesOf(askedBy(call), installation).flatMap(({ kmsKeyArn }) =>
        kmsKeyArn === undefined ? [] : VOLUME_ACTIONS.map((action) => forVolume(action, kmsKeyArn)),
      ),
    ),
    source: "https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption-requirements.html",
  },
  {
    of: /^ec2:CreateFleet$/,
    takes: onceACall((call, { lacksSpotRole }) =>
      lacksSpotRole && askedBy(call).TargetCapacitySpecification?.DefaultTargetCapacityType === "spot"
        ? [
            {
              action: "iam:CreateServiceLinkedRole",
              resource:
                "arn:aws:iam::123456789012:role/aws-service-role/spot.amazonaws.com/AWSServiceRoleForEC2Spot",
              context: { "iam:AWSServiceName": "spot.amazonaws.com" },
            },
          ]
        : [],
    ),
    source:
      "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/service-linked-roles-spot-instance-requests.html",
  },
  {
    of: /^ssm:GetParameters$/,
    takes: withKey("ssm", ["kms:Decrypt"], parameter),
    source: "https://docs.aws.amazon.com/kms/latest/developerguide/services-parameter-store.html",
  },
  {
    of: /^ssm:PutParameter$/,
    takes: withKey("ssm", ["kms:Encrypt"], parameter),
    source: "https://docs.aws.amazon.com/kms/latest/developerguide/services-parameter-store.html",
  },
  {
    of: /^sqs:SendMessage$/,
    takes: withKey("sqs", ["kms:GenerateDataKey", "kms:Decrypt"], () => ({})),
    source:
      "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html",
  },
  {
    of: /^sqs:ReceiveMessage$/,
    takes: withKey("sqs", ["kms:Decrypt"], () => ({})),
    source:
      "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html",
  },
  {
    of: /^dynamodb:/,
    takes: withKey("dynamodb", ["kms:Decrypt"], tableName),
    source: "https://docs.aws.amazon.com/kms/latest/developerguide/services-dynamodb.html",
  },
];

const VOLUME_ACTIONS = [
  "kms:CreateGrant",
  "kms:Decrypt",
  "kms:DescribeKey",
  "kms:GenerateDataKeyWithoutPlaintext",
  "kms:ReEncryptFrom",
  "kms:ReEncryptTo",
];

const forVolume = (action: string, resource: string): Request => ({
  action,
  resource,
  context: {
    ...through("ec2"),
    ...(action === "kms:CreateGrant" && { "kms:GrantIsForAWSResource": "true" }),
  },
});

const tagging = (kind: string, by: string): Request => ({
  action: "ec2:CreateTags",
  resource: arn("ec2", `${kind}/${kind}-0123456789abcdef0`),
  context: { "ec2:CreateAction": by },
});

/** All that the calls take, each once. */
export const checksOf = (calls: readonly Call[], installation: Installation): Check[] => {
  const all = calls.flatMap((call) =>
    requestsOf(call, installation).flatMap((request): Check[] => [
      { ...request, by: call.name },
      ...IMPLIED.filter(({ of }) => of.test(request.action)).flatMap(({ takes, source }) =>
        takes(request, call, installation).map((implied) => ({
          ...{ role: request.role, by: call.name, source },
          ...implied,
        })),
      ),
    ]),
  );
  return [...new Map(all.map((check) => [JSON.stringify(check), check])).values()];
};

/**
 * What Lambda does in a function's name: it writes the log
 * (https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html), and polls the queue
 * (https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html).
 */
export const lambdaCalls = ({ logGroups, readQueues }: Installation): Call[] => [
  ...[...logGroups].flatMap(([caller, logGroup]) =>
    ["CreateLogStream", "PutLogEvents"].map((operation) =>
      callOf(caller, `logs:${operation}`, {
        logGroupName: logGroup.split(":log-group:")[1],
        logStreamName: "2026/09/01/[$LATEST]0123456789abcdef",
      }),
    ),
  ),
  ...[...readQueues].flatMap(([caller, queue]) =>
    ["ReceiveMessage", "DeleteMessage", "GetQueueAttributes"].map((operation) =>
      callOf(caller, `sqs:${operation}`, { QueueUrl: queue.split(":").at(-1) }),
    ),
  ),
];

export const callOf = (caller: string, name: string, input: object): Call => ({
  caller,
  name,
  body: JSON.stringify(input),
  time: 0,
  end: 0,
  status: 200,
});
