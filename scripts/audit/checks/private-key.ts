import { demand, fail, pass } from "../finding";
import { arnEnd, blocks, givenTexts, isArnOf, isObject, refersTo, strings, textOf } from "../model";
import { coversArn, grants, hasWildcard, readPolicy } from "../policies";
import { readSettings } from "../settings";
import { eachFunction, openResources, setting, unseenRights } from "./shared";
import { takenByOthers } from "./trust";
import type { Finding } from "../finding";
import type { Attributes, Resource } from "../model";
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
  const taken = role === undefined ? [] : takenByOthers(role, "lambda");
  return names.flatMap((name) => {
    const key = keyOf(name, view);
    return [
      ...taken,
      pass(resource, setting("credential"), `${name} is read by its name`),
      ...own.filter((one) => readsKey(one, key)).map((one) => ownRead(one, key)),
      ...others(key, rotation, view),
    ];
  });
});

interface Key {
  readonly name: string;
  /** The parameter, if it stands in this stack. */
  readonly resource?: Resource;
}

const keyOf = (text: string, view: View): Key => {
  const resource = view.named(text, "aws_ssm_parameter");
  return { name: textOf(resource?.attributes.name) ?? text, resource };
};

const coversKey = (text: string, { name, resource }: Key): boolean =>
  text === "*" ||
  coversArn(text, parameterEnd(name)) ||
  (resource !== undefined && isArnOf(text.replace(/\*+$/, ""), resource));

const readsKey = (statement: Statement, key: Key): boolean =>
  grants(statement, ...READ_PARAMETER) && statement.resources.some((text) => coversKey(text, key));

const ownRead = (statement: Statement, key: Key): Finding => {
  const { name } = key;
  const loose = statement.resources.filter((text) => coversKey(text, key)).some(hasWildcard);
  return demand(
    !loose,
    statement.at,
    statement.attribute,
    `${statement.sid}: the rotation function alone reads ${name}`,
    `${statement.sid} reads ${name} by a wildcard`,
  );
};

/** Installations may share an App: the rotation function of another one reads the key as well. */
const isOfRotation = (policy: Resource, { name }: Key, { stack }: View): boolean =>
  stack.resources
    .filter(({ type }) => type === "aws_lambda_function")
    .filter(({ attributes }) => keyParameters(readSettings(attributes) ?? {}).includes(name))
    .flatMap(({ attributes }) =>
      stack.resources.filter(
        (one) => one.type === "aws_iam_role" && refersTo(textOf(attributes.role) ?? "", one),
      ),
    )
    .some((role) => givenTexts(policy, "role").some((text) => refersTo(text, role)));

const namesKey = (text: string, { name, resource }: Key): boolean =>
  arnEnd(text) === parameterEnd(name) || (resource !== undefined && isArnOf(text, resource));

/** Roles of the installation by any pattern; of others in the stack those policies that name the key. */
const others = (key: Key, { role: own }: LambdaFunction, view: View): readonly Finding[] => {
  const { name } = key;
  const roles = view.of("aws_iam_role").filter((role) => role !== own);
  const strangers = view.stack.resources
    .filter(({ type }) => type === "aws_iam_role_policy" || type === "aws_iam_policy")
    .filter((one) => !view.all.includes(one) && !isOfRotation(one, key, view))
    .flatMap((one) => readPolicy(one).statements)
    .filter(({ resources }) => resources.some((text) => namesKey(text, key)));
  const statements = roles.flatMap((role) => view.rightsOf(role).statements);
  return [
    ...statements.filter((one) => grants(one, ...READ_PARAMETER)).flatMap((one) => openResources(one, view)),
    ...[...statements, ...strangers]
      .filter((one) => readsKey(one, key))
      .map(({ at, attribute, sid }) => fail(at, attribute, `${sid} may read the App's private key ${name}`)),
    ...unseenRights(view),
  ];
};
