/** Which rights a call takes by itself: what else AWS checks because of it, stands in `implied.ts`. */
import { arn } from "../applied";
import type { IamRequest } from "../iam";
import type { Call } from "../proxy";
import { TAG } from "../../../functions/shared/contract";
import { askedBy, type Asked } from "./asked";
import { fleetRequests } from "./fleet-requests";
import { parameterArn, type Installation } from "./installation";

type Request = Omit<IamRequest, "role">;

/** @throws when it is not known what the call works on */
export const requestsOf = (call: Call, installation: Installation): IamRequest[] => {
  const [service = "", operation = ""] = call.name.split(":");
  const requests = BY_SERVICE[service]?.(askedBy(call), operation, installation) ?? [];
  if (requests.length === 0) throw new Error(`It is not known what ${call.name} works on.`);
  const userId = installation.userIds.get(call.caller);
  return requests.map((request) => ({
    role: call.caller,
    ...request,
    ...(userId !== undefined && { context: { ...request.context, "aws:userid": userId } }),
  }));
};

type Requests = (asked: Asked, operation: string, installation: Installation) => Request[];

const dynamodb: Requests = (asked, operation) => {
  if (asked.TransactItems) return asked.TransactItems.flatMap(transactRequests);
  const index = asked.IndexName ? `/index/${asked.IndexName}` : "";
  const tables = [...(asked.TableName ? [asked.TableName] : []), ...Object.keys(asked.RequestItems ?? {})];
  const key = keyOf(asked);
  return tables.map((table) => ({
    action: `dynamodb:${operation}`,
    resource: arn("dynamodb", `table/${table}${index}`),
    ...(key !== undefined && { context: { "dynamodb:LeadingKeys": [key] } }),
  }));
};

/** As the document client takes it, or as it is on the wire. */
const keyOf = ({ Key }: Asked): string | undefined => {
  const [first] = Object.values(Key ?? {});
  const value = typeof first === "object" ? (first as { S?: string } | null)?.S : first;
  return typeof value === "string" ? value : undefined;
};

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html */
const ITEM_ACTIONS: Readonly<Record<string, string>> = {
  ConditionCheck: "ConditionCheckItem",
  Delete: "DeleteItem",
  Put: "PutItem",
  Update: "UpdateItem",
};

const transactRequests = (item: Readonly<Record<string, { readonly TableName: string }>>): Request[] =>
  Object.entries(item).map(([kind, { TableName }]) => ({
    action: `dynamodb:${ITEM_ACTIONS[kind] ?? kind}`,
    resource: arn("dynamodb", `table/${TableName}`),
  }));

const ssm: Requests = ({ Names = [], Name, ResourceId }, operation) =>
  [...Names, ...[Name ?? ResourceId].filter((one) => one !== undefined)].map((name) => ({
    action: `ssm:${operation}`,
    resource: parameterArn(name),
  }));

const sqs: Requests = ({ QueueUrl = "" }, operation) => [
  { action: `sqs:${operation}`, resource: arn("sqs", QueueUrl.split("/").at(-1) ?? "") },
];

const lambda: Requests = ({ FunctionName = "" }) => [
  {
    // https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
    action: "lambda:InvokeFunction",
    resource: FunctionName.startsWith("arn:") ? FunctionName : arn("lambda", `function:${FunctionName}`),
  },
];

const logs: Requests = ({ logGroupName, logStreamName }, operation) => [
  {
    action: `logs:${operation}`,
    resource: arn("logs", `log-group:${logGroupName}:log-stream:${logStreamName}`),
  },
];

const ec2: Requests = (asked, operation, installation) => {
  if (operation === "CreateFleet") return fleetRequests("ec2:CreateFleet", asked, installation);
  const action = `ec2:${operation}`;
  // What describes names no resource.
  if (operation.startsWith("Describe")) return [{ action, resource: "*" }];
  return (asked.InstanceIds ?? []).map((id) => ({
    action,
    resource: arn("ec2", `instance/${id}`),
    context: { [`ec2:ResourceTag/${TAG.installation}`]: installation.name },
  }));
};

const BY_SERVICE: Readonly<Record<string, Requests>> = { dynamodb, ec2, lambda, logs, sqs, ssm };
