import { toJson } from "./lists";
import type { AwsEnvironment } from "./aws-environment";

/** A statement of an IAM policy. Conditions: operator, then key, then value or values, as IAM writes them. */
export interface PolicyStatement {
  /** Unique in the policy; letters and digits. */
  readonly sid: string;
  /** @default "Allow" */
  readonly effect?: "Allow" | "Deny";
  /** Such as `sqs:SendMessage`. */
  readonly actions: readonly string[];
  /** ARNs; a list that only Terraform knows, too. */
  readonly resources: readonly string[];
  /**
   * All of them must hold.
   * @default none
   */
  readonly conditions?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

const VERSION = "2012-10-17";

const render = ({ sid, effect = "Allow", actions, resources, conditions }: PolicyStatement): object => ({
  Sid: sid,
  Effect: effect,
  Action: actions,
  Resource: resources,
  ...(conditions && { Condition: conditions }),
});

/** Plain JSON: it reads in the plan as it will stand in IAM, and needs no data source. References inside it resolve. */
export const policyDocument = (statements: readonly PolicyStatement[]): string =>
  toJson({ Version: VERSION, Statement: statements.map(render) });

/** A policy that stands on the resource, and is for everybody who comes to it. */
export const resourcePolicy = (statements: readonly PolicyStatement[]): string =>
  JSON.stringify({
    Version: VERSION,
    Statement: statements.map((statement) => ({ ...render(statement), Principal: "*" })),
  });

/**
 * Lets one AWS service take a role.
 *
 * @param service its principal, as {@link AwsEnvironment.principal} names it
 */
export const trustPolicy = (service: string): string =>
  JSON.stringify({
    Version: VERSION,
    Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: service } }],
  });

/** What a writer of a log group needs, on that group alone. */
export const writeLogs = (logGroupArn: string): PolicyStatement => ({
  sid: "WriteLogs",
  actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
  resources: [`${logGroupArn}:*`],
});

/**
 * What whoever sends to a queue needs of its key; whoever receives needs the second:
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
 */
export const QUEUE_KEY = ["kms:GenerateDataKey", "kms:Decrypt"] as const;

/** Use of customer-managed keys through AWS services only; nothing where there is no such key. */
export const useKeys = (
  kmsKeyArns: readonly string[],
  use: {
    readonly sid: string;
    /** `sqs`, `ssm`, `dynamodb`, `ec2` */
    readonly service: string | readonly string[];
    /** Where the key is used: account, region and partition. */
    readonly aws: Pick<AwsEnvironment, "host">;
    readonly actions: readonly string[];
    /** What the service tells KMS about the use, such as `aws:dynamodb:tableName`; `*` stands for anything. */
    readonly encryptionContext?: Readonly<Record<string, string | readonly string[]>>;
  },
): readonly PolicyStatement[] => {
  if (kmsKeyArns.length === 0) return [];
  const hosts = [use.service].flat().map((service) => use.aws.host(service));
  const context = Object.fromEntries(
    Object.entries(use.encryptionContext ?? {}).map(([key, value]) => [
      `kms:EncryptionContext:${key}`,
      value,
    ]),
  );
  const open = Object.values(context)
    .flat()
    .some((value) => value.includes("*"));
  return [
    {
      sid: use.sid,
      actions: use.actions,
      resources: kmsKeyArns,
      conditions: {
        StringLike: {
          "kms:ViaService": hosts.length === 1 ? hosts[0]! : hosts,
          ...(open && context),
        },
        ...(!open && Object.keys(context).length > 0 && { StringEquals: context }),
      },
    },
  ];
};
