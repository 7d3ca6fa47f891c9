/** What the applied policies allow, by a simulator: moto itself evaluates no condition. */
import { runSimulation } from "@cloud-copilot/iam-simulate";
import type { Resource } from "./terraform";

const ACCOUNT = "123456789012";

export interface IamRequest {
  /** Name of the role. */
  readonly role: string;
  readonly action: string;
  readonly resource: string;
  readonly context?: Readonly<Record<string, string | string[]>>;
}

/** Decides on the role's inline policies, as they stand in the state. */
export function isAllowed(resources: readonly Resource[], request: IamRequest): Promise<boolean> {
  const policies = policiesOf(resources, request.role);
  if (policies.length === 0) throw new Error(`The role ${request.role} has no policy.`);
  return permits(policies, request);
}

/** Decides on these policies alone. */
export async function permits(
  policies: readonly Policy[],
  { role, action, resource, context = {} }: IamRequest,
): Promise<boolean> {
  const answer = await runSimulation(
    {
      request: {
        principal: `arn:aws:sts::${ACCOUNT}:assumed-role/${role}/session`,
        action,
        resource: { resource: stoodFor(resource), accountId: ACCOUNT },
        contextVariables: Object.fromEntries(
          Object.entries(context).map(([key, value]) => [stoodFor(key), value]),
        ),
      },
      identityPolicies: policies.map((policy, index) => ({
        name: `policy-${index}`,
        policy: JSON.parse(stoodFor(JSON.stringify(policy))) as Policy,
      })),
      ...(action.startsWith("kms:") && { resourcePolicy: accountDecides }),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
    },
    {},
  );
  if (answer.resultType === "error")
    throw new Error(`The simulator refuses ${action} on ${resource}: ${JSON.stringify(answer.errors)}`);
  return answer.overallResult === "Allowed";
}

/** A key's usual policy: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html */
const accountDecides = {
  Version: "2012-10-17",
  Statement: [
    { Effect: "Allow", Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: "kms:*", Resource: "*" },
  ],
};

/**
 * The simulator loses the end of this key's name, and its value with it. Of a tag's name it loses nothing, and the
 * operators compare both alike. Nor does it know AWS's own parameters, which belong to no account.
 */
const stoodFor = (text: string): string =>
  text
    .replaceAll("kms:EncryptionContext:", "aws:PrincipalTag/EncryptionContext:")
    .replaceAll(/(:ssm:[\w-]+):(:parameter\/aws\/service\/)/g, "$1:000000000000$2");

export interface Statement {
  readonly Sid: string;
  readonly Effect: string;
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

export interface Policy {
  readonly Version: string;
  readonly Statement: readonly Statement[];
}

export const policiesOf = (resources: readonly Resource[], role: string): Policy[] =>
  resources
    .filter(({ type, values }) => type === "aws_iam_role_policy" && values.role === role)
    .map(({ values }) => JSON.parse(String(values.policy)) as Policy);
