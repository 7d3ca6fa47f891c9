import { block, textOf } from "../../audit/model";
import { phrase } from "../phrase";
import { stands } from "../plan";
import { endedIn, isStanding, settingsWith } from "./installation";
import type { Matter } from "../matters";
import type { Phrase } from "../phrase";
import type { Plan } from "../plan";

/** The time in which GitHub's events reach nobody, and what stays at GitHub or changes hands there. */

/** By type, the kind of webhook that Terraform makes with it. */
const HOOKS: ReadonlyMap<string, string> = new Map([
  ["github_organization_webhook", "organization"],
  ["github_repository_webhook", "repository"],
]);

const REMEDY =
  "GitHub has nothing of that time to send again: name backlogRepositories before, or run those jobs again (docs/changing.md)";

/** The address that GitHub sends to, and what answers there. */
const ADDRESS = new Set(["aws_apigatewayv2_api", "aws_apigatewayv2_route", "aws_apigatewayv2_stage"]);

const kindOf = (settings: unknown): string => textOf(block(block(settings).webhook).kind) ?? "manual";

/** By the kind that comes; that of an organization or of a repository is Terraform's. */
const textFor = (before: string, after: string): Phrase => {
  const words = phrase`the webhook changes from ${before} to ${after}: `;
  if (after === "manual")
    return [
      ...words,
      'no event is taken until you have set the webhook and stored its secret; "terraform state rm" before the apply keeps the one that stands',
    ];
  if (before === "manual" && after === "app")
    return [...words, "switch your own webhook off at GitHub once the App's deliveries arrive"];
  if (before === "manual")
    return [
      ...words,
      "import the one that stands before the apply: GitHub refuses a second one of its address",
    ];
  if (after === "app") return [...words, `for a second or two no event may be taken. ${REMEDY}`];
  return [...words, "no event is lost; switch the App's webhook off in the App's settings afterwards"];
};

/** Rotation's word, or where that waits for the id of a webhook that is made, the type of this. */
const changedKind = (plan: Plan): { readonly address: string; readonly text: Phrase } | undefined => {
  const made = plan.changes.find(({ type, action }) => HOOKS.has(type) && action === "create");
  return settingsWith(plan, "credential")
    .flatMap(({ change: { address }, before, after }) => {
      const [was, now] = [kindOf(before), after === undefined ? HOOKS.get(made?.type ?? "") : kindOf(after)];
      // Imported already, as it says for this change.
      const isTaken = was === "manual" && now !== "app" && made === undefined;
      return now === undefined || was === now || isTaken ? [] : [{ address, text: textFor(was, now) }];
    })
    .at(0);
};

/** @returns at most one: what ends the old webhook also changes the settings, as a rule */
const gap = (plan: Plan): readonly Matter[] => {
  if (!isStanding(plan)) return [];
  const base = { kind: "events-gap", level: "attention" } as const;
  const kind = changedKind(plan);
  if (kind !== undefined) return [{ ...base, ...kind }];
  const { hooks, apis } = endedIn(plan);
  const hook = plan.changes.find(
    ({ type, action, before }) =>
      HOOKS.has(type) &&
      ["create", "delete", "replace"].includes(action) &&
      !hooks.has(textOf(before.id) ?? ""),
  );
  if (hook !== undefined)
    return [
      {
        ...base,
        address: hook.address,
        text: [
          `no event is taken until the rotation has set the webhook that takes its place, seconds after the apply. ${REMEDY}`,
        ],
      },
    ];
  const door = plan.changes.find(
    ({ type, action, before }) =>
      ADDRESS.has(type) &&
      (action === "replace" || action === "delete") &&
      !apis.has(textOf(before.api_id ?? before.id) ?? ""),
  );
  return door === undefined
    ? []
    : [
        {
          ...base,
          address: door.address,
          text: [
            `GitHub sends to the old address until the rotation has set the new one. The sweep asks GitHub to send again what failed; with webhook "manual" set the address yourself`,
          ],
        },
      ];
};

const LEFT =
  "goes on sending to this installation's address, and nothing here can end it: delete it at GitHub (docs/changing.md)";

/** Configured, or in use without being configured: then the environment says whose resources it is for. */
const hasProvider = ({ json, changes }: Plan): boolean =>
  Object.values(block(block(json.configuration).provider_config)).some(
    (provider) => block(provider).name === "github",
  ) || changes.some((change) => change.type.startsWith("github_") && stands(change));

const KEEP =
  "set keepGithubProvider to true for this one apply, or keep the GithubProvider of your own program (docs/operation.md)";

const KEPT =
  "that is right if you took it out of the state to keep it; else set keepGithubProvider to true for this one apply (docs/operation.md)";

/** At the level of a repository a webhook leaves the state when its provider is gone, before anything is planned. */
const dropped = (plan: Plan): readonly Matter[] => {
  if (plan.changes.some(({ type }) => HOOKS.has(type))) return [];
  return settingsWith(plan, "credential").flatMap(
    ({ change: { address }, before, after }): readonly Matter[] => {
      const [was, now] = [before, after].map((settings) => textOf(block(settings?.webhook).hookId));
      if (was === undefined || after === undefined || now !== undefined) return [];
      const isManual = kindOf(after) === "manual";
      return [
        {
          kind: "hook-left",
          level: isManual ? "attention" : "danger",
          address,
          text: [
            ...phrase`webhook ${was} is not in the plan, so it stays at GitHub and goes on sending: `,
            isManual ? KEPT : KEEP,
          ],
        },
      ];
    },
  );
};

const leftBehind = (plan: Plan): readonly Matter[] =>
  plan.changes
    .filter(({ type }) => HOOKS.has(type))
    .flatMap(({ address, forgets }): readonly Matter[] =>
      forgets ? [{ kind: "hook-left", level: "danger", address, text: [LEFT] }] : [],
    );

/**
 * Deleted by a provider that is no longer configured: without an owner it asks for what belongs to the token's own user.
 * https://registry.terraform.io/providers/integrations/github/latest/docs#argument-reference
 */
const withoutProvider = (plan: Plan): readonly Matter[] => {
  const gone = plan.changes.filter(({ type, action }) => type.startsWith("github_") && action === "delete");
  if (gone.length === 0 || hasProvider(plan)) return [];
  return gone.map(({ address }) => ({
    kind: "hook-left",
    level: "danger",
    address,
    text: [
      'is to be destroyed, and the configuration has no GitHub provider any more: without its owner the apply fails with "is a user", or Terraform forgets it and it stays at GitHub; ' +
        KEEP,
    ],
  }));
};

/** https://docs.github.com/en/actions/how-tos/manage-runners/self-hosted-runners/manage-access#removing-a-self-hosted-runner-group */
const groupGone = (plan: Plan): readonly Matter[] =>
  isStanding(plan)
    ? plan.changes
        .filter(
          ({ type, action, before }) =>
            type === "github_actions_runner_group" &&
            action === "delete" &&
            !endedIn(plan).groups.has(textOf(before.id) ?? ""),
        )
        .map(({ address }) => ({
          kind: "public-access",
          level: "attention",
          address,
          text: [
            "machines that wait for a job are in GitHub's default group, which may serve public repositories, until the next sweep ends them",
          ],
        }))
    : [];

export const events = (plan: Plan): readonly Matter[] => [
  ...gap(plan),
  ...dropped(plan),
  ...groupGone(plan),
  ...leftBehind(plan),
  ...withoutProvider(plan),
];
