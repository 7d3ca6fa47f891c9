import { LEDGER, PERSONAL } from "../functions/shared/contract";
import { endStatements, launchStatements } from "./launch-policy";
import { useKeys } from "./policy";
import type { LaunchScope } from "./launch-policy";
import type { PolicyStatement } from "./policy";
import type { TableReference } from "./runner-boot";
import type { GithubTokenSettings } from "../functions/shared/contract";

/** What the functions that reconcile work on, by which their roles are bounded. */
export interface ReconcileScope extends LaunchScope {
  readonly ledger: TableReference;
  readonly handoff: TableReference;
  readonly queueArn: string;
  /** Below it stand the parameters of the fleets, and nothing else. */
  readonly fleetParameterPrefix: string;
  readonly rotateFunctionArn: string;
  /** Parameter with the version of the runner. */
  readonly runnerParameter?: string;
  /** Key of the parameter with the personal access token. */
  readonly credentialKmsKeyArn?: string;
}

/** The parameters with tokens that one of these functions reads. */
export interface ReadTokens {
  readonly githubTokens: readonly GithubTokenSettings[];
  readonly registrationTokenParameter?: string;
}

const stateStatements = (
  { aws, ledger, handoff, kmsKeyArns }: ReconcileScope,
  handoffActions: readonly string[],
): readonly PolicyStatement[] => [
  {
    sid: "KeepLedger",
    actions: ["dynamodb:BatchGetItem", "dynamodb:UpdateItem"],
    resources: [ledger.arn],
  },
  {
    sid: "ReadOpenItems",
    actions: ["dynamodb:Query"],
    resources: [`${ledger.arn}/index/${LEDGER.openIndex}`],
  },
  { sid: "HandOver", actions: handoffActions, resources: [handoff.arn] },
  ...useKeys(kmsKeyArns, {
    sid: "UseTables",
    service: "dynamodb",
    aws,
    actions: ["kms:Decrypt"],
    encryptionContext: { "aws:dynamodb:tableName": [ledger.name, handoff.name] },
  }),
];

/** Asking, by a message on the jobs queue, that a fleet be looked at again; use of the queue's key comes on top. */
export const sendWakes = ({ queueArn }: Pick<ReconcileScope, "queueArn">): PolicyStatement => ({
  sid: "SendWakes",
  actions: ["sqs:SendMessage"],
  resources: [queueArn],
});

/**
 * A further App's parameter is named after the first App's. KMS is asked by Parameter Store only, which is given name by
 * name what may be read, so that nothing more can be, and five Apps find room in the policy.
 */
const byFirst = (parameterArns: readonly string[]): readonly string[] =>
  parameterArns.flatMap((arn) => {
    if (parameterArns.some((first) => arn.startsWith(`${first}-`))) return [];
    return parameterArns.some((further) => further.startsWith(`${arn}-`)) ? [`${arn}*`] : [arn];
  });

const tokenStatements = (scope: ReconcileScope, tokens: ReadTokens): readonly PolicyStatement[] => {
  const { aws, fleetParameterPrefix, kmsKeyArns, credentialKmsKeyArn, runnerParameter } = scope;
  const { githubTokens, registrationTokenParameter } = tokens;
  const arnsOf = (names: readonly string[]): readonly string[] => names.map((name) => aws.parameterArn(name));
  const named = (personal: boolean): readonly string[] =>
    githubTokens.filter(({ name }) => (name === PERSONAL) === personal).map(({ parameter }) => parameter);
  const rotated = arnsOf([
    ...named(false),
    ...(registrationTokenParameter === undefined ? [] : [registrationTokenParameter]),
  ]);
  const personal = arnsOf(named(true));
  const decrypt = { service: "ssm", aws, actions: ["kms:Decrypt"] };
  return [
    {
      sid: "ReadTokensAndFleets",
      actions: ["ssm:GetParameters"],
      // Name by name, ten fleets would not find room in the policy.
      resources: [
        ...rotated,
        ...personal,
        ...arnsOf(runnerParameter === undefined ? [] : [runnerParameter]),
        aws.parameterArn(`${fleetParameterPrefix}*`),
      ],
    },
    ...useKeys(kmsKeyArns, {
      ...decrypt,
      sid: "DecryptTokens",
      encryptionContext: { PARAMETER_ARN: byFirst(rotated) },
    }),
    ...useKeys(personal.length > 0 && credentialKmsKeyArn !== undefined ? [credentialKmsKeyArn] : [], {
      ...decrypt,
      sid: "DecryptCredential",
      encryptionContext: { PARAMETER_ARN: personal },
    }),
    { sid: "AskForToken", actions: ["lambda:InvokeFunction"], resources: [scope.rotateFunctionArn] },
  ];
};

/**
 * All that launching, listing and ending machines takes: what `launch` and `sweep` have in common.
 *
 * @param handoffActions what is done with registrations
 */
export const reconcileStatements = (
  scope: ReconcileScope,
  tokens: ReadTokens,
  handoffActions: readonly string[] = ["dynamodb:PutItem"],
): readonly PolicyStatement[] => [
  ...launchStatements(scope),
  ...endStatements(scope),
  ...stateStatements(scope, handoffActions),
  sendWakes(scope),
  ...tokenStatements(scope, tokens),
];
