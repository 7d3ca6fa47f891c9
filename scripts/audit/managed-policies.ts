/**
 * What AWS's own policies allow on every resource, as far as it breaks a control; each allows more than stands here, and
 * those that are not listed are not known. Source: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/<name>.html
 */
const MANAGED: Readonly<Record<string, readonly string[]>> = {
  AdministratorAccess: ["*"],
  // All but iam, organizations and account.
  PowerUserAccess: ["ec2:*", "ssm:*", "dynamodb:*", "s3:*", "lambda:*", "sqs:*", "sts:*", "ecr:*"],
  IAMFullAccess: ["iam:*"],
  AmazonEC2FullAccess: ["ec2:*"],
  AmazonSSMFullAccess: ["ssm:*"],
  AmazonSSMReadOnlyAccess: ["ssm:Describe*", "ssm:Get*", "ssm:List*"],
  AmazonSSMManagedInstanceCore: ["ssm:GetParameter", "ssm:GetParameters"],
  AmazonDynamoDBFullAccess: ["dynamodb:*"],
  AmazonS3FullAccess: ["s3:*"],
};

/** Actions that the policy allows on every resource; undefined where it is none that is known here. */
export const managedActions = (arn: string): readonly string[] | undefined => {
  const name = /^arn:(?:aws|aws-cn|aws-us-gov|\$\{[^}]*\}):iam::aws:policy\/([\w-]+)$/.exec(arn)?.[1];
  return name !== undefined && Object.hasOwn(MANAGED, name) ? MANAGED[name] : undefined;
};
