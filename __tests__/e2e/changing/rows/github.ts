/** How the installation stands to GitHub: App, webhook, runner group. The dangerous ones, each by itself. */
import { KEYS, SECOND_APP, SECOND_KEY_PARAMETER, THIRD_APP, THIRD_KEY_PARAMETER } from "../ground";
import { keyAtHand, secretByHand, tokenAtHand } from "../by-hand";
import { alone, together, type Row, type Step } from "../row";

const lambda = "aws_lambda_function";
/** The settings of a fleet, as the functions read them. */
const settings = "aws_ssm_parameter";
const github = (key: string): string => `runners.github.${key}`;
const HOOKS = ["github_organization_webhook"];
const SECRETS = ["aws_ssm_parameter"];
const GROUP = ["github_actions_runner_group"];

/** "The sweep finds those jobs", as the table says of the gap. */
const backlog = { "runners.backlogRepositories": ["Hello-World"] };

const webhook: Row = {
  key: "runners.webhook",
  what: "organization to app to manual and back",
  values: ["app", "manual"],
  beside: backlog,
  shows: [
    [lambda, '"webhook":{"kind":"app"'],
    [lambda, '"redeliver":false'],
  ],
  replaces: [...HOOKS, ...SECRETS],
  finish: secretByHand,
};

/** Its most dangerous part. */
export const webhookRow: Row = {
  ...webhook,
  what: "organization to app and back",
  values: webhook.values.slice(0, 1),
  shows: webhook.shows.slice(0, 1),
};

export const appRow: Row = {
  key: github("appId"),
  values: [SECOND_APP],
  beside: { [github("privateKeyParameter")]: SECOND_KEY_PARAMETER },
  shows: [[lambda, `"appId":"${SECOND_APP}"`]],
};

export const groupRow: Row = {
  key: "runners.runnerGroup",
  what: "own to one by its id",
  values: [{ id: "1007" }],
  shows: [[settings, '"runnerGroupId":"1007"']],
  replaces: GROUP,
};

const further = [{ appId: SECOND_APP, privateKeyParameter: SECOND_KEY_PARAMETER }];

export const githubSteps: readonly Step[] = [
  ...alone([
    webhook,
    appRow,
    { key: github("installationId"), values: ["7"], shows: [[lambda, '"installationId":"7"']] },
    {
      key: github("privateKeyParameter"),
      values: [SECOND_KEY_PARAMETER],
      prepare: keyAtHand,
      shows: [[lambda, SECOND_KEY_PARAMETER]],
    },
    {
      key: github("credentialKmsKeyArn"),
      values: [KEYS[0]],
      shows: [["aws_iam_role_policy", KEYS[0]]],
    },
    {
      key: github("registration"),
      values: ["token"],
      shows: [[lambda, '"registration":"token"']],
      replaces: SECRETS,
    },
    { key: github("furtherApps"), values: [further], shows: [[lambda, SECOND_APP]], replaces: SECRETS },
    {
      key: github("tokenParameter"),
      what: "App to a personal access token and back",
      values: ["/octo-org/token"],
      beside: {
        [github("appId")]: undefined,
        [github("privateKeyParameter")]: undefined,
        "runners.webhook": "organization",
      },
      prepare: tokenAtHand,
      shows: [[lambda, "/octo-org/token"]],
      replaces: SECRETS,
    },
    groupRow,
    {
      key: "keepGithubProvider",
      what: "while its last resource is removed",
      values: [true],
      beside: { "runners.webhook": "app", "runners.runnerGroup": { id: "1007" }, ...backlog },
      shows: [["github_organization_webhook", '!"active"']],
      replaces: [...HOOKS, ...GROUP],
    },
  ]),
  together("a further App's keys", [
    {
      key: `${github("furtherApps")}[].appId`,
      values: [SECOND_APP, THIRD_APP],
      beside: { [github("furtherApps")]: further },
      shows: [
        [lambda, SECOND_APP],
        [lambda, THIRD_APP],
      ],
      replaces: SECRETS,
    },
    {
      key: `${github("furtherApps")}[].installationId`,
      values: ["8", "9"],
      shows: [
        [lambda, '"installationId":"8"'],
        [lambda, '"installationId":"9"'],
      ],
    },
    {
      key: `${github("furtherApps")}[].privateKeyParameter`,
      values: [SECOND_KEY_PARAMETER, THIRD_KEY_PARAMETER],
      shows: [
        [lambda, SECOND_KEY_PARAMETER],
        [lambda, THIRD_KEY_PARAMETER],
      ],
    },
  ]),
  together("a runner group's keys", [
    {
      key: "runners.runnerGroup.id",
      values: ["1007", "1008"],
      shows: [
        [settings, '"runnerGroupId":"1007"'],
        [settings, '"runnerGroupId":"1008"'],
      ],
      replaces: GROUP,
    },
    {
      key: "runners.runnerGroup.name",
      values: ["builders", "others"],
      shows: [
        [settings, '"runnerGroupName":"builders"'],
        [settings, '"runnerGroupName":"others"'],
      ],
    },
  ]),
  ...alone([
    {
      key: "runners.runnerGroup.default",
      values: [true],
      shows: [[settings, '"runnerGroupId":"1"']],
      replaces: GROUP,
    },
  ]),
];
