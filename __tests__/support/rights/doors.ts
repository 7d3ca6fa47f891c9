/** Who may come in: trust policies of roles, permissions of functions, policies of queues; and who does. */
import type { Resource } from "../terraform";
import { block, ofType } from "./installation";

/** `from -> to`, as it is allowed or as it happens. */
type Way = string;

const way = (from: unknown, to: unknown): Way => `${String(from)} -> ${String(to)}`;

const trusted = (resources: readonly Resource[]): Way[] =>
  ofType(resources, "aws_iam_role").flatMap(({ arn, assume_role_policy: policy }) => {
    const { Statement } = JSON.parse(String(policy)) as {
      Statement: { Action: string; Principal: { Service: string } }[];
    };
    return Statement.map(({ Action, Principal }) => way(`${Principal.Service} ${Action}`, arn));
  });

/** Lambda takes the role of each function, EC2 that of each instance profile in a template. */
const assumed = (resources: readonly Resource[]): Way[] => {
  const profiles = ofType(resources, "aws_launch_template").map(
    ({ iam_instance_profile: profile }) => block(profile).arn,
  );
  const roles = ofType(resources, "aws_iam_instance_profile")
    .filter(({ arn }) => profiles.includes(arn))
    .map(({ role }) => ofType(resources, "aws_iam_role").find(({ name }) => name === role)?.arn);
  return [
    ...ofType(resources, "aws_lambda_function").map(({ role }) =>
      way("lambda.amazonaws.com sts:AssumeRole", role),
    ),
    ...roles.map((role) => way("ec2.amazonaws.com sts:AssumeRole", role)),
  ];
};

const permitted = (resources: readonly Resource[]): Way[] =>
  ofType(resources, "aws_lambda_permission").map(
    ({ action, principal, source_arn: source, function_name: name }) =>
      way(`${String(principal)} ${String(action)} ${String(source)}`, name),
  );

const invoked = (resources: readonly Resource[]): Way[] => {
  const functionOf = (arn: unknown): unknown =>
    ofType(resources, "aws_lambda_function").find((one) => one.arn === arn)?.function_name;
  const ruleOf = (name: unknown): unknown =>
    ofType(resources, "aws_cloudwatch_event_rule").find((one) => one.name === name)?.arn;
  const routes = ofType(resources, "aws_apigatewayv2_route").map(({ route_key: key, api_id: id }) => {
    const { integration_uri: uri } = ofType(resources, "aws_apigatewayv2_integration").find(
      ({ api_id: api }) => api === id,
    )!;
    const api = ofType(resources, "aws_apigatewayv2_api").find((one) => one.id === id)?.execution_arn;
    const source = `${String(api)}/*/${String(key).replace(" ", "")}`;
    return way(`apigateway.amazonaws.com lambda:InvokeFunction ${source}`, functionOf(uri));
  });
  const targets = ofType(resources, "aws_cloudwatch_event_target").map(({ rule, arn }) =>
    way(`events.amazonaws.com lambda:InvokeFunction ${String(ruleOf(rule))}`, functionOf(arn)),
  );
  return [...routes, ...targets];
};

interface Redrive {
  readonly deadLetterTargetArn?: string;
  readonly sourceQueueArns?: readonly string[];
}

const readRedrive = (text: unknown): Redrive =>
  typeof text === "string" && text !== "" ? (JSON.parse(text) as Redrive) : {};

const redriveAllowed = (resources: readonly Resource[]): Way[] =>
  ofType(resources, "aws_sqs_queue_redrive_allow_policy").flatMap(
    ({ queue_url: url, redrive_allow_policy: policy }) =>
      (readRedrive(policy).sourceQueueArns ?? []).map((source) => way(source, url)),
  );

const redriven = (resources: readonly Resource[]): Way[] =>
  ofType(resources, "aws_sqs_queue").flatMap(({ arn, redrive_policy: policy }) => {
    const { deadLetterTargetArn } = readRedrive(policy);
    const dead = ofType(resources, "aws_sqs_queue").find((one) => one.arn === deadLetterTargetArn);
    return dead ? [way(arn, dead.id)] : [];
  });

/** Kinds of doors, each with what it lets in and what comes in. */
export const DOORS: readonly (readonly [
  kind: string,
  open: (resources: readonly Resource[]) => Way[],
  used: (resources: readonly Resource[]) => Way[],
])[] = [
  ["trust policies of roles", trusted, assumed],
  ["permissions to invoke functions", permitted, invoked],
  ["leave to send to a dead-letter queue", redriveAllowed, redriven],
];
