import { demand, fail } from "../finding";
import { isArnOf } from "../model";
import { condition, hasWildcard, sameSet, touches } from "../policies";
import { runnerRoles } from "../view";
import { hiddenOf, unseenRunnerRoles } from "./shared";
import { takenByOthers } from "./trust";
import type { Finding } from "../finding";
import type { Resource } from "../model";
import type { Statement } from "../policies";
import type { View } from "../view";
import type { Check } from "./shared";

/** The log groups that the boot scripts of the role's machines write to; those of the installation where a script cannot be read. */
const logGroups = (role: Resource, view: View): readonly Resource[] => {
  const own = view.templates.filter((one) => one.role === role);
  const ofBoot = own.flatMap(({ userData }) =>
    "hidden" in userData ? view.of(LOG_GROUP) : (view.named(userData.settings.LOG_GROUP, LOG_GROUP) ?? []),
  );
  return [...new Set(ofBoot)];
};

const LOG_GROUP = "aws_cloudwatch_log_group";

const WRITE_LOG = ["logs:createlogstream", "logs:putlogevents"];

const isOwnLog = ({ actions, resources }: Statement, role: Resource, view: View): boolean =>
  actions.every((action) => WRITE_LOG.includes(action.toLowerCase())) &&
  resources.every((text) =>
    logGroups(role, view).some(
      (group) => isArnOf(text, group, ":*") || isArnOf(text, group, ":log-stream:*"),
    ),
  );

/** Decrypting what the handoff table holds: one key, and through one service only. */
const isOwnKey = (statement: Statement): boolean =>
  sameSet(statement.actions, ["kms:Decrypt"]) &&
  !statement.resources.some(hasWildcard) &&
  (condition(statement, ["StringLike", "StringEquals"], "kms:ViaService") ?? ["*"]).every((one) =>
    one.startsWith("dynamodb."),
  );

/** DynamoDB alone is the matter of control 4, which asks for the instance's own key. */
const isRegistration = (statement: Statement): boolean =>
  touches(statement, "dynamodb") && statement.actions.every((action) => /^dynamodb:/i.test(action));

const ownOnly = (statement: Statement, role: Resource, view: View): readonly Finding[] => {
  const { at, attribute, sid, actions, resources } = statement;
  if (isRegistration(statement)) return [];
  const holds = isOwnLog(statement, role, view) || isOwnKey(statement);
  const bad = `${sid} allows ${actions.join(", ")} on ${resources.join(", ")}: more than the machine itself`;
  return [demand(holds, at, attribute, `${sid}: its own log, or its own key`, bad)];
};

/** Control 11. */
export const ownInstanceOnly: Check = (view) => {
  const ofRoles = runnerRoles(view).flatMap((role) => {
    const { statements, hidden: unread } = view.rightsOf(role);
    const foreign = unread.filter(
      ({ attribute }) => attribute.startsWith("managed_") || attribute.startsWith("policy_arn"),
    );
    return [
      ...takenByOthers(role, "ec2"),
      ...statements.flatMap((one) => ownOnly(one, role, view)),
      ...foreign.map(({ at, attribute, why }) =>
        fail(at, attribute, `machines may do what nobody sees here: ${why}`),
      ),
      ...hiddenOf({ statements, hidden: unread.filter((one) => !foreign.includes(one)) }),
    ];
  });
  return [...ofRoles, ...unseenRunnerRoles(view)];
};
