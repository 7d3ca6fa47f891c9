/** What the applied policies allow, by a simulator: moto itself evaluates no condition. */
import { runSimulation } from "@cloud-copilot/iam-simulate";
import { emulatorRegion } from "./moto";
import type { Call } from "./proxy";
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
export async function isAllowed(
  resources: readonly Resource[],
  { role, action, resource, context = {} }: IamRequest,
): Promise<boolean> {
  const policies = policiesOf(resources, role);
  if (policies.length === 0) throw new Error(`The role ${role} has no policy.`);
  const answer = await runSimulation(
    {
      request: {
        principal: `arn:aws:sts::${ACCOUNT}:assumed-role/${role}/session`,
        action,
        resource: { resource, accountId: ACCOUNT },
        contextVariables: Object.fromEntries(
          Object.entries(context).map(([key, value]) => [stoodFor(key), value]),
        ),
      },
      identityPolicies: policies,
      ...(action.startsWith("kms:") && { resourcePolicy: accountDecides }),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
    },
    {},
  );
  if (answer.resultType === "error")
    throw new Error(`The simulator refuses: ${JSON.stringify(answer.errors)}`);
  return answer.overallResult === "Allowed";
}

/** What a call to AWS needs: more than one right where it does several things at once. */
export function requestsOf({ caller: role, name, body }: Call): IamRequest[] {
  const [service = "", action = ""] = name.split(":");
  const arn = (what: string): string => `arn:aws:${service}:${emulatorRegion}:${ACCOUNT}:${what}`;
  if (service === "ec2") return [];
  const asked = JSON.parse(body) as Asked;
  if (asked.TransactItems) return asked.TransactItems.flatMap((item) => itemRequests(role, item, arn));
  const tables = [...(asked.TableName ? [asked.TableName] : []), ...Object.keys(asked.RequestItems ?? {})];
  const names = [
    ...(asked.Names ?? []),
    ...[asked.Name ?? asked.ResourceId].filter((one) => one !== undefined),
  ];
  const resources = [
    ...tables.map((table) => arn(`table/${table}${asked.IndexName ? `/index/${asked.IndexName}` : ""}`)),
    ...(asked.QueueUrl ? [arn(asked.QueueUrl.split("/").at(-1) ?? "")] : []),
    ...names.map((one) => arn(`parameter/${one.replace(/^\//, "")}`)),
  ];
  if (resources.length === 0) throw new Error(`It is not known what ${name} works on.`);
  return resources.map((resource) => ({ role, action: `${service}:${action}`, resource }));
}

interface Asked {
  readonly TableName?: string;
  readonly IndexName?: string;
  readonly RequestItems?: Readonly<Record<string, unknown>>;
  readonly TransactItems?: readonly Readonly<Record<string, { readonly TableName: string }>>[];
  readonly QueueUrl?: string;
  readonly Name?: string;
  readonly Names?: readonly string[];
  readonly ResourceId?: string;
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html */
const itemActions: Readonly<Record<string, string>> = {
  ConditionCheck: "ConditionCheckItem",
  Delete: "DeleteItem",
  Put: "PutItem",
  Update: "UpdateItem",
};

function itemRequests(
  role: string,
  item: Readonly<Record<string, { readonly TableName: string }>>,
  arn: (what: string) => string,
): IamRequest[] {
  return Object.entries(item).map(([kind, { TableName }]) => ({
    role,
    action: `dynamodb:${itemActions[kind] ?? kind}`,
    resource: arn(`table/${TableName}`),
  }));
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
 * operators compare both alike.
 */
const stoodFor = (text: string): string =>
  text.replaceAll("kms:EncryptionContext:", "aws:PrincipalTag/EncryptionContext:");

interface Policy {
  readonly Statement: readonly { readonly Action: string | readonly string[] }[];
}

function policiesOf(resources: readonly Resource[], role: string): { name: string; policy: Policy }[] {
  return resources
    .filter(({ type, values }) => type === "aws_iam_role_policy" && values.role === role)
    .map(({ values }) => ({
      name: String(values.name),
      policy: JSON.parse(stoodFor(String(values.policy))) as Policy,
    }));
}
