import { fail, hidden } from "../finding";
import { block, textOf, textsIn } from "../model";
import { readPolicy } from "../policies";
import { eachUserData } from "./shared";
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
  /^\s*set -[a-wyz]*x|\bset -o xtrace\b|\bbash -[a-wyz]*x|\bBASH_XTRACEFD\b/m,
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

/** Control 22. */
export const noWayAround: Check = (view) => [
  ...view.of("aws_sqs_queue_policy").flatMap((at) =>
    readPolicy(at)
      .statements.filter(({ principal }) => isEverybody(principal))
      .map(({ sid }) => fail(at, "policy", `${sid} lets everybody put jobs on the queue, unsigned`)),
  ),
  ...view
    .of("aws_lambda_permission")
    .filter(({ attributes }) => isEverybody(attributes.principal))
    .map((at) => fail(at, "principal", "everybody may call the function")),
  hidden(view.self, "", "the webhook function is the only way in"),
];
