import { TAG } from "../functions/shared/contract";
import { useKey } from "./policy";
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
  readonly kmsKeyArn?: string;
}

const LAUNCH = ["ec2:RunInstances", "ec2:CreateFleet"];

const distinct = (values: readonly string[]): readonly string[] => [...new Set(values)];

/**
 * What EC2 checks for a fleet of type `instant`: both actions, on all that the launch uses and all that it makes. The form
 * is that of Karpenter's policy, which is used in the same way:
 * https://karpenter.sh/docs/reference/cloudformation/#karpentercontrollerpolicy
 *
 * `IfExists`: AWS does not say whether the RunInstances inside CreateFleet carries this key. Where it does, no other
 * template passes; where it does not, the exact template, subnets, security groups, tag and role still bound the launch.
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
        ...scope.subnetIds.map((id) => aws.arn("ec2", `subnet/${id}`)),
        ...scope.securityGroupIds.map((id) => aws.arn("ec2", `security-group/${id}`)),
        ...distinct(launchTemplates.map(({ imageId = "*" }) => aws.arn("ec2", `image/${imageId}`, ""))),
        aws.arn("ec2", "snapshot/*", ""),
        ...["fleet/*", "network-interface/*", "spot-instances-request/*", "volume/*"].map((made) =>
          aws.arn("ec2", made),
        ),
      ],
      conditions: { ArnEqualsIfExists: { "ec2:LaunchTemplate": templateArns } },
    },
    {
      sid: "LaunchTaggedMachines",
      actions: LAUNCH,
      resources: [aws.arn("ec2", "instance/*")],
      conditions: { StringEquals: { [`aws:RequestTag/${TAG.installation}`]: scope.installation } },
    },
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
      conditions: { StringEquals: { "iam:PassedToService": "ec2.amazonaws.com" } },
    },
    ...readImages(scope),
    ...encryptVolumes(scope),
  ];
};

/** EC2 reads the image's parameter on behalf of whoever launches. */
const readImages = ({ aws, launchTemplates }: LaunchScope): readonly PolicyStatement[] => {
  const names = launchTemplates.flatMap(({ imageParameter }) => imageParameter ?? []);
  if (names.length === 0) return [];
  return [
    {
      sid: "ReadImageParameters",
      actions: ["ssm:GetParameters"],
      resources: distinct(names).map((name) => aws.parameterArn(name)),
    },
  ];
};

/** https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption-requirements.html */
const encryptVolumes = ({ aws, kmsKeyArn }: LaunchScope): readonly PolicyStatement[] => [
  ...useKey(kmsKeyArn, {
    sid: "EncryptVolumes",
    service: "ec2",
    region: aws.region,
    actions: ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncrypt*"],
  }),
  ...useKey(kmsKeyArn, {
    sid: "LetVolumesUseKey",
    service: "ec2",
    region: aws.region,
    actions: ["kms:CreateGrant"],
  }).map((statement) => ({
    ...statement,
    conditions: { ...statement.conditions, Bool: { "kms:GrantIsForAWSResource": "true" } },
  })),
];

export const endStatements = ({ aws, installation }: LaunchScope): readonly PolicyStatement[] => [
  // DescribeInstances knows no narrower resource.
  { sid: "FindMachines", actions: ["ec2:DescribeInstances"], resources: ["*"] },
  {
    sid: "EndOwnMachines",
    actions: ["ec2:TerminateInstances"],
    resources: [aws.arn("ec2", "instance/*")],
    conditions: { StringEquals: { [`ec2:ResourceTag/${TAG.installation}`]: installation } },
  },
];
