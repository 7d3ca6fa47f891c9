import { keysOf } from "./common";
import { policyDocument, useKeys, writeLogs } from "./policy";
import { RUNNER_POLICY, USER_DATA } from "./parts-shape";
import { propsMistakes, refuse } from "./schema/check-props";
import { checkUserData, renderUserData } from "./user-data";
import type { AwsEnvironment } from "./aws-environment";
import type { PolicyStatement } from "./policy";
import type { UserDataProps } from "./user-data";

/** A DynamoDB table, as far as a policy and a setting need it. */
export interface TableReference {
  /** Name of the table. */
  readonly name: string;
  /** ARN of the table. */
  readonly arn: string;
}

/** What the role of a machine is bounded by. */
export interface RunnerPolicyProps {
  /** The table that machines take their registration from: `handoff` of RunnerTables. */
  readonly handoffTable: TableReference;

  /** ARN of the log group that gets the machine's logs. */
  readonly logGroupArn: string;

  /**
   * ARN of the customer-managed key of the table.
   * @default the table is encrypted with a key that AWS owns
   */
  readonly kmsKeyArn?: string;

  /**
   * ARN of a second key that the table lies under before or after a change of the first.
   * @default none
   */
  readonly furtherKmsKeyArn?: string;

  /**
   * Where the key is used: `AwsEnvironment.of(this)`.
   * @default any region whose endpoints end in `amazonaws.com`
   */
  readonly aws?: Pick<AwsEnvironment, "host">;
}

const ANY_REGION: Pick<AwsEnvironment, "host"> = { host: (service) => `${service}.*.amazonaws.com` };

/**
 * All that the role of a machine may do, as the JSON of a policy: take its own registration, once, and write its log.
 * For a launch template of your own; {@link RunnerLaunchTemplate} has it already.
 * @throws ConfigurationError with all mistakes in `props`, one a line
 */
export const runnerPolicy = (props: RunnerPolicyProps): string => {
  refuse(propsMistakes(props, RUNNER_POLICY));
  const { handoffTable, logGroupArn, aws = ANY_REGION } = props;
  return policyDocument([
    writeLogs(logGroupArn),
    takeOwnRegistration(handoffTable),
    ...useKeys(keysOf(props), {
      sid: "DecryptHandoff",
      service: "dynamodb",
      aws,
      actions: ["kms:Decrypt"],
      encryptionContext: { "aws:dynamodb:tableName": handoffTable.name },
    }),
  ]);
};

/**
 * For an instance `aws:userid` is `<unique id of the role>:<instance id>`, which is the key of its registration.
 * `ForAllValues` holds for a request without keys too, hence `Null`. The second `$` keeps Terraform from reading it.
 */
const takeOwnRegistration = (handoffTable: TableReference): PolicyStatement => ({
  sid: "TakeOwnRegistration",
  actions: ["dynamodb:DeleteItem"],
  resources: [handoffTable.arn],
  conditions: {
    "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": ["$${aws:userid}"] },
    Null: { "dynamodb:LeadingKeys": "false" },
  },
});

/**
 * What a machine boots with, for the `user_data` of a launch template of your own; {@link RunnerLaunchTemplate} has it
 * already.
 * @throws ConfigurationError with all mistakes in `props`, one a line
 */
export const runnerUserData = (props: UserDataProps): string => {
  refuse(propsMistakes(props, USER_DATA));
  refuse(checkUserData(props));
  return renderUserData(props);
};
