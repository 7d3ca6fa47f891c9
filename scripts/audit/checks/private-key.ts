import { demand, fail, pass } from "../finding";
import { arnEnd, blocks, isObject, strings } from "../model";
import { coversArn, grants, hasWildcard, readPolicy } from "../policies";
import { eachFunction, setting, unseenRights } from "./shared";
import type { Finding } from "../finding";
import type { Attributes } from "../model";
import type { Statement } from "../policies";
import type { LambdaFunction, View } from "../view";
import type { Check } from "./shared";

const READ_PARAMETER = ["GetParameter", "GetParameters", "GetParametersByPath", "GetParameterHistory"].map(
  (name) => `ssm:${name}`,
);

const keyParameters = (settings: Attributes): readonly string[] => {
  const further = blocks(settings.furtherApps).map(({ privateKeyParameter }) => privateKeyParameter);
  const own = isObject(settings.credential) ? settings.credential.privateKeyParameter : undefined;
  return strings([own, ...further]);
};

/** How the ARN of a parameter ends: the slash before a name stands once. */
const parameterEnd = (name: string): string => `parameter/${name.replace(/^\//, "")}`;

/** Control 7. */
export const privateKey: Check = eachFunction("rotate-tokens", (rotation, view) => {
  const { settings, resource, role } = rotation;
  const names = keyParameters(settings);
  if (names.length === 0)
    return [
      fail(
        resource,
        setting("credential"),
        "a personal access token stands for a person, and for all that it may do: use a GitHub App",
      ),
    ];
  const own = role === undefined ? [] : view.rightsOf(role).statements;
  return names.flatMap((name) => [
    pass(resource, setting("credential"), `${name} is read by its name`),
    ...own.filter((one) => readsKey(one, name)).map((one) => ownRead(one, name)),
    ...others(name, rotation, view),
  ]);
});

const readsKey = (statement: Statement, name: string): boolean =>
  grants(statement, ...READ_PARAMETER) &&
  statement.resources.some((text) => text === "*" || coversArn(text, parameterEnd(name)));

const ownRead = (statement: Statement, name: string): Finding => {
  const loose = statement.resources.filter((text) => coversArn(text, parameterEnd(name))).some(hasWildcard);
  return demand(
    !loose,
    statement.at,
    statement.attribute,
    `${statement.sid}: the rotation function alone reads ${name}`,
    `${statement.sid} reads ${name} by a wildcard`,
  );
};

/** Roles of the installation by any pattern; of others in the stack those policies that name the key. */
const others = (name: string, { role: own }: LambdaFunction, view: View): readonly Finding[] => {
  const roles = view.of("aws_iam_role").filter((role) => role !== own);
  const strangers = view.stack.resources
    .filter(({ type }) => type === "aws_iam_role_policy" || type === "aws_iam_policy")
    .filter((one) => !view.all.includes(one))
    .flatMap((one) => readPolicy(one).statements)
    .filter(({ resources }) => resources.some((text) => arnEnd(text) === parameterEnd(name)));
  const rights = roles.map((role) => view.rightsOf(role));
  return [
    ...[...rights.flatMap(({ statements }) => statements), ...strangers]
      .filter((one) => readsKey(one, name))
      .map(({ at, attribute, sid }) => fail(at, attribute, `${sid} may read the App's private key ${name}`)),
    ...unseenRights(view),
  ];
};
