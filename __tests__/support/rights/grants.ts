/** What the policies grant, and which of it nothing takes. */
import { matches } from "../../../scripts/audit/policies";
import { permits, policiesOf, type IamRequest, type Statement } from "../iam";
import type { Resource } from "../terraform";
import type { Check } from "./implied";

/** A statement with nothing left in it but one action, one resource or one value of a condition. */
interface Grant {
  readonly role: string;
  readonly sid: string;
  readonly kind: "action" | "resource" | "condition";
  readonly what: string;
  readonly alone: Statement;
}

export interface RoleFigures {
  readonly role: string;
  readonly statements: number;
  readonly granted: number;
  readonly used: number;
}

export const rolesOf = (resources: readonly Resource[]): string[] =>
  resources
    .filter(({ type }) => type === "aws_iam_role_policy")
    .map(({ values }) => String(values.role))
    .sort();

export const statementsOf = (resources: readonly Resource[], role: string): Statement[] =>
  policiesOf(resources, role).flatMap(({ Statement }) => Statement);

const grantsOf = (role: string, statement: Statement): Grant[] => {
  const { Sid: sid, Action, Resource, Condition = {} } = statement;
  const conditions = Object.entries(Condition).flatMap(([operator, keys]) =>
    Object.entries(keys).flatMap(([key, values]) =>
      [values].flat().map((value) => ({
        what: `${operator} ${key} ${value}`,
        alone: { ...statement, Condition: { ...Condition, [operator]: { ...keys, [key]: value } } },
      })),
    ),
  );
  return [
    ...Action.map((what) => ({ kind: "action" as const, what, alone: { ...statement, Action: [what] } })),
    ...Resource.map((what) => ({
      kind: "resource" as const,
      what,
      alone: { ...statement, Resource: [what] },
    })),
    ...conditions.map((one) => ({ kind: "condition" as const, ...one })),
  ].map((grant) => ({ role, sid, ...grant }));
};

const decided = new Map<string, Promise<boolean>>();

/** Whether the statement by itself lets the request through. */
export const lets = (statement: Statement, request: IamRequest): Promise<boolean> => {
  const { action, resource, context } = request;
  const isLikely =
    statement.Action.some((pattern) => matches(pattern.toLowerCase(), action.toLowerCase())) &&
    statement.Resource.some((pattern) => matches(pattern, resource));
  // The simulator decides; this spares it what is out of the question, or was decided before.
  if (!isLikely) return Promise.resolve(false);
  const question = JSON.stringify([statement, action, resource, context]);
  const decision =
    decided.get(question) ?? permits([{ Version: "2012-10-17", Statement: [statement] }], request);
  decided.set(question, decision);
  return decision;
};

/** The first of the requests that the statement by itself lets through. */
export const takerOf = async <T extends IamRequest>(
  statement: Statement,
  requests: readonly T[],
): Promise<T | undefined> => {
  for (const request of requests) if (await lets(statement, request)) return request;
  return undefined;
};

/** No statement takes anything away, so that one is enough. */
export const allows = async (statements: readonly Statement[], request: IamRequest): Promise<boolean> => {
  if (statements.some(({ Effect }) => Effect !== "Allow"))
    throw new Error("A role's policy denies something.");
  for (const statement of statements) if (await lets(statement, request)) return true;
  return false;
};

/** What nothing takes, as `role: sid grants action ...`; and how much there is of all. */
export const unusedGrants = async (
  resources: readonly Resource[],
  requests: readonly IamRequest[],
): Promise<{ unused: string[]; figures: RoleFigures[] }> => {
  const roles = await Promise.all(
    rolesOf(resources).map(async (role) => {
      const statements = statementsOf(resources, role);
      const own = requests.filter((request) => request.role === role);
      const all = statements.flatMap((statement) => grantsOf(role, statement));
      const judged = await Promise.all(
        all.map(async (grant) => ({ ...grant, used: (await takerOf(grant.alone, own)) !== undefined })),
      );
      const actions = judged.filter(({ kind }) => kind === "action");
      return {
        figures: {
          role,
          statements: statements.length,
          granted: new Set(actions.map(({ what }) => what)).size,
          used: new Set(actions.filter(({ used }) => used).map(({ what }) => what)).size,
        },
        unused: judged
          .filter(({ used }) => !used)
          .map(({ sid, kind, what }) => `${role}: ${sid} grants the ${kind} ${what} to no call`),
      };
    }),
  );
  return { figures: roles.map(({ figures }) => figures), unused: roles.flatMap(({ unused }) => unused) };
};

/** Requests that the role's policies refuse, as `role: action on resource, for call, is refused`. */
export const refusedRequests = async (
  resources: readonly Resource[],
  requests: readonly Check[],
): Promise<string[]> => {
  const judged = await Promise.all(
    requests.map(async (request) => ({
      ...request,
      allowed: await allows(statementsOf(resources, request.role), request),
    })),
  );
  return judged
    .filter(({ allowed }) => !allowed)
    .map(({ role, action, resource, by, source }) => {
      const why = source === undefined ? by : `${by} (${source})`;
      return `${role}: ${action} on ${resource}, for ${why}, is refused`;
    });
};
