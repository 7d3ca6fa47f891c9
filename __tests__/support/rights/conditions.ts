/** The conditions that the policies hold, and for each what it has to refuse. */
import type { IamRequest, Statement } from "../iam";
import type { Resource } from "../terraform";
import { rolesOf, statementsOf } from "./grants";

type Value = string | string[];

/**
 * Values that must be refused in place of the right one, by key: of the conditions of the roles each has to stand here. That
 * the key is missing is refused too, unless the operator ends in `IfExists`.
 */
export const WRONG: Readonly<Record<string, readonly Value[]>> = {
  "aws:RequestTag/ephemeral-runners:installation": ["another"],
  "dynamodb:LeadingKeys": [["AROAOTHER:i-0123456789abcdef1"]],
  "ec2:CreateAction": ["CreateVolume"],
  "ec2:InstanceType": ["p5.48xlarge"],
  "ec2:LaunchTemplate": ["arn:aws:ec2:eu-central-1:123456789012:launch-template/lt-of-others"],
  "ec2:ResourceTag/ephemeral-runners:installation": ["another"],
  "iam:AWSServiceName": ["spotfleet.amazonaws.com"],
  "iam:PassedToService": ["lambda.amazonaws.com"],
  "kms:EncryptionContext:PARAMETER_ARN": ["arn:aws:ssm:eu-central-1:123456789012:parameter/others"],
  "kms:EncryptionContext:aws:dynamodb:tableName": ["others"],
  "kms:GrantIsForAWSResource": ["false"],
  "kms:ViaService": ["s3.eu-central-1.amazonaws.com"],
};

export interface Condition {
  readonly role: string;
  readonly statement: Statement;
  readonly operator: string;
  readonly key: string;
}

export const conditionsOf = (resources: readonly Resource[]): Condition[] =>
  rolesOf(resources).flatMap((role) =>
    statementsOf(resources, role).flatMap((statement) =>
      Object.entries(statement.Condition ?? {}).flatMap(([operator, keys]) =>
        Object.keys(keys).map((key) => ({ role, statement, operator, key })),
      ),
    ),
  );

/** The request as it must be refused: with another value of the key, beside the right one, or without it. */
export const spoiled = (request: IamRequest, { key, operator }: Condition): IamRequest[] => {
  const { [key]: right, ...others } = request.context ?? {};
  const values: (Value | undefined)[] = [
    ...(WRONG[key] ?? []),
    ...(Array.isArray(right) ? (WRONG[key] ?? []).map((wrong) => [...right, ...wrong]) : []),
    ...(operator.endsWith("IfExists") ? [] : [undefined]),
  ];
  return values.map((value) => ({
    ...request,
    context: { ...others, ...(value !== undefined && { [key]: value }) },
  }));
};
