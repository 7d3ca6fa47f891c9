import { fail, hidden } from "../finding";
import { block, refersTo, textOf, textsIn } from "../model";
import { grants, readPolicy } from "../policies";
import { eachUserData } from "./shared";
import type { Finding } from "../finding";
import type { View } from "../view";
import type { Check } from "./shared";

/**
 * Controls that only run time proves. What would break them may be seen all the same; nothing seen is no proof.
 */
const inUserData = (broken: RegExp, why: string): Check =>
  eachUserData(({ text }, { resource }) => [
    broken.test(text)
      ? fail(resource, "user_data", why)
      : hidden(resource, "user_data", "nothing in the boot script speaks against it"),
  ]);

/** Control 2. */
export const neverAgain = inUserData(
  /^Restart=(?!no\b)|ACTIONS_RUNNER_INPUT_EPHEMERAL=["']?(false|0)/m,
  "the runner is started again after its job",
);

/** Control 6. */
export const noSecretArguments = inUserData(
  /--jitconfig\b|config\.sh\b[^\n]*--(token|pat)\b/,
  "a credential stands on a command line",
);

/** Control 10. */
export const closedMetadata: Check = eachUserData(({ text }, { resource }) => [
  /169\.254\.169\.254/.test(text) && /\b(nft|iptables)\b/.test(text)
    ? hidden(resource, "user_data", "a firewall rule for the metadata service is there")
    : fail(resource, "user_data", "nothing closes the metadata service to the job"),
]);

/** Control 19. */
export const noRoot = inUserData(
  /\b(usermod|gpasswd|adduser|addgroup)\b[^\n]*\b(docker|sudo|wheel)\b|\bsudoers\b|\bNOPASSWD\b|^NoNewPrivileges=(no|false|0)/m,
  "the runner's user may become root, or is in the docker group",
);

/** Control 35. */
export const noTrace = inUserData(
  /\bset\s(?:[^\n;|&]*\s)?-[a-wyz]*x|-o xtrace\b|\b(?:ba|da|k|z)?sh\s(?:-\S+\s+)*-[a-wyz]*x|\bBASH_XTRACEFD\b/,
  "the boot script prints what it runs",
);

/** Variables that have the logger of the functions print whole events, signatures included. */
const VERBOSE = ["POWERTOOLS_LOGGER_LOG_EVENT", "POWERTOOLS_DEV", "NODE_DEBUG"];

/** Control 23. */
export const quietLogs: Check = (view) => [
  ...view.functions.flatMap(({ resource }) => {
    const variables = block(block(resource.attributes.environment).variables);
    return VERBOSE.filter((name) => /^(?!false$|0$).+/.test(textOf(variables[name]) ?? "")).map((name) =>
      fail(resource, `environment.variables.${name}`, "the function logs whole events"),
    );
  }),
  hidden(view.self, "", "nothing in the settings speaks against it"),
];

/** Who may put anything on a queue, or call a function, goes past the webhook and its signature. */
const isEverybody = (principal: unknown): boolean => textsIn(principal).some(([, text]) => text === "*");

/** Within the account the policies of roles are enough; whoever is let in by the queue itself is somebody else. */
const openQueues = (view: View): readonly Finding[] =>
  view.of("aws_sqs_queue_policy", "aws_sqs_queue").flatMap((at) =>
    textOf(at.attributes.policy) === undefined
      ? []
      : readPolicy(at)
          .statements.filter((one) => grants(one, "sqs:SendMessage"))
          .map(({ sid }) => fail(at, "policy", `${sid} lets others put jobs on the queue, unsigned`)),
  );

/** They carry the schedule and events of AWS, and nobody's request. */
const SCHEDULERS = ["events.amazonaws.com", "scheduler.amazonaws.com"];

const isWebhook = (text: unknown, view: View): boolean =>
  view.functionsOf("webhook").some(({ resource }) => refersTo(textOf(text) ?? "", resource));

const openFunctions = (view: View): readonly Finding[] => [
  ...view
    .of("aws_lambda_permission")
    .filter(({ attributes: { principal, function_name } }) =>
      isWebhook(function_name, view) ? isEverybody(principal) : !SCHEDULERS.includes(textOf(principal) ?? ""),
    )
    .map((at) => fail(at, "principal", "others may call the function, past the webhook")),
  ...view
    .of("aws_lambda_function_url")
    .filter(({ attributes }) => attributes.authorization_type !== "AWS_IAM")
    .filter(({ attributes }) => !isWebhook(attributes.function_name, view))
    .map((at) => fail(at, "authorization_type", "everybody may call the function, past the webhook")),
];

/** Control 22. */
export const noWayAround: Check = (view) => [
  ...openQueues(view),
  ...openFunctions(view),
  hidden(view.self, "", "the webhook function is the only way in"),
];
