import { TAG } from "../functions/shared/contract";
import { MAXIMUM_FLEETS } from "./fleet-checks";
import { eachIn, isUnknownList } from "./lists";
import { QUEUE_KEY, useKeys } from "./policy";
import type { AwsEnvironment } from "./aws-environment";
import type { PolicyStatement } from "./policy";
import type { UsedLaunchTemplate } from "./used-launch-template";

/** What machines are launched with, by which the roles of the launching functions are bounded. */
export interface LaunchScope {
  readonly aws: AwsEnvironment;
  /** The prefix: value of the installation tag. */
  readonly installation: string;
  readonly launchTemplates: readonly UsedLaunchTemplate[];
  readonly subnetIds: readonly string[];
  readonly securityGroupIds: readonly string[];
  /** Of all fleets. */
  readonly instanceTypes: readonly string[];
  /** As the prop of that name: false takes a launch of which AWS does not say the template. */
  readonly requireLaunchTemplate: boolean;
  /** The customer's, if any. */
  readonly kmsKeyArns: readonly string[];
  /** As the prop of that name. */
  readonly createSpotServiceLinkedRole: boolean;
}

const LAUNCH = ["ec2:RunInstances", "ec2:CreateFleet"];

const distinct = (values: readonly string[]): readonly string[] => [...new Set(values)];

/** Of the 10,240 characters of a policy: what ten fleets, with all else that can be, leave for types; and what one fleet takes. */
const ROOM_CHARACTERS = 100;
const FLEET_CHARACTERS = 300;

/** Characters of the list of types. */
export const roomForTypes = (fleets: number): number =>
  ROOM_CHARACTERS + FLEET_CHARACTERS * (MAXIMUM_FLEETS - fleets);

/** The fleets' types; where they do not find room in the policy, all types of their sizes. */
const typesOf = ({ instanceTypes, launchTemplates }: LaunchScope): readonly string[] => {
  const types = distinct(instanceTypes);
  return JSON.stringify(types).length <= roomForTypes(launchTemplates.length)
    ? types
    : distinct(types.map((type) => type.replace(/^[^.]*/, "*")));
};

/**
 * What EC2 checks for a fleet of type `instant`: both actions, on all that the launch uses and all that it makes. The form
 * is that of Karpenter's policy, which is used in the same way:
 * https://karpenter.sh/docs/reference/cloudformation/#karpentercontrollerpolicy
 *
 * A launch needs every one of its resources allowed, so what binds the instance binds the launch: to a template of this
 * installation, and to the fleets' types.
 */
export const launchStatements = (scope: LaunchScope): readonly PolicyStatement[] => {
  const { aws, launchTemplates } = scope;
  const templateArns = launchTemplates.map(({ arn }) => arn);
  return [
    { sid: "LaunchFromTemplates", actions: LAUNCH, resources: templateArns },
    {
      sid: "LaunchInNetwork",
      actions: LAUNCH,
      resources: [
        ...knownArns(scope, "subnet", scope.subnetIds),
        ...knownArns(scope, "security-group", scope.securityGroupIds),
        ...distinct(launchTemplates.map(({ imageId = "*" }) => aws.arn("ec2", `image/${imageId}`, ""))),
        aws.arn("ec2", "snapshot/*", ""),
        ...["fleet/*", "network-interface/*", "spot-instances-request/*", "volume/*"].map((made) =>
          aws.arn("ec2", made),
        ),
      ],
    },
    ...launchInUnknown(scope, "LaunchInSubnets", "subnet", scope.subnetIds),
    ...launchInUnknown(scope, "LaunchInGroups", "security-group", scope.securityGroupIds),
    ...machineStatements(scope, templateArns),
    {
      sid: "TagAtLaunchOnly",
      actions: ["ec2:CreateTags"],
      resources: ["instance/*", "volume/*", "network-interface/*"].map((made) => aws.arn("ec2", made)),
      conditions: { StringEquals: { "ec2:CreateAction": ["RunInstances", "CreateFleet"] } },
    },
    {
      sid: "PassRunnerRole",
      actions: ["iam:PassRole"],
      resources: launchTemplates.map(({ roleArn }) => roleArn),
      conditions: { StringEquals: { "iam:PassedToService": aws.principal("ec2") } },
    },
    ...readImages(scope),
    ...useVolumesAndQueue(scope),
    ...createSpotRole(scope),
  ];
};

/**
 * EC2 makes the role at the first spot launch of an account, by the right of whoever launches, and refuses the launch for
 * want of it: `AuthFailure.ServiceLinkedRoleCreationNotPermitted`. That the right is enough was tried:
 * https://github.com/github-aws-runners/terraform-aws-github-runner/pull/229. Terraform must not make it: with the
 * installation it would delete the one role of the account, which others launch with, too.
 */
const createSpotRole = ({ aws, createSpotServiceLinkedRole }: LaunchScope): readonly PolicyStatement[] => {
  if (!createSpotServiceLinkedRole) return [];
  const service = aws.principal("spot");
  return [
    {
      sid: "CreateSpotRole",
      actions: ["iam:CreateServiceLinkedRole"],
      resources: [
        `arn:${aws.partition}:iam::${aws.accountId}:role/aws-service-role/${service}/AWSServiceRoleForEC2Spot`,
      ],
      conditions: { StringEquals: { "iam:AWSServiceName": service } },
    },
  ];
};

const knownArns = ({ aws }: LaunchScope, kind: string, ids: readonly string[]): readonly string[] =>
  isUnknownList(ids) ? [] : ids.map((id) => aws.arn("ec2", `${kind}/${id}`));

/** A statement of its own for a list that only Terraform knows. */
const launchInUnknown = (
  { aws: { partition, region, accountId } }: LaunchScope,
  sid: string,
  kind: string,
  ids: readonly string[],
): readonly PolicyStatement[] =>
  isUnknownList(ids)
    ? [
        {
          sid,
          actions: LAUNCH,
          resources: eachIn(`arn:%s:ec2:%s:%s:${kind}/%s`, [partition, region, accountId], ids),
        },
      ]
    : [];

/**
 * `ec2:LaunchTemplate` is documented for RunInstances, not for CreateFleet, and the RunInstances that a fleet of type
 * `instant` makes carries it: see note 12 of SECURITY.md.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
 */
const machineStatements = (
  scope: LaunchScope,
  templateArns: readonly string[],
): readonly PolicyStatement[] => {
  const resources = [scope.aws.arn("ec2", "instance/*")];
  const tagged = { StringEquals: { [`aws:RequestTag/${TAG.installation}`]: scope.installation } };
  const ifExists = scope.requireLaunchTemplate ? "" : "IfExists";
  return [
    {
      sid: "LaunchTaggedMachines",
      actions: ["ec2:RunInstances"],
      resources,
      conditions: {
        ...tagged,
        [`ArnEquals${ifExists}`]: { "ec2:LaunchTemplate": templateArns },
        [`StringLike${ifExists}`]: { "ec2:InstanceType": typesOf(scope) },
      },
    },
    { sid: "LaunchTaggedFleets", actions: ["ec2:CreateFleet"], resources, conditions: tagged },
  ];
};

/**
 * EC2 reads the image's parameter on behalf of whoever launches. AWS's documentation names `GetParameters`; CreateFleet was
 * also seen to be refused without the singular: https://github.com/kent8192/reinhardt-web/issues/2027
 */
const readImages = ({ aws, launchTemplates }: LaunchScope): readonly PolicyStatement[] => {
  const names = launchTemplates.flatMap(({ imageParameter }) => imageParameter ?? []);
  if (names.length === 0) return [];
  return [
    {
      sid: "ReadImageParameters",
      actions: ["ssm:GetParameter", "ssm:GetParameters"],
      resources: distinct(names).map((name) => aws.parameterArn(name)),
    },
  ];
};

/**
 * What EC2 asks of the key of volumes (https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption-requirements.html), and
 * what SQS asks of the queue's (`QUEUE_KEY`). In one statement: with ten fleets, a second key finds no room in two.
 */
const useVolumesAndQueue = ({ aws, kmsKeyArns }: LaunchScope): readonly PolicyStatement[] => [
  ...useKeys(kmsKeyArns, {
    sid: "UseVolumesAndQueue",
    service: ["ec2", "sqs"],
    aws,
    actions: [...QUEUE_KEY, "kms:DescribeKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncrypt*"],
  }),
  ...useKeys(kmsKeyArns, {
    sid: "LetVolumesUseKey",
    service: "ec2",
    aws,
    actions: ["kms:CreateGrant"],
  }).map((statement) => ({
    ...statement,
    conditions: { ...statement.conditions, Bool: { "kms:GrantIsForAWSResource": "true" } },
  })),
];

export const endStatements = ({ aws, installation }: LaunchScope): readonly PolicyStatement[] => [
  // Neither knows a narrower resource. The zones of subnets are read before a launch, which names one subnet of each.
  { sid: "FindMachines", actions: ["ec2:DescribeInstances", "ec2:DescribeSubnets"], resources: ["*"] },
  {
    sid: "EndOwnMachines",
    actions: ["ec2:TerminateInstances"],
    resources: [aws.arn("ec2", "instance/*")],
    conditions: { StringEquals: { [`ec2:ResourceTag/${TAG.installation}`]: installation } },
  },
];
